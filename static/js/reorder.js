/* Why: on the curate page pins can be dragged. The order itself travels in a real form, whose hidden
   order fields stand in the rows; dropping a row submits that form. Without this, buttons move pins.
   No library: the usual ones copy style attributes, which the content security policy refuses. */

const EDGE = 80;
const STEP = 12;

function rowBelow(list, dragged, y) {
  for (const row of list.children) {
    if (row === dragged) continue;
    const box = row.getBoundingClientRect();
    if (y < box.top + box.height / 2) return row;
  }
  return null;
}

function scrollNearEdge(y) {
  if (y < EDGE) scrollBy(0, -STEP);
  if (y > innerHeight - EDGE) scrollBy(0, STEP);
}

function drag(list, row, grip, pointerId) {
  const before = [...list.children];
  const move = (event) => {
    scrollNearEdge(event.clientY);
    const next = rowBelow(list, row, event.clientY);
    if (next === row.nextElementSibling) return;
    list.insertBefore(row, next);
    grip.setPointerCapture(pointerId);
  };
  const finish = (keep) => {
    grip.removeEventListener("pointermove", move);
    row.classList.remove("dragging");
    document.removeEventListener("keydown", escape, true);
    if (!keep) list.replaceChildren(...before);
    else if (before.some((each, place) => each !== list.children[place])) {
      document.getElementById(list.dataset.reorder).requestSubmit();
    }
  };
  const escape = (event) => { if (event.key === "Escape") ended.abort("escaped"); };
  const ended = new AbortController();
  ended.signal.addEventListener("abort", () => finish(ended.signal.reason === "dropped"));
  row.classList.add("dragging");
  grip.setPointerCapture(pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", () => ended.abort("dropped"), { signal: ended.signal });
  grip.addEventListener("pointercancel", () => ended.abort("cancelled"), { signal: ended.signal });
  document.addEventListener("keydown", escape, true);
}

/* What asks for the focus has had it: a list that comes later brings an open form along and leaves the focus. */
document.addEventListener("focusin", (event) => event.target.removeAttribute("autofocus"));

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  const list = grip?.closest("[data-reorder]");
  if (!list || event.button !== 0) return;
  event.preventDefault();
  drag(list, grip.closest("li"), grip, event.pointerId);
});
