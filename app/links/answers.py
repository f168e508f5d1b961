"""What an address that was asked for says of the link: pure, over what was heard.

HTTP says less than one would like. A page to sign in on means that the address is known there, so
it never means that something is broken (measured: a Moodle answers visitors with 303 for what is
there and what is hidden alike). A permanent redirect is followed once. A status of 200 is believed:
that a page behind it says “not found” only the tool's own interface can tell.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urljoin, urlsplit

from app.errors import Wording
from app.links.states import Finding

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
_CLOSED = frozenset({401, 402, 403, 407, 451})
_MISSING = frozenset({404, 410})
_PASSING = frozenset({408, 425, 429})
_SIGN_IN = re.compile(
    r"(?:^|[/._-])(?:log[-_]?in|log[-_]?on|sign[-_]?in|sign[-_]?on|sso|saml2?|oauth2?|oidc|openid|adfs|auth"
    r"|authorize|authenticate|wp-login\.php|cas|shibboleth(?:\.sso)?|idp|enrol)(?:$|[/._-])",
    re.IGNORECASE,
)
_SIGN_IN_HOST = re.compile(
    r"^(?:login|logon|signin|sso|auth|idp|adfs|accounts|id)\b|\.(?:okta|auth0|onelogin)\.com$"
)
_SIGN_IN_TITLE = re.compile(r"(?:^|[=:])(?:special:)?(?:user)?log-?in\b", re.IGNORECASE)
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Heard:
    """What one address answered; `status` is 0 where there was no answer, for `why`.

    `refused` says that it was Foyer itself that would not ask. `wait` is what the other side asked
    for before the next question.
    """

    status: int
    location: str = ""
    wait: timedelta | None = None
    etag: str = ""
    why: Wording | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found, in a sentence too. `moved_to` is the new address where it has moved."""

    finding: Finding
    said: Wording
    status: int | None = None
    moved_to: str = ""
    wait: timedelta | None = None
    etag: str = ""


Ask = Callable[[str], Heard]


def look(url: str, ask: Ask) -> Found:
    """Return what asking for an address, and once for where it leads, says of the link."""
    first = ask(url)
    if first.status not in REDIRECTS or not first.location:
        return _direct(first)
    target = _whole(url, first.location)
    if target is None:
        said = Wording("It leads on to an address that cannot be read.")
        return Found(finding=Finding.UNCLEAR, said=said, status=first.status)
    if asks_to_sign_in(target):
        return _behind_sign_in(first)
    if target == url or not _may_follow(url, target):
        return _leads_on(first)
    return _followed(url, target, first, ask(target))


def asks_to_sign_in(address: str) -> bool:
    """Tell whether an address looks like that of a page to sign in on."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    return bool(
        _SIGN_IN_HOST.search(host)
        or _SIGN_IN.search(parts.path)
        or _SIGN_IN_TITLE.search(parts.query)
    )


def _direct(heard: Heard) -> Found:
    """Return what an answer says that leads nowhere else."""
    if heard.refused:
        said = Wording("Foyer does not ask there: %(why)s", why=heard.why or "")
        return Found(finding=Finding.UNCLEAR, said=said)
    if not heard.status:
        said = Wording("No answer: %(why)s", why=heard.why or "")
        return Found(finding=Finding.TROUBLE, said=said, wait=heard.wait)
    status = heard.status
    finding, said = _meaning(status)
    return Found(finding=finding, said=said, status=status, wait=heard.wait, etag=heard.etag)


def _meaning(status: int) -> tuple[Finding, Wording]:
    """Return what a status means (RFC 9110, 15), and the sentence that says it."""
    if 200 <= status < 300 or status == 304:
        return Finding.LIVE, Wording("The address opens.")
    if status in REDIRECTS:
        return Finding.LIVE, Wording("The address leads on.")
    if status in _MISSING:
        return Finding.MISSING, Wording(
            "The address answers that there is nothing (status %(status)s).", status=status
        )
    if status in _CLOSED:
        return Finding.CLOSED, Wording(
            "The address lets nobody in who is not known (status %(status)s).", status=status
        )
    if status in _PASSING or 500 <= status < 600:
        return Finding.TROUBLE, Wording(
            "The other side has trouble, or is busy (status %(status)s).", status=status
        )
    return Finding.UNCLEAR, Wording(
        "The answer says nothing of the link (status %(status)s).", status=status
    )


def _behind_sign_in(heard: Heard) -> Found:
    said = Wording("The address asks to sign in, and Foyer cannot look behind that.")
    return Found(finding=Finding.CLOSED, said=said, status=heard.status)


def _leads_on(heard: Heard) -> Found:
    said = Wording("The address leads on, as one does that is known there.")
    return Found(finding=Finding.LIVE, said=said, status=heard.status)


def _followed(url: str, target: str, first: Heard, second: Heard) -> Found:
    """Return what it means that an address leads to another one, which answered."""
    direct = _direct(second)
    permanent = first.status in PERMANENT
    if second.status in REDIRECTS and second.location:
        onward = _whole(target, second.location) or ""
        if onward in {url, target}:  # a wall that wants a cookie before it lets anybody pass
            return _leads_on(first)
    if direct.finding is not Finding.LIVE:
        if direct.finding is Finding.UNCLEAR:
            return _leads_on(first)
        return direct
    if not permanent:
        return _leads_on(first)
    if _only_up(url, target):
        said = Wording(
            "The address leads to a start page (%(address)s). Perhaps what was there is gone.",
            address=target[:200],
        )
        return Found(finding=Finding.UNCLEAR, said=said, status=first.status)
    if _same_place(url, target):
        return _leads_on(first)
    said = Wording("It has moved to %(address)s", address=target[:200])
    return Found(finding=Finding.MOVED, said=said, status=first.status, moved_to=target)


def may_rewrite(url: str, target: str) -> bool:
    """Tell whether a stored address may be replaced without asking anybody.

    Only within one site: an address that leads to another one may have changed hands.
    """
    here, there = _site(urlsplit(url)), _site(urlsplit(target))
    return bool(here) and here == there and _may_follow(url, target)


def _whole(url: str, location: str) -> str | None:
    try:
        whole = urljoin(url, location.strip())
        parts = urlsplit(whole)
        _port = parts.port
    except ValueError:
        return None
    bad = parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc
    return None if bad or len(whole) > LONGEST else whole


def _may_follow(url: str, target: str) -> bool:
    """Tell whether following is no step from https back to http."""
    return urlsplit(url).scheme != "https" or urlsplit(target).scheme == "https"


def _same_place(url: str, target: str) -> bool:
    """Tell whether two addresses differ in their query or fragment alone."""
    return urlsplit(url)[:3] == urlsplit(target)[:3]


def _only_up(url: str, target: str) -> bool:
    """Tell whether the target is the start page of a site, or a folder above what was asked for.

    Many sites send there whoever asks for what they have taken away.
    """
    asked, got = urlsplit(url), urlsplit(target)
    path, above = asked.path.rstrip("/"), got.path.rstrip("/")
    if got.query or path == above:
        return False
    if not above:
        return bool(path) or bool(asked.query)
    return _site(asked) == _site(got) and path.startswith(f"{above}/")


def _site(parts: SplitResult) -> tuple[str, int | None]:
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").lower().removeprefix("www.")
    return (host, None if parts.port in {None, usual} else parts.port) if host else ("", None)
