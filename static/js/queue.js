/* Why: a queue is cleared with the keyboard. j and k move between entries as in the review queue, a accepts, r rejects, x chooses;
   only while an entry has the focus, so that nobody who dictates or types meets them by chance (WCAG 2.1.4). */

let place = 0;
const entries = () => [...document.querySelectorAll("[data-queue] > [data-entry]")];

function go(step) {
  const all = entries();
  if (!all.length) return;
  place = Math.min(Math.max(step, 0), all.length - 1);
  all[place].focus();
}

function isTyping(element) {
  return /^(textarea|select)$/i.test(element.tagName) || (element.tagName === "INPUT" && element.type !== "checkbox");
}

document.addEventListener("keydown", (event) => {
  const entry = event.target.closest("[data-entry]");
  if (!entry || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = entries().indexOf(entry);
  const act = { a: "[data-key='a']", r: "[data-key='r']", x: "[data-choose]" }[event.key];
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    go(at + step);
  } else if (act) {
    event.preventDefault();
    place = at;
    entry.querySelector(act)?.click();
  }
});

/* After an answer the list is another one: the focus goes to the entry that took the answered one's place. */
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "queue") go(place);
});
document.addEventListener("focusin", (event) => {
  const entry = event.target.closest("[data-entry]");
  if (entry) place = Math.max(entries().indexOf(entry), 0);
});
if (document.activeElement === document.body && !location.hash) go(0);
