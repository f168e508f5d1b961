"""A page that is used with Tab, Enter, arrows and typing alone; the mouse stays where it is."""

import re

from playwright.sync_api import expect

MOST_TABS = 150
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"
FOCUS = """scope => {
    const here = document.activeElement;
    if (here === document.body || !here.matches(scope)) return null;
    const label = here.labels?.[0]?.innerText ?? "";
    const said = here.getAttribute("aria-label") || label || here.innerText;
    return said.replace(/\\s+/g, " ").trim();
}"""


class Keyboard:
    """The keyboard of a page: `press("^Publish$")` tabs to what is called so and presses it."""

    def __init__(self, page):
        self.page = page

    def tab_to(self, name, within="*"):
        """Press Tab until what is called `name`, and fits the selector `within`, has the focus.

        What htmx is still putting into the page comes first, since it may move the focus.
        """
        expect(self.page.locator(BUSY)).to_have_count(0)
        for _press in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            said = self.page.evaluate(FOCUS, within)
            if said is not None and re.search(name, said):
                return
        raise AssertionError(f"no Tab leads to {name}")

    def press(self, name, key="Enter", within="*"):
        """Go to a link or a button and press it."""
        self.tab_to(name, within)
        self.page.keyboard.press(key)

    def write(self, name, text, within="input, textarea"):
        """Go to a field and write into it, in place of what stands there."""
        self.tab_to(name, within)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, name, first_letters):
        """Go to a list of choices and take the one that begins with these letters."""
        self.tab_to(name, "select")
        self.page.keyboard.type(first_letters)

    def date(self, name, digits):
        """Go to a day and type it part by part; some browsers ask for the month first."""
        self.tab_to(name, "input[type=date]")
        self.page.keyboard.type(digits)
