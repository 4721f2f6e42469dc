import { initAll } from "./govuk-frontend.js";
import { startLeases } from "./lease.js";
import { startSwaps } from "./swaps.js";

initAll();
startSwaps();
startLeases(document);
document.addEventListener("htmx:load", (event) => startLeases(event.target));
