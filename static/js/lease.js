// Counts down how long a place is kept: <p data-lease data-until="2027-01-12T10:10:00Z">.
// The page says the local time by itself; this only adds the minutes, and speaks at five, two and one minutes and at the end.
const SPOKEN = [5, 2, 1];

export function startLeases(root) {
  root.querySelectorAll("[data-lease]").forEach((element) => {
    if (element.dataset.started) return;
    element.dataset.started = "yes";
    countDown(element);
  });
}

function countDown(element) {
  const until = Date.parse(element.dataset.until);
  const shown = element.querySelector("[data-lease-left]");
  const spoken = element.querySelector("[data-lease-spoken]");
  let before = Infinity;

  function tick() {
    if (!element.isConnected) return clearInterval(timer);
    const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
    shown.textContent = seconds ? words(seconds) : "The time is up";
    const minute = SPOKEN.find((m) => before > m * 60 && seconds <= m * 60 && seconds > 0);
    if (minute) spoken.textContent = `Your place is kept for ${minute} more ${minute === 1 ? "minute" : "minutes"}.`;
    if (seconds === 0) {
      spoken.textContent = element.dataset.over;
      element.classList.add("lease--over");
      clearInterval(timer);
    }
    before = seconds;
  }

  const timer = setInterval(tick, 1000);
  shown.hidden = false;
  before = (until - Date.now()) / 1000;
  tick();
}

function words(seconds) {
  if (seconds < 60) return `${seconds} ${seconds === 1 ? "second" : "seconds"} left`;
  const minutes = Math.ceil(seconds / 60);
  return `${minutes} ${minutes === 1 ? "minute" : "minutes"} left`;
}
