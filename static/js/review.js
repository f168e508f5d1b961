/* Why: the review queue can be cleared without the mouse. Each key presses a button or follows a link that
   stands in the list, so that nothing here does what the page cannot do without script. The keys can be
   switched off (WCAG 2.1.4), which this browser remembers. */

const OFF = "review-keys-off";
const results = document.querySelector("[data-review-queue]");
const help = document.getElementById("review_keys");
const button = document.querySelector("[data-review-switch]");
let place = null;

const rows = () => [...results.querySelectorAll("[data-review-row]")];
const current = () => document.activeElement.closest?.("[data-review-row]");
const isOff = () => localStorage.getItem(OFF) === "1";

function focusRow(row) {
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  const row = current();
  const to = row ? all.indexOf(row) + step : 0;
  const next = all[Math.max(0, Math.min(to, all.length - 1))];
  if (next) focusRow(next);
}

function isBusy(event) {
  const { target } = event;
  return event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable
    || /^(input|textarea|select)$/i.test(target.tagName);
}

function press(key) {
  const row = current();
  const control = row?.querySelector(`[data-key="${key}"]`);
  if (!control) return false;
  control.click();
  return true;
}

const MOVES = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (isOff() || isBusy(event)) return;
  const inList = Boolean(current());
  if (event.key in MOVES && (inList || event.key === "j")) move(MOVES[event.key]);
  else if (event.key === "?") focusHelp();
  else if (event.key === "u") results.querySelector(".review-done button")?.click();
  else if (!press(event.key)) return;
  event.preventDefault();
});

function focusHelp() {
  help.tabIndex = -1;
  help.focus();
}

/* After a decision the list is new: the focus goes to what took the row's place. */
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== results) return;
  const row = current();
  place = row ? rows().indexOf(row) : null;
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== results || place === null) return;
  const all = rows();
  const next = all[Math.min(place, all.length - 1)];
  place = null;
  if (next) focusRow(next);
});

function show() {
  button.textContent = isOff() ? button.dataset.textOff : button.dataset.textOn;
}
button.hidden = false;
button.addEventListener("click", () => {
  localStorage.setItem(OFF, isOff() ? "0" : "1");
  show();
});
show();
