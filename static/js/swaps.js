// What htmx leaves to us after it has replaced a part of the page.
import { initAll } from "./govuk-frontend.js";

export function startSwaps() {
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) initAll({ scope: event.target });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    announce(event.target);
    moveFocus(event.target);
  });
  document.addEventListener("htmx:responseError", () => say("Something went wrong. Please try again."));
  document.addEventListener("htmx:sendError", () => say("There is no connection. Please try again."));
}

// A replaced part may carry the words to speak: <p data-announce>24 sessions found</p>.
function announce(part) {
  const words = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
  if (words) say(words.textContent.trim().replace(/\s+/g, " "));
}

function say(words) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = words;
}

// A refused form brings its summary of problems: a reader has to land there. Else a part may ask for it (data-focus).
function moveFocus(part) {
  const target = part.querySelector?.(".govuk-error-summary, [data-focus]");
  if (!target) return;
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus();
}
