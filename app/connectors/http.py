"""The one HTTP client that connectors are given: polite to tools, and never led astray by them.

It goes to the origin of the tool's address, and to the hosts that the connector's spec names, and
nowhere else: not by a redirect, not by the `next` of a list. It retries what may pass (up to five
tries, exponential backoff with full jitter, Retry-After in both forms of RFC 9110, 10.2.3), keeps
each answer to a size and an exchange to a time, and takes secrets out of every sentence.

What an answer means is the connector's to say, by `classify`; what to do about it is decided here.
"""

import json
import random
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from app.connectors.answers import Answer, retry_after, trouble_of, trouble_of_body
from app.connectors.base import ErrorKind, SourceError
from app.connectors.redaction import redacted
from app.errors import Unavailable, Wording, said_by
from app.outbound import Dropped, OutboundRefused, fetch, parsed

__all__ = ["Answer", "Http", "Meter", "retry_after", "trouble_of"]

TRIES = 5
PATIENCE = timedelta(seconds=60)
LARGEST = 32 * 1024 * 1024
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_STEP = 1.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_WHOLE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

Classify = Callable[["Answer"], SourceError | None]
Authorise = Callable[["Http"], Mapping[str, str]]
Renew = Callable[["Http"], None]


@dataclass(slots=True)
class Meter:
    """What a run has asked of the tool so far, and where it has to stop.

    `stop` is asked before every request and during every wait; it raises to end the run.
    `quota` is how many requests the tool said last are left, None where it counts none.
    """

    requests: int = 0
    bytes: int = 0
    retries: int = 0
    waited: float = 0.0
    quota: int | None = None
    stop: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Http:
    """A client for one tool. `base` is the tool's address; `hosts` are other hosts it may use.

    `sleep` and `chance` are what waits and jitter use. A request is sent at most `tries` times, and
    not again when the tool asks for more than `patience`. `secrets`, and what `authorise` gave, are
    taken out of sentences.
    """

    base: str
    client: httpx.Client
    hosts: frozenset[str] = frozenset()
    secrets: Collection[str] = ()
    meter: Meter = field(default_factory=Meter)
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[float, float], float] = random.uniform
    tries: int = TRIES
    patience: timedelta = PATIENCE
    classify: Classify | None = None
    authorise: Authorise | None = None
    renew: Renew | None = None
    keep: Callable[[str, str], None] = lambda _name, _value: None
    _shown: set[str] = field(default_factory=set)

    def using(
        self,
        *,
        classify: Classify | None = None,
        authorise: Authorise | None = None,
        renew: Renew | None = None,
    ) -> "Http":
        """Return the client with what a connector knows of its tool.

        `classify` returns the trouble that an answer means, or None; `authorise` returns headers
        for each request; `renew` gets a new token once when one has run out. What those two ask,
        they ask with a client that does not use them.
        """
        return replace(self, classify=classify, authorise=authorise, renew=renew)

    def get(
        self,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
        as_json: bool = False,
    ) -> Answer:
        """Return the answer to a GET; any status but the accepted ones is a SourceError.

        With `as_json` an answer that is not JSON is tried again, and then a SourceError(SCHEMA).
        """
        return self._asked(self.target(path, params), headers or {}, None, accept, as_json=as_json)

    def post(
        self,
        path: str,
        *,
        form: Mapping[str, object] | None = None,
        data: object = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
        as_json: bool = False,
    ) -> Answer:
        """Return the answer to a POST of a form, or of `data` as JSON. It may be sent twice."""
        if form is not None:
            kind, body = "application/x-www-form-urlencoded", urlencode(_pairs(form)).encode()
        else:
            kind, body = "application/json", json.dumps(data).encode()
        sent = {"Content-Type": kind, **(headers or {})}
        return self._asked(self.target(path), sent, body, accept, as_json=as_json)

    def put(
        self,
        path: str,
        *,
        data: object,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Answer:
        """Return the answer to a PUT of `data` as JSON. It may be sent twice."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        body = json.dumps(data).encode()
        return self._asked(self.target(path), sent, body, accept, as_json=False, put=True)

    def get_json(
        self,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON that a GET answers with; anything else is tried again, then SCHEMA."""
        wanted = {"Accept": "application/json", **(headers or {})}
        return self.get(path, params, headers=wanted, as_json=True).json()

    def post_json(
        self,
        path: str,
        *,
        form: Mapping[str, object] | None = None,
        data: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON that a POST answers with; anything else is tried again, then SCHEMA."""
        wanted = {"Accept": "application/json", **(headers or {})}
        return self.post(path, form=form, data=data, headers=wanted, as_json=True).json()

    def target(self, path: str, params: Mapping[str, object] | None = None) -> httpx.URL:
        """Return the whole address of a path, or of an address that the tool itself gave.

        Raises SourceError(CONFIG) for one that leads away from the tool.
        """
        whole = path if _WHOLE_ADDRESS.match(path) else f"{self.base}/{path.lstrip('/')}"
        try:
            url = parsed(whole)
        except OutboundRefused as error:
            raise SourceError(ErrorKind.CONFIG, self._cleaned(error)) from error
        return self._pinned(url.copy_merge_params(tuple(_pairs(params))) if params else url)

    def redacted(self, text: str) -> str:
        """Return the text without any of the secrets, nor the tokens that were got with them."""
        return redacted(text, {*self.secrets, *self._shown})

    def told(self, error: SourceError) -> SourceError:
        """Return the error without secrets in what it says; the same one where there are none."""
        said = error.sentence
        if self.redacted(said) == said:
            return error
        return SourceError(error.kind, self._clean(said), retry_after=error.retry_after)

    def _asked(
        self,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
        accept: Collection[int],
        *,
        as_json: bool,
        put: bool = False,
    ) -> Answer:
        renewed, tries = False, 0
        while True:
            tries += 1
            trouble: SourceError | None
            try:
                answer = self._answered(url, headers, body, put=put)
                trouble = self._trouble(answer, accept, as_json=as_json)
            except _Failed as failed:
                trouble = failed.trouble
            if trouble is None:
                return answer
            if trouble.kind is ErrorKind.AUTH_EXPIRED and self.renew and not renewed:
                renewed = True
                self.renew(self)
                continue
            self._wait(trouble, tries)

    def _answered(
        self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, *, put: bool
    ) -> Answer:
        """Ask once, following redirects that stay with the tool. Raises _Failed."""
        for _ in range(_MOST_REDIRECTS + 1):
            sent = {**self._credentials(), **headers}
            answer = self._fetched(url, sent, body, put=put)
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location or body is not None:
                return answer
            url = self._followed(url, location)
        raise _Failed(SourceError(ErrorKind.CONFIG, Wording("It redirects again and again.")))

    def _credentials(self) -> Mapping[str, str]:
        given = self.authorise(self) if self.authorise else {}
        self._shown.update(value.rpartition(" ")[2] for value in given.values())
        return given

    def _fetched(
        self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, *, put: bool
    ) -> Answer:
        """Ask one address. A connection that was closed while it idled is made anew at once."""
        try:
            try:
                return self._exchanged(url, headers, body, put=put)
            except Dropped:
                return self._exchanged(url, headers, body, put=put)
        except Unavailable as error:
            raise _Failed(SourceError(ErrorKind.TRANSIENT, self._cleaned(error))) from error
        except OutboundRefused as error:
            raise _Failed(SourceError(ErrorKind.CONFIG, self._cleaned(error))) from error

    def _exchanged(
        self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, *, put: bool
    ) -> Answer:
        self.meter.stop()
        self.meter.requests += 1
        found = fetch(
            self.client, str(url), largest=LARGEST, headers=headers, content=body, put=put
        )
        self.meter.bytes += len(found.body)
        lower = {name.lower(): value for name, value in found.headers.items()}
        answer = Answer(found.url, found.status, lower, found.body)
        self.meter.quota = self.meter.quota if answer.quota_left is None else answer.quota_left
        return answer

    def _followed(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            return self._pinned(url.join(parsed(location)))
        except SourceError as error:
            raise _Failed(error) from error
        except (OutboundRefused, httpx.InvalidURL, ValueError) as error:
            raise _Failed(
                SourceError(ErrorKind.CONFIG, Wording("It redirects to what cannot be read."))
            ) from error

    def _pinned(self, url: httpx.URL) -> httpx.URL:
        base = httpx.URL(self.base)
        same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
        named = url.scheme == "https" and url.host in self.hosts and not url.port
        if url.userinfo or not (same or named):
            raise SourceError(
                ErrorKind.CONFIG, Wording("It leads to another host: %(host)s.", host=url.host)
            )
        return url

    def _trouble(
        self, answer: Answer, accept: Collection[int], *, as_json: bool
    ) -> SourceError | None:
        """Return what is wrong with an answer: the connector's word first, then HTTP's."""
        try:
            known = self.classify(answer) if self.classify else None
        except SourceError as error:
            known = error
        if known is not None:
            return known
        if answer.status not in accept:
            return trouble_of(answer)
        return trouble_of_body(answer) if as_json else None

    def _wait(self, trouble: SourceError, tries: int) -> None:
        """Wait before the next try; raise the trouble when there is to be none."""
        again = trouble.passing or trouble.kind is ErrorKind.SCHEMA
        asked = trouble.retry_after or timedelta()
        if not again or tries >= self.tries or asked > self.patience:
            raise self.told(trouble)
        left = asked.total_seconds() + self.chance(0.0, longest_wait(tries))
        self.meter.retries += 1
        self.meter.waited += left
        while left > 0:
            self.meter.stop()
            self.sleep(min(left, _STEP))
            left -= _STEP

    def _cleaned(self, error: Exception) -> Wording:
        said = said_by(error)
        return self._clean(said if isinstance(said, Wording) else Wording("%(why)s", why=said))

    def _clean(self, said: Wording) -> Wording:
        if self.redacted(said) == said:
            return said
        values = {name: self.redacted(str(value)) for name, value in said.values.items()}
        cleaned = Wording(said.template, **values)
        clean = self.redacted(cleaned)
        return cleaned if clean == cleaned else Wording("%(why)s", why=clean)


class _Failed(Exception):
    """An exchange that brought no answer, and the trouble that this is."""

    def __init__(self, trouble: SourceError) -> None:
        super().__init__(trouble.sentence)
        self.trouble = trouble


def longest_wait(tries: int) -> float:
    """Return the most seconds that chance may add before the next try (full jitter)."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (tries - 1))


def _pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return parameters as pairs, one for each entry of a list, without those that are None."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        parts: Iterable[object] = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, _plain(part)) for part in parts if part is not None]
    return pairs


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
