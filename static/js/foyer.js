/* Why: small comforts on pages that are complete without script. Nothing here fetches or draws data. */

const body = document.body;
const announcer = document.getElementById("announcer");
const flash = document.getElementById("flash");

function announce(text) {
  announcer.textContent = "";
  requestAnimationFrame(() => { announcer.textContent = text; });
}

function notify(text, look) {
  const notice = document.createElement("div");
  notice.className = `notice ${look}`;
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  flash.replaceChildren(notice);
  flash.scrollIntoView({ block: "nearest" });
}

function isTyping(element) {
  return element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

/* Keyboard: "/" goes to the search box, Escape closes what is open and gives the focus back. */
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("search_text");
  if (event.key === "/" && search && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") {
    const open = event.target.closest("details[open]") || document.querySelector("details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
});
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details[data-menu]")));

/* Theme: the form saves the choice; the page follows at once. */
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]") || !event.submitter) return;
  document.documentElement.dataset.theme = event.submitter.value;
  const other = event.target.querySelector(`button:not([value="${event.submitter.value}"])`);
  if (other) requestAnimationFrame(() => other.focus());
});

/* Copying an address (made whole) or a text as it is: the button appears only where copying works. */
function offerCopying(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    const text = button.dataset.copyText ?? new URL(button.dataset.copy, location.href).href;
    await navigator.clipboard.writeText(text);
    announce(button.dataset.copied);
    if (button.lastChild.nodeType === Node.TEXT_NODE) button.lastChild.textContent = button.dataset.copied;
  } catch {
    notify(body.dataset.textFailed, "error");
  }
});

/* Filters on the phone: showing the results closes the sheet. */
document.addEventListener("click", (event) => {
  if (event.target.closest(".filters-apply")) document.getElementById("filters_sheet").open = false;
});

/* htmx: what was open stays open, the focus stays in what was replaced, news is read out, failures are
   said in words. */
let opened = [];
let focusedIn = "";
let pressed = null;
const holdsFocus = (target) => document.activeElement !== body && target.contains(document.activeElement);
const controls = (place) => [...place.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")];

/* What was pressed: its place (the nearest with an id) and its number among that place's controls. */
function whatIsPressed() {
  const place = document.activeElement.parentElement?.closest("[id]");
  return place && { id: place.id, number: controls(place).indexOf(document.activeElement), of: controls(place).length };
}
/* What stands there now: "Saved" in place of "Save"; in a row with other controls, its first button. */
function inItsPlace(target) {
  const place = pressed && document.getElementById(pressed.id);
  if (!place || !target.contains(place)) return null;
  const now = controls(place);
  if (now.length === pressed.of) return now[pressed.number];
  return place !== target && (now.find((each) => each.matches("button")) || now[0]);
}
body.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  opened = [...document.querySelectorAll("details[id][open]")].map((details) => details.id);
  focusedIn = holdsFocus(target) ? target.id : "";
  pressed = focusedIn ? whatIsPressed() : null;
});
body.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (!holdsFocus(event.detail.target)) return;
  focusedIn = event.detail.target.id;
  pressed = whatIsPressed();
});
body.addEventListener("htmx:afterSettle", () => {
  for (const id of opened) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  const place = focusedIn && document.getElementById(focusedIn);
  if (place && document.activeElement === body) {
    const next = inItsPlace(place);
    if (!next) place.tabIndex = -1;
    (next || place).focus({ preventScroll: true });
  }
});
body.addEventListener("htmx:load", (event) => {
  const added = event.detail.elt;
  offerCopying(added);
  const news = added.matches("[data-announce]") ? added : added.querySelector("[data-announce]");
  if (news && !("announceChanged" in news.dataset && announcer.textContent === news.dataset.announce)) announce(news.dataset.announce);
});
body.addEventListener("htmx:responseError", () => notify(body.dataset.textFailed, "error"));
body.addEventListener("htmx:sendError", () => notify(body.dataset.textOffline, "error"));
body.addEventListener("htmx:timeout", () => notify(body.dataset.textOffline, "error"));
body.addEventListener("foyer:notice", (event) => notify(event.detail.text, event.detail.look || "ok"));

/* What stands at the top as the page opens: a region that is filled already is often not read out. */
const AFTER_OPENING = 700;
const opening = [...flash.children].map((notice) => notice.textContent.trim()).join(" ");
if (opening) setTimeout(() => announce([opening, announcer.textContent].filter(Boolean).join(" ")), AFTER_OPENING);

/* Cancelling a form that was put into its place: it goes, and what opened it has the focus again. */
document.addEventListener("click", (event) => {
  const place = document.getElementById(event.target.closest("a[data-closes]")?.dataset.closes);
  if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  place.replaceChildren();
  document.querySelector(`[hx-target="#${place.id}"]`)?.focus();
});

if (!document.querySelector(".error-summary")) document.querySelector("main [aria-invalid=true]")?.focus();
offerCopying(document);
