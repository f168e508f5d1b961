/* Why: a button that prints the page, shown only where there is script to do it. */

for (const button of document.querySelectorAll("[data-print][hidden]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
