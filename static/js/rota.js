// The rota with a pointer or the keyboard: a duty is picked up and dropped on somebody's row, or on another duty. What each
// drop would break is shown at once; what breaks nothing is saved, anything else asks in the panel first. Without scripts every
// duty is a link to its page, where the same can be done.
const SERIOUS = ["hard", "never"];
let held = null;

const part = () => document.getElementById("rota");
const panel = () => document.getElementById("panel");
const shiftOf = (chip) => chip?.getAttribute("href")?.match(/shifts\/([\w-]+)/)?.[1];
const rowOf = (cell) => cell?.closest("tr[data-staff]");
const isByPerson = () => part()?.dataset.by === "person";
const canOpen = matchMedia("(min-width: 60em)");

document.addEventListener("click", openPanel);
document.addEventListener("pointerdown", press);
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:afterSwap", swapped);

// The panel
function openPanel(event) {
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    return closePanel();
  }
  const chip = event.target.closest("#rota a[href^='/staff/rota/shifts/']:not([href*='/shifts/new'])");
  if (!chip || chip.closest("#panel") || event.ctrlKey || event.metaKey || event.shiftKey || !canOpen.matches) return;
  event.preventDefault();
  show(chip.getAttribute("href"), chip);
}

function show(path, from) {
  panel().dataset.from = shiftOf(from) || "";
  return htmx.ajax("GET", path, { target: "#panel", swap: "innerHTML" });
}

function closePanel() {
  const from = panel().dataset.from;
  panel().hidden = true;
  panel().replaceChildren();
  chipOf(from)?.focus();
}

function chipOf(id) {
  return id && [...part().querySelectorAll("a.duty")].find((each) => each.offsetParent && shiftOf(each) === id);
}

function swapped(event) {
  if (event.target.id === "panel") panel().hidden = !panel().childElementCount;
  if (event.target.id === "rota") chipOf(swapped.focus)?.focus();
}

// Who may have it: asked once when it is picked up
async function pickUp(chip) {
  held = { chip, shift: shiftOf(chip), fits: {}, target: null, words: "", level: "" };
  chip.classList.add("is-held");
  const mine = held;
  if (!isByPerson()) return;
  const answer = await fetch(`/staff/rota/shifts/${held.shift}/fits`, { headers: { Accept: "application/json" } });
  if (held !== mine || !answer.ok) return;
  mine.fits = await answer.json();
  for (const cell of columnOf(chip)) cell.classList.add(`fits-${fitOf(cell)?.[0] || "own"}`);
  if (mine.target) aim(mine.target);
}

const fitOf = (cell) => held.fits[rowOf(cell)?.dataset.staff];

function columnOf(chip) {
  const at = chip.closest("td").cellIndex;
  return [...part().querySelectorAll("tr[data-staff]")].map((row) => row.cells[at]);
}

// Where it would go: in the rows of people a cell of the same day, or another duty to exchange with
function targetAt(node) {
  const chip = node?.closest?.("#rota .rota a.duty[data-moves]");
  if (chip && chip !== held.chip) return chip;
  const cell = node?.closest?.("#rota .rota tr[data-staff] td");
  return cell && cell.cellIndex === held.chip.closest("td").cellIndex && cell !== held.chip.closest("td") ? cell : null;
}

// What a drop there means, as the form's fields; on a free place of a row it is giving, on a duty moving or exchanging.
function actAt(target) {
  const isGap = held.chip.classList.contains("duty--gap");
  if (target.matches("a.duty")) {
    const other = shiftOf(target);
    if (isGap && target.classList.contains("duty--gap")) return null;
    if (isGap) return { shift: other, do: "move", with: held.shift };
    return { shift: held.shift, do: target.classList.contains("duty--gap") ? "move" : "exchange", with: other };
  }
  const staff = rowOf(target).dataset.staff;
  if (staff === "nobody") return isGap ? null : { shift: held.shift, do: "open" };
  return { shift: held.shift, do: "give", to: staff };
}

function aim(target) {
  held.target?.classList.remove("is-target");
  held.target = target;
  if (!target) return say("Not here", "");
  target.classList.add("is-target");
  const name = nameAt(target);
  if (target.matches("td")) {
    const [level, words] = fitOf(target) || ["", rowOf(target).dataset.staff === "nobody" ? "Nobody does it then." : "…"];
    return say(name, words, level);
  }
  say(name, "…");
  preview(target);
}

// Two duties: the server says what that breaks, as soon as the pointer rests.
function preview(target) {
  clearTimeout(preview.wait);
  preview.wait = setTimeout(async () => {
    const act = held && actAt(target);
    if (!act) return;
    const answer = await fetch(changeOf(act), { headers: { "HX-Request": "true" } });
    if (!answer.ok || held?.target !== target) return;
    const said = new DOMParser().parseFromString(await answer.text(), "text/html");
    const level = said.querySelector("[data-level]")?.dataset.level;
    say(said.querySelector("h2")?.textContent || "", said.querySelector(".rota-broken__one, .shift__fine")?.textContent || "", level);
  }, 150);
}

