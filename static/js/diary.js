// The diary with a pointer: drag over free time to book it, a booking to another time or room, or its far edge to lengthen it.
// Each ends on the form that the links lead to, where clashes are shown before anything is saved; so nothing needs dragging.
const STEP = 15;
const FAR_EDGE = 10;
const AN_HOUR = 60;
const diary = document.querySelector(".diary[data-minutes]");
const isWide = matchMedia("(min-width: 60em)");

if (diary) {
  diary.addEventListener("pointerdown", begin);
  diary.addEventListener("click", aim);
}

// A click on free time books from the half hour that was clicked, an hour at most; with a keyboard it is the whole free time.
function aim(event) {
  const link = event.target.closest(".free__link");
  if (!link || !event.detail || !isWide.matches) return;
  const whole = link.getAttribute("href");
  const address = new URL(link.href);
  const [opens, closes] = ["start", "end"].map((name) => minutesOf(address.searchParams.get(name)));
  const clicked = minutesAt(event, link.closest(".lane")) + firstMinute();
  const start = Math.max(opens, Math.min(Math.floor(clicked / 30) * 30, closes - STEP));
  const end = Math.min(start + AN_HOUR, closes);
  link.href = `/staff/rooms/book?${asked(link.closest(".lane").dataset, start - firstMinute(), end - firstMinute())}`;
  setTimeout(() => link.setAttribute("href", whole)); // for whoever comes back to this page
}

const minutesOf = (time) => 60 * Number(time.slice(0, 2)) + Number(time.slice(3, 5));
const firstMinute = () => 60 * Number(diary.dataset.hour);

function begin(event) {
  if (event.button || event.pointerType === "touch" || !isWide.matches) return;
  const lane = event.target.closest(".lane");
  if (!lane) return;
  const block = event.target.closest("[data-moves]");
  if (block) follow(event, block, grip(event, block));
  else if (!event.target.closest(".use")) follow(event, null, paint(event, lane));
}

// Minutes from the begin of the window to the pointer.
function minutesAt(event, lane) {
  const box = lane.getBoundingClientRect();
  const part = isDown() ? (event.clientY - box.top) / box.height : (event.clientX - box.left) / box.width;
  return Math.min(Math.max(part, 0), 1) * total();
}

const sizeOfMinute = (lane) => (isDown() ? lane.clientHeight : lane.clientWidth) / total();
const isDown = () => diary.dataset.axis === "y";
const total = () => Number(diary.dataset.minutes);
const step = (minutes) => Math.round(minutes / STEP) * STEP;

// New time: from where the pointer went down to where it is.
function paint(event, lane) {
  const from = Math.floor(minutesAt(event, lane) / STEP) * STEP;
  return {
    at(moved) {
      const to = minutesAt(moved, lane);
      const start = Math.min(from, Math.floor(to / STEP) * STEP);
      return { lane, start, end: Math.max(from + STEP, Math.ceil(to / STEP) * STEP) };
    },
    go: ({ lane: { dataset }, start, end }) => `/staff/rooms/book?${asked(dataset, start, end)}`,
  };
}

// A booking: by its far edge longer or shorter, else to another time, day or room.
function grip(event, block) {
  const home = block.closest(".lane");
  const what = block.querySelector(".use__what");
  const style = getComputedStyle(what);
  const minutes = (hours, rest) => 60 * Number(style.getPropertyValue(hours)) + Number(style.getPropertyValue(rest));
  const [begins, lasts] = [minutes("--h", "--m"), minutes("--l", "--n")];
  const grasped = minutesAt(event, home) - begins;
  const isLonger = (lasts - grasped) * sizeOfMinute(home) < FAR_EDGE;
  return {
    at(moved) {
      if (isLonger) return { lane: home, start: begins, end: Math.max(step(minutesAt(moved, home)), begins + STEP) };
      const lane = laneUnder(moved) || home;
      const start = Math.max(step(minutesAt(moved, lane) - grasped), 0);
      return { lane, start, end: start + lasts };
    },
    go: ({ lane: { dataset }, start, end }) => `${formOf(what)}?${asked(dataset, start, end)}`,
    what,
  };
}

// A booking's page is its form; a session is moved on a page of its own.
function formOf(what) {
  return what.getAttribute("href").replace(/^\/staff\/sessions\/[^/]+$/, "$&/move");
}

function laneUnder(event) {
  return document.elementsFromPoint(event.clientX, event.clientY).find((each) => each.matches(".lane"));
}

function asked({ room, date }, start, end) {
  return new URLSearchParams({ room, date, start: wallTime(start), end: wallTime(end) });
}

function wallTime(minutes) {
  const from = Math.min(firstMinute() + minutes, 24 * 60 - 1);
  return [Math.floor(from / 60), from % 60].map((n) => String(n).padStart(2, "0")).join(":");
}

// From the first real movement a ghost shows what would be asked for; a click without one stays the link that it is.
function follow(begun, block, drag) {
  let ghost = null;
  let wanted = null;
  const turn = new AbortController();
  const on = (name, act) => window.addEventListener(name, act, { signal: turn.signal });
  begun.target.closest("a")?.addEventListener("dragstart", (event) => event.preventDefault(), { signal: turn.signal });
  on("pointermove", (event) => {
    if (!ghost && Math.hypot(event.clientX - begun.clientX, event.clientY - begun.clientY) < 6) return;
    if (!ghost) ghost = makeGhost(drag.what);
    wanted = drag.at(event);
    show(ghost, wanted);
  });
  on("pointerup", () => end(true));
  on("pointercancel", () => end(false));
  on("keydown", (event) => event.key === "Escape" && end(false));

  function end(isMeant) {
    turn.abort();
    if (!ghost) return;
    ghost.remove();
    drag.what?.classList.remove("is-dragged");
    window.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", stop, { capture: true }));
    if (isMeant && wanted) location.assign(drag.go(wanted));
  }
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

function makeGhost(what) {
  what?.classList.add("is-dragged");
  const ghost = document.createElement("li");
  ghost.className = "diary-ghost";
  ghost.setAttribute("aria-hidden", "true");
  document.getSelection()?.removeAllRanges();
  return ghost;
}

function show(ghost, { lane, start, end }) {
  if (ghost.parentNode !== lane) lane.append(ghost);
  const [from, size] = isDown() ? ["top", "height"] : ["left", "width"];
  ghost.style[from] = `${(100 * start) / total()}%`;
  ghost.style[size] = `${(100 * (end - start)) / total()}%`;
  ghost.textContent = `${wallTime(start)} to ${wallTime(end)}`;
}
