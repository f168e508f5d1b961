"""Reads the authentication request with which a tool answers a launch (LTI Security 1.0, 5.1.1.2).

What is wrong with it goes back to the tool only once client and redirect URI are known to belong
together; before that nobody is believed about where to send a browser.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields

from werkzeug.datastructures import MultiDict

from app.errors import FoyerError, Untrusted, Wording

UNKNOWN = Wording("This launch was not begun here, or the tool asks for something else.")
_LONGEST = 2000


class Declined(FoyerError):
    """The request of a known tool cannot be granted: an error code of OpenID Connect, and why."""

    def __init__(self, code: str, reason: str) -> None:
        """Keep both; the reason is told to the tool and to the audit log."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The parameters of an authentication request (OpenID Connect Core 1.0, 3.1.2.1)."""

    scope: str = ""
    response_type: str = ""
    response_mode: str = ""
    prompt: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    login_hint: str = ""
    lti_message_hint: str = ""
    nonce: str = ""
    state: str = ""

    def as_query(self) -> dict[str, str]:
        """Return the parameters that were sent, to be asked with once more."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value}


def read(values: "MultiDict[str, str]") -> Asked:
    """Return the request; raise Untrusted for a parameter that stands twice or is too long."""
    found: dict[str, str] = {}
    for name in (each.name for each in fields(Asked)):
        given = values.getlist(name)
        if len(given) > 1:
            raise Untrusted(UNKNOWN, f"{name} stands in the request {len(given)} times")
        if given and len(given[0]) > _LONGEST:
            raise Untrusted(UNKNOWN, f"{name} is too long")
        if given:
            found[name] = given[0]
    return Asked(**found)


def check_redirect(asked: Asked, allowed: Collection[str]) -> None:
    """Raise Untrusted unless the redirect URI is one of the tool's, letter by letter."""
    if asked.redirect_uri not in allowed:
        raise Untrusted(UNKNOWN, "redirect_uri is not registered")


def check_form(asked: Asked) -> None:
    """Raise Declined unless the request is the one kind that LTI has."""
    wanted = {
        "response_type": ("id_token", "unsupported_response_type"),
        "scope": ("openid", "invalid_scope"),
        "response_mode": ("form_post", "invalid_request"),
        "prompt": ("none", "invalid_request"),
    }
    for name, (value, code) in wanted.items():
        if getattr(asked, name) != value:
            raise Declined(code, f"{name} must be {value}")
    for name in ("nonce", "login_hint", "lti_message_hint"):
        if not getattr(asked, name):
            raise Declined("invalid_request", f"{name} is missing")
