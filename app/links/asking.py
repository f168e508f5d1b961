"""Asks addresses for their headers: by HEAD, and by GET where HEAD is not answered well.

Many servers refuse HEAD or answer it wrongly, so that only what is good about its answer counts.
A GET says what it has seen before (If-None-Match), and nothing of its body is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx

from app.connectors.answers import Answer, retry_after
from app.errors import Unavailable, Wording, said_by
from app.links.answers import REDIRECTS, Found, Heard, look
from app.links.pace import Pace, host_of
from app.outbound import Fetched, OutboundRefused, glance

TIMEOUT = timedelta(seconds=15)
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_HEADERS = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en, *;q=0.5"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks addresses at the pace of their hosts, with a client that goes where Foyer may go."""

    client: httpx.Client
    pace: Pace
    ending: Callable[[], None] = lambda: None

    def look(self, url: str, etag: str = "") -> Found:
        """Return what the address says of the link; raise HostRests for a host that rests.

        `etag` is what a GET of this address told the last time. `ending` is asked before each
        question, and raises to end the job.
        """
        plain = _without_fragment(url)
        return look(plain, lambda address: self._heard(address, etag if address == plain else ""))

    def _heard(self, url: str, etag: str) -> Heard:
        heard = self._asked("HEAD", url, {})
        if _is_enough(heard):
            return heard
        return self._asked("GET", url, {"If-None-Match": etag} if etag else {})

    def _asked(self, method: str, url: str, headers: dict[str, str]) -> Heard:
        self.ending()
        host = host_of(url)
        self.pace.take(host)
        heard = _exchanged(self.client, method, url, {**_HEADERS, **headers})
        troubled = _is_busy(heard) if method == "GET" or _is_enough(heard) else None
        self.pace.give_back(host, troubled=troubled, asked_to_wait=heard.wait)
        return heard


def _is_enough(heard: Heard) -> bool:
    """Tell whether the answer to a HEAD needs no GET: it is good, or asks for patience."""
    asks_for_patience = heard.status == 429 or (heard.wait and heard.status in _BUSY)
    good = 200 <= heard.status < 300 or heard.status in REDIRECTS
    return good or heard.refused or bool(asks_for_patience)


def _is_busy(heard: Heard) -> bool:
    return heard.status in _BUSY or not (heard.status or heard.refused)


def _exchanged(client: httpx.Client, method: str, url: str, headers: dict[str, str]) -> Heard:
    try:
        return _told(glance(client, url, method=method, headers=headers))
    except OutboundRefused as error:
        return Heard(0, why=_because(error), refused=True)
    except Unavailable as error:
        return Heard(0, why=_because(error))


def _told(fetched: Fetched) -> Heard:
    lower = {name.lower(): value for name, value in fetched.headers.items()}
    answer = Answer(fetched.url, fetched.status, lower, b"")
    return Heard(
        fetched.status,
        location=lower.get("location", ""),
        wait=retry_after(answer),
        etag=lower.get("etag", "")[:300],
    )


def _because(error: Exception) -> Wording:
    said = said_by(error)
    return said if isinstance(said, Wording) else Wording("%(why)s", why=said)


def _without_fragment(url: str) -> str:
    """Return what of an address reaches a server."""
    try:
        return urlunsplit(urlsplit(url)._replace(fragment=""))
    except ValueError:
        return url
