/* Why: the search box as a combobox with a list of suggestions, after the WAI-ARIA Authoring Practices
   ("Editable Combobox With List Autocomplete", nothing selected by itself). htmx fetches the list, which
   is made of links; without script the form is a plain search.
   On the search page the results below follow the typing by themselves, so there the list waits for an
   arrow key. */

const input = document.querySelector("[data-combobox]");

function combobox(list) {
  const follows = input.getAttribute("hx-trigger").startsWith("input");
  let wanted = false;
  let first = "";
  let active = null;

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const isFresh = () => list.firstElementChild?.dataset.for === input.value.trim();

  function activate(option) {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    if (!active) return input.removeAttribute("aria-activedescendant");
    active.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  }

  function show() {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (first) activate(options().at(first === "ArrowDown" ? 0 : -1));
    first = "";
  }

  function close() {
    wanted = false;
    first = "";
    activate(null);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function ask(key = "") {
    wanted = true;
    first = key;
    if (isFresh() && options().length) show();
    else htmx.trigger(input, "foyer:suggest");
  }

  /* The text field is the place before the first and behind the last option. */
  function move(key) {
    const places = [null, ...options()];
    const step = key === "ArrowDown" ? 1 : places.length - 1;
    activate(places[(places.indexOf(active) + step) % places.length]);
  }

  function clear() {
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  const keys = {
    ArrowDown: (event) => (list.hidden ? ask(event.altKey ? "" : event.key) : move(event.key)),
    ArrowUp: (event) => {
      if (event.altKey) close();
      else if (list.hidden) ask(event.key);
      else move(event.key);
    },
    Home: () => active && activate(options().at(0)),
    End: () => active && activate(options().at(-1)),
    Enter: () => active?.click(),
    Escape: () => (list.hidden ? input.value && clear() : close()),
  };

  /* What a key means to the list is not done by the text field as well. */
  function isOurs(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    if (event.key === "Escape") return !list.hidden || input.value !== "";
    return ["ArrowDown", "ArrowUp"].includes(event.key) || (active && ["Home", "End", "Enter"].includes(event.key));
  }

  input.addEventListener("keydown", (event) => {
    if (isOurs(event)) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key](event);
    } else if (["Tab", "Enter"].includes(event.key)) close();
    else if (["ArrowLeft", "ArrowRight"].includes(event.key)) activate(null);
  });
  input.addEventListener("input", () => {
    activate(null);
    if (follows) wanted = true;
    else close();
  });
  input.addEventListener("click", () => {
    if (follows && list.hidden && !input.value) ask();
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);

  list.addEventListener("htmx:afterSwap", () => {
    activate(null);
    const due = wanted && document.activeElement === input && options().length > 0;
    if (due) show();
    else close();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option || event.ctrlKey || event.metaKey) return;
    close();
    if (!("search" in option.dataset)) return;
    event.preventDefault();
    input.form.requestSubmit();
  });
  window.addEventListener("pageshow", close);

  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);
}

/* What nobody asked for by a click fails in silence. */
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (event.target.closest?.("[data-quiet]")) event.stopPropagation();
  }, true);
}

if (input) combobox(document.getElementById(input.dataset.combobox));
