/* Why: a queue is cleared with the keyboard. j and k move between entries, a accepts, r rejects, x chooses;
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
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    go(at + (event.key === "j" ? 1 : -1));
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
