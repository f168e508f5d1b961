/* Why: a shelf of recommendations counts as looked at once half of it, or half of the window where it is
   taller, was in view for a second without a break. htmx then sends the form that the shelf carries. */

const LONG_ENOUGH = 1000;
const STEPS = Array.from({ length: 21 }, (_, step) => step / 20);
const inView = new Set();
const timers = new Map();
const observer = new IntersectionObserver((entries) => entries.forEach(follow), { threshold: STEPS });

function isInView({ boundingClientRect, intersectionRect }) {
  const enough = Math.min(boundingClientRect.height, innerHeight) / 2;
  return intersectionRect.height > 0 && intersectionRect.height >= enough;
}

function follow(entry) {
  if (isInView(entry)) {
    inView.add(entry.target);
    start(entry.target);
  } else {
    inView.delete(entry.target);
    stop(entry.target);
  }
}

function start(shelf) {
  if (document.hidden || timers.has(shelf)) return;
  timers.set(shelf, setTimeout(() => tell(shelf), LONG_ENOUGH));
}

function stop(shelf) {
  clearTimeout(timers.get(shelf));
  timers.delete(shelf);
}

function tell(shelf) {
  observer.unobserve(shelf);
  inView.delete(shelf);
  timers.delete(shelf);
  for (const form of shelf.querySelectorAll(":scope > form[data-seen]")) htmx.trigger(form, "foyer:seen");
}

function watch(root) {
  if (root.matches?.("form[data-seen]")) observer.observe(root.parentElement);
  for (const form of root.querySelectorAll("form[data-seen]")) observer.observe(form.parentElement);
}

document.addEventListener("visibilitychange", () => inView.forEach(document.hidden ? stop : start));
document.body.addEventListener("htmx:load", (event) => watch(event.detail.elt));
watch(document);