function nameAt(target) {
  const row = target.closest("tr");
  const name = row.querySelector("th b").textContent;
  return target.matches("a") ? `${name}, ${target.textContent.trim().replace(/\s+/g, " ")}` : name;
}

function changeOf({ shift, ...fields }) {
  return `/staff/rota/shifts/${shift}/change?${new URLSearchParams(fields)}`;
}

function say(title, words, level = "") {
  const ghost = held.ghost;
  const line = document.createElement("b");
  line.textContent = title;
  ghost.className = `rota-ghost${held.keys ? " rota-ghost--keys" : ""} rota-ghost--${level}`;
  ghost.replaceChildren(line, words);
  if (held.keys) document.getElementById("announcements").textContent = `${title}. ${words}`;
}

// Dropping: first what it breaks; nothing or a pin's worth is done at once, the rest is asked in the panel.
async function drop() {
  const act = held.target && actAt(held.target);
  const chip = held.chip;
  letGo();
  if (!act) return;
  swapped.focus = shiftOf(chip);
  await show(changeOf(act), chip);
  const asked = panel().querySelector("[data-level]");
  if (asked && !SERIOUS.includes(asked.dataset.level)) asked.querySelector("form button")?.click();
}

function letGo() {
  if (!held) return;
  held.chip.classList.remove("is-held");
  held.target?.classList.remove("is-target");
  held.ghost?.remove();
  clearTimeout(preview.wait);
  for (const cell of part().querySelectorAll("[class*='fits-']")) cell.className = "";
  held = null;
}

function makeGhost() {
  const ghost = document.createElement("div");
  ghost.className = "rota-ghost";
  ghost.setAttribute("aria-hidden", "true");
  document.body.append(ghost);
  return ghost;
}

// With a pointer
function press(event) {
  const chip = event.target.closest?.("#rota .rota a.duty[data-moves]");
  if (!chip || event.button || event.pointerType === "touch" || held) return;
  const turn = new AbortController();
  const on = (name, act) => window.addEventListener(name, act, { signal: turn.signal });
  chip.addEventListener("dragstart", (each) => each.preventDefault(), { signal: turn.signal });
  on("pointermove", (moved) => {
    if (!held && Math.hypot(moved.clientX - event.clientX, moved.clientY - event.clientY) < 6) return;
    if (!held) begin(chip, false);
    follow(moved);
  });
  on("pointerup", () => end(true));
  on("pointercancel", () => end(false));
  on("keydown", (each) => each.key === "Escape" && end(false));

  function end(isMeant) {
    turn.abort();
    if (!held) return;
    const stop = (click) => (click.preventDefault(), click.stopPropagation());
    window.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", stop, { capture: true }));
    isMeant ? drop() : letGo();
  }
}

function begin(chip, keys) {
  pickUp(chip);
  held.keys = keys;
  held.ghost = makeGhost();
  document.getSelection()?.removeAllRanges();
}

function follow({ clientX, clientY }) {
  const left = Math.min(clientX + 14, innerWidth - 376);
  held.ghost.style.left = `${left}px`;
  held.ghost.style.top = `${clientY + 16}px`;
  if (clientY > innerHeight - 50) scrollBy(0, 24);
  if (clientY < 50) scrollBy(0, -24);
  const target = targetAt(document.elementFromPoint(clientX, clientY));
  if (target !== held.target || !held.ghost.childElementCount) aim(target);
}

// With the keyboard
const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

function onKey(event) {
  if (held?.keys) return carry(event);
  if (event.key === "Escape" && panel() && !panel().hidden) return closePanel();
  const chip = event.target.closest?.("#rota .rota a.duty[data-moves]");
  if (event.key !== " " || !chip) return;
  event.preventDefault();
  begin(chip, true);
  say("Picked up", "Arrows move it, Enter drops it, Escape lets go.");
}

function carry(event) {
  if (event.key === "Tab") return letGo();
  if (!(event.key in STEPS) && !["Enter", " ", "Escape"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Escape") {
    letGo();
    document.getElementById("announcements").textContent = "Let go. Nothing has changed.";
  } else if (event.key in STEPS) {
    const target = next(event.key);
    if (target) aim(target);
    target?.scrollIntoView({ block: "nearest" });
  } else drop();
}

// Up and down from row to row of the same day, left and right among the duties of the row that is aimed at; by place, duty to duty.
function next(key) {
  const isAcross = key === "ArrowLeft" || key === "ArrowRight";
  const from = held.target || held.chip;
  const all = !isByPerson()
    ? [...part().querySelectorAll(".rota a.duty[data-moves]")].filter((each) => each !== held.chip)
    : isAcross
      ? [...from.closest("tr").querySelectorAll("a.duty[data-moves]")].filter((each) => each !== held.chip)
      : columnOf(held.chip).filter((each) => each !== held.chip.closest("td"));
  const at = all.indexOf(from);
  if (at >= 0) return all[(at + STEPS[key] + all.length) % all.length];
  const isAfter = (each) => from.closest("td").compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING;
  const after = all.filter(isAfter);
  return STEPS[key] > 0 ? after[0] || all[0] : all[all.length - after.length - 1] || all.at(-1);
}
