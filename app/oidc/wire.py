"""Talks to a provider over `app.outbound`: JSON in, JSON out, sizes and time bounded."""

import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx

from app import outbound
from app.errors import Unavailable, Wording
from app.oidc.documents import document
from app.outbound.rules import Rules

LARGEST = 256 * 1024
TIMEOUT = outbound.TIMEOUT
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the shape that Authlib's client reads: a status and a JSON object."""

    status_code: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the JSON object; raise ValueError for anything else."""
        return document(self.body)

    def raise_for_status(self) -> None:
        """Raise ValueError for a status that tells of an error."""
        if self.status_code >= 300:
            raise ValueError(f"status {self.status_code}")


class Wire:
    """A client for one visit at a provider; close it, or use it in a `with`.

    Its methods raise Unavailable when the provider does not answer or says that it cannot just
    now, and ValueError (OutboundRefused is one) for an address or an answer that is not taken.
    """

    def __init__(
        self, private_hosts: Collection[str] = (), *, timeout: timedelta | None = None
    ) -> None:
        """Take the hosts that may have private addresses, and how long an exchange may last."""
        self._client = outbound.client(private_hosts, timeout=timeout or TIMEOUT, trust=_trusted())
        self._rules = Rules(frozenset(name.lower() for name in private_hosts))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def check_address(self, address: str) -> None:
        """Raise OutboundRefused for an address that must not be fetched (http, odd port, …)."""
        self._rules.check_address(outbound.parsed(address))

    def get(self, address: str, *, bearer: str = "") -> dict[str, Any]:
        """Return the JSON object at the address; a redirect is an answer that is not taken."""
        headers = _JSON | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        found = outbound.fetch(self._client, address, largest=LARGEST, headers=headers)
        _check_there(found)
        if found.status != 200:
            raise ValueError(
                Wording(
                    "%(host)s answers with status %(status)s",
                    host=_host(found),
                    status=found.status,
                )
            )
        return document(found.body)

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Any:
        """Send a form as Authlib asks, `auth` being its client authentication."""
        url, own, body = auth.prepare("POST", url, dict(headers) | _JSON, urlencode(data))
        own = {name: value for name, value in own.items() if name.lower() != "content-type"}
        form = dict(parse_qsl(body, keep_blank_values=True))
        found = outbound.fetch(self._client, url, largest=LARGEST, headers=own, form=form)
        _check_there(found)
        return Answer(found.status, found.body)


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted; reading them takes 50 ms, so it is done once."""
    return httpx.create_ssl_context()


def _check_there(found: outbound.Fetched) -> None:
    if found.status >= 500 or found.status == 429:
        raise Unavailable(
            _host(found), Wording("it answers with status %(status)s", status=found.status)
        )


def _host(found: outbound.Fetched) -> str:
    return outbound.parsed(found.url).host
