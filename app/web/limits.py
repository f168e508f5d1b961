"""How often somebody may ask: one table, checked before the guard (OWASP ASVS 5.0, 2.4.1, 6.3.1).

Public routes are counted by address, the others by person. Every unsafe request that the table
does not name counts as a write, so that a new route cannot be forgotten. A store that is down lets
everybody through and says so in the log: a portal that stands still would be the greater harm.
"""

import ipaddress
import logging
import math
import time
from dataclasses import dataclass
from enum import StrEnum

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from app import events
from app.config import Config
from app.web.security import SAFE_METHODS
from app.web.viewer import viewer_or_none
from app.web.windows import Window, window_at

log = logging.getLogger(__name__)
_REST = 5.0


class By(StrEnum):
    """Whose requests are counted together."""

    ADDRESS = "address"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` requests a minute of one sender to all routes that share the `group`."""

    group: str
    amount: int
    by: By


# a whole office may come from one address, and it comes at nine o'clock
SIGN_IN = Limit("sign-in", 300, By.ADDRESS)
LINK = Limit("one-time link", 20, By.ADDRESS)
SYSTEMS = Limit("other systems", 600, By.ADDRESS)
CALENDARS = Limit("calendars", 600, By.ADDRESS)
LAUNCHING = Limit("launching", 600, By.ADDRESS)
PROVISIONING = Limit("provisioning", 6000, By.ADDRESS)
SEARCH = Limit("search", 240, By.PERSON)
SUGGESTING = Limit("suggesting", 600, By.PERSON)
ASKING_TOOLS = Limit("asking tools", 120, By.PERSON)
OPENING = Limit("opening", 240, By.PERSON)
LOOKING = Limit("looking", 240, By.PERSON)
CHECKING = Limit("checking", 30, By.PERSON)
TELLING = Limit("telling curators", 20, By.PERSON)
READING_PAGES = Limit("reading pages", 30, By.PERSON)
DOWNLOADING = Limit("downloading", 10, By.PERSON)
MESSAGING = Limit("messaging", 3, By.PERSON)
WRITE = Limit("write", 120, By.PERSON)

LIMITS: dict[str, Limit] = {
    "saml.start": SIGN_IN,
    "saml.acs": SIGN_IN,
    "saml.leave": SIGN_IN,
    "saml.metadata": SIGN_IN,
    "oidc.start": SIGN_IN,
    "oidc.callback": SIGN_IN,
    "oidc.leave": SIGN_IN,
    "sample.sign_in": SIGN_IN,
    "auth.signed_out": SIGN_IN,
    "auth.one_time_link": LINK,
    "notices.ask_to_stop": LINK,
    "notices.stop": LINK,
    "saml.sls": SYSTEMS,
    "oidc.backchannel_logout": SYSTEMS,
    "scim.handle": PROVISIONING,
    "lti.jwks": SYSTEMS,
    "lti.auth": LAUNCHING,
    "lti.auth_posted": LAUNCHING,
    "lti.deep_linking": SYSTEMS,
    "calendar.feed": CALENDARS,
    "certificates.check": CHECKING,
    "lti.pick": OPENING,
    "discover.search": SEARCH,
    "discover.why": SEARCH,
    "home.why": SEARCH,
    "live.answers": ASKING_TOOLS,
    "suggest.index": SUGGESTING,
    "activity.go": OPENING,
    "shown.keep": LOOKING,
    "mydata.callback": OPENING,
    "editing.read": READING_PAGES,
    "governance.look": READING_PAGES,
    "governance.suggest": TELLING,
    "governance.report": TELLING,
    "governance.want": TELLING,
    "signals.download": DOWNLOADING,
    "cohort.send": MESSAGING,
}


def limit_of(endpoint: str | None, method: str) -> Limit | None:
    """Return the limit of a request; None for what may be asked for without one."""
    found = LIMITS.get(endpoint or "")
    return found or (None if method in SAFE_METHODS else WRITE)


def init_app(app: Flask, config: Config) -> None:
    """Count requests before each view; where limits are switched off, nothing is counted."""
    if config.rate_limits:
        app.before_request(_Gate(window_at(config.rate_limit_store)).check)


def sender(by: By) -> str:
    """Return whose request this is; of an IPv6 address the network, which one customer holds."""
    reader = viewer_or_none() if by is By.PERSON else None
    if reader:
        return f"person {reader.id}"
    address = request.remote_addr or ""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


class _Gate:
    """Asks the window, and rests for some seconds when it does not answer."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._rests_until = 0.0

    def check(self) -> None:
        """Let the request pass or raise TooManyRequests."""
        limit = limit_of(request.endpoint, request.method)
        if limit is None or request.routing_exception is not None:
            return
        key = f"{limit.group} {sender(limit.by)}"
        wait = self._wait(key, limit.amount)
        if not wait:
            return
        if not self._wait(f"noted {key}", 1):
            events.too_many.send(None, group=limit.group, by=limit.by.value)
        raise TooManyRequests(retry_after=math.ceil(wait))

    def _wait(self, key: str, amount: int) -> float:
        now = time.monotonic()
        if now < self._rests_until:
            return 0.0
        try:
            return self._window.hit(key, amount, now=now)
        except Exception:
            self._rests_until = now + _REST
            log.warning("requests cannot be counted just now, so nobody is refused", exc_info=True)
            return 0.0
