"""A client that checks every HTML page it is given, and finds things in it as a reader would."""

from urllib.parse import urlsplit

import html5lib
from itsdangerous import URLSafeTimedSerializer

_FIELDS = ("input", "select", "textarea")


class Page:
    """One checked answer. `status`, `html` (the text), `root` (the tree), `headers`."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.get_data().decode(errors="replace")
        response.close()
        self.location = response.headers.get("Location")
        if response.mimetype == "text/html" and self.html:
            self.root = _parsed(self.html)
            _check(self.root, whole=self.html.lstrip().lower().startswith("<!doctype"))

    def all(self, tag, **attributes):
        """Return the elements with this tag and these attributes (class_ matches one class)."""
        wanted = attributes.pop("class_", None)
        found = [
            element
            for element in self.root.iter(tag)
            if all(element.get(k.replace("_", "-")) == v for k, v in attributes.items())
        ]
        if wanted is None:
            return found
        return [element for element in found if wanted in (element.get("class") or "").split()]

    def texts(self, tag, **attributes):
        """Return the visible texts of these elements, white space folded."""
        return [text_of(element) for element in self.all(tag, **attributes)]

    def text(self, tag, **attributes):
        """Return the text of the first of these elements."""
        return self.texts(tag, **attributes)[0]

    def by_id(self, name):
        """Return the element with this id, or None."""
        return next((e for e in self.root.iter() if e.get("id") == name), None)

    def links(self):
        """Return the addresses of all links."""
        return [a.get("href") for a in self.root.iter("a") if a.get("href")]

    @property
    def words(self):
        """Return everything that can be read on the page, white space folded."""
        return text_of(self.root)


def text_of(element):
    """Return the text inside an element, white space folded."""
    return " ".join("".join(element.itertext()).split())


class PageClient:
    """Wraps Flask's test client; every HTML answer is checked before a test sees it."""

    def __init__(self, app):
        self.app = app
        self.http = app.test_client()

    def get(self, url, **options):
        """Return the checked page at the address."""
        return Page(self.http.get(url, **options))

    def htmx(self, url, target, **headers):
        """Return what htmx would get that asks for the element called `target`."""
        return self.get(url, headers={"HX-Request": "true", "HX-Target": target, **headers})

    def post(self, url, data=None, *, htmx_target=None, **options):
        """Send a form with its CSRF token, as a browser or (with a target) as htmx."""
        headers = options.pop("headers", {})
        if htmx_target:
            headers |= {"HX-Request": "true", "HX-Target": htmx_target}
        data = {**(data or {}), "csrf_token": self.csrf_token()}
        return Page(self.http.post(url, data=data, headers=headers, **options))

    def follow(self, page):
        """Return the page that a redirect leads to."""
        parts = urlsplit(page.location)
        return self.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def csrf_token(self):
        """Return a token that fits this client's cookie."""
        with self.http.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0" * 40)
        return URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw)


def _parsed(html):
    whole = html.lstrip().lower().startswith("<!doctype")
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    return parser.parse(html) if whole else parser.parseFragment(html)


def _check(root, *, whole):
    _check_no_inline(root)
    _check_ids(root)
    _check_labels(root)
    for form in root.iter("form"):
        assert form.get("action"), "a form has no action, so it fails without JavaScript"
    if whole:
        _check_heading(root)


def _check_no_inline(root):
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        bad = [name for name in element.keys() if name.startswith("on") or name == "style"]  # noqa: SIM118
        assert not bad, f"<{element.tag}> carries {bad}, which the CSP forbids"
        if element.tag == "script":
            assert element.get("src"), "an inline script, which the CSP forbids"
        assert element.tag != "style", "an inline style sheet, which the CSP forbids"


def _check_ids(root):
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    twice = {name for name in ids if ids.count(name) > 1}
    assert not twice, f"ids that stand twice: {twice}"


def _check_labels(root):
    named = {label.get("for") for label in root.iter("label")}
    inside = {id(field) for label in root.iter("label") for field in label.iter()}
    for tag in _FIELDS:
        for field in root.iter(tag):
            if field.get("type") in {"hidden", "submit"}:
                continue
            labelled = field.get("aria-label") or field.get("aria-labelledby")
            assert labelled or field.get("id") in named or id(field) in inside, (
                f"the field {field.get('name')} has no label"
            )


def _check_heading(root):
    headings = [text_of(h1) for h1 in root.iter("h1")]
    assert len(headings) == 1, f"a page has one h1, not {headings}"
    title = text_of(next(root.iter("title")))
    assert title.split(" · ")[0], "the page has no title"
    assert root.get("lang"), "the page does not say its language"
