/* Why: on the curate page pins can be dragged. The order itself travels in a real form, whose hidden
   order fields stand in the rows; dropping a row submits that form. Without this, buttons move pins. */

function makeSortable(list) {
  if (list.dataset.sortable || !window.Sortable) return;
  list.dataset.sortable = "yes";
  list.classList.add("can-drag");
  window.Sortable.create(list, {
    handle: "[data-grip]",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    chosenClass: "dragging",
    ghostClass: "placing",
    onUpdate: () => document.getElementById(list.dataset.reorder).requestSubmit(),
  });
}

function makeAllSortable(root) {
  if (root.matches?.("[data-reorder]")) makeSortable(root);
  for (const list of root.querySelectorAll("[data-reorder]")) makeSortable(list);
}

document.body.addEventListener("htmx:load", (event) => makeAllSortable(event.detail.elt));
makeAllSortable(document);
