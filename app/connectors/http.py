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
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from app.connectors.base import ErrorKind, SourceError
from app.errors import Unavailable, Wording
from app.outbound import OutboundRefused, fetch, parsed

TRIES = 5
PATIENCE = timedelta(seconds=60)
LARGEST = 32 * 1024 * 1024
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_LOGIN_FORM = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_NEXT_LINK = re.compile(r'<([^<>]*)>\s*;[^,]*\brel\s*=\s*"?next"?', re.IGNORECASE)

Classify = Callable[["Answer"], SourceError | None]
Authorise = Callable[["Http"], Mapping[str, str]]
Renew = Callable[["Http"], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered. Header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text: UTF-8, with what is not replaced."""
        return self.body.decode("utf-8-sig", "replace")

    @property
    def is_html(self) -> bool:
        """Tell whether the body is a page for people."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind in {"text/html", "application/xhtml+xml"}

    @property
    def asks_to_sign_in(self) -> bool:
        """Tell whether the body is a page with a password to type."""
        return self.is_html and bool(_LOGIN_FORM.search(self.body))

    @property
    def server_time(self) -> datetime | None:
        """Return what the tool's clock says, by its Date header; None when it says nothing."""
        return _http_date(self.headers.get("date", ""))

    @property
    def next_link(self) -> str | None:
        """Return the target of the Link header with rel=next (RFC 8288), or None."""
        found = _NEXT_LINK.search(self.headers.get("link", ""))
        return found.group(1) if found else None

    def json(self) -> Any:
        """Return the body parsed; raise SourceError(SCHEMA) when it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                ErrorKind.SCHEMA, Wording("The tool sends what is not JSON.")
            ) from error


@dataclass(slots=True)
class Meter:
    """What a run has asked of the tool so far, and where it has to stop.

    `stop` is asked before every request and during every wait; it raises to end the run.
    """

    requests: int = 0
    bytes: int = 0
    retries: int = 0
    waited: float = 0.0
    stop: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Http:
    """A client for one tool. `base` is the tool's address; `hosts` are other hosts it may use.

    `sleep` and `chance` are what waits and jitter use; `secrets` are taken out of sentences.
    """

    base: str
    client: httpx.Client
    hosts: frozenset[str] = frozenset()
    secrets: Collection[str] = ()
    meter: Meter = field(default_factory=Meter)
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[float, float], float] = random.uniform
    classify: Classify | None = None
    authorise: Authorise | None = None
    renew: Renew | None = None
    keep: Callable[[str, str], None] = lambda _name, _value: None

    def using(
        self,
        *,
        classify: Classify | None = None,
        authorise: Authorise | None = None,
        renew: Renew | None = None,
    ) -> "Http":
        """Return the client with what a connector knows of its tool.

        `classify` returns the trouble that an answer means, or None; `authorise` returns headers
        for each request; `renew` gets a new token once when one has run out.
        """
        return replace(self, classify=classify, authorise=authorise, renew=renew)

    def get(
        self,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Answer:
        """Return the answer to a GET; any status but the accepted ones is a SourceError."""
        return self._asked(path, params, headers or {}, None, accept)

    def post(
        self,
        path: str,
        *,
        form: Mapping[str, object] | None = None,
        data: object = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Answer:
        """Return the answer to a POST of a form, or of `data` as JSON. It may be sent twice."""
        if form is not None:
            kind, body = "application/x-www-form-urlencoded", urlencode(_pairs(form)).encode()
        else:
            kind, body = "application/json", json.dumps(data).encode()
        return self._asked(path, None, {"Content-Type": kind, **(headers or {})}, body, accept)

    def get_json(
        self,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON that a GET answers with; anything else is tried again, then SCHEMA."""
        wanted = {"Accept": "application/json", **(headers or {})}
        return self._asked(path, params, wanted, None, (200,), as_json=True).json()

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
        if form is not None:
            kind, body = "application/x-www-form-urlencoded", urlencode(_pairs(form)).encode()
        else:
            kind, body = "application/json", json.dumps(data).encode()
        sent = {"Content-Type": kind, **wanted}
        return self._asked(path, None, sent, body, (200,), as_json=True).json()

    def target(self, path: str, params: Mapping[str, object] | None = None) -> httpx.URL:
        """Return the whole address of a path, or of an address that the tool itself gave.

        Raises SourceError(CONFIG) for one that leads away from the tool.
        """
        try:
            base = parsed(self.base)
            url = parsed(path) if "://" in path else parsed(f"{self.base}/{path.lstrip('/')}")
        except OutboundRefused as error:
            raise SourceError(ErrorKind.CONFIG, _said(error)) from error
        if params:
            url = url.copy_merge_params(tuple(_pairs(params)))
        same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
        if not same and not (url.scheme == "https" and url.host in self.hosts and not url.port):
            raise SourceError(
                ErrorKind.CONFIG, Wording("It leads to another host: %(host)s.", host=url.host)
            )
        return url

    def redacted(self, text: str) -> str:
        """Return the text without any of the secrets."""
        for secret in self.secrets:
            if len(secret) > 3:
                text = text.replace(secret, "•••")
        return text

    def _asked(
        self,
        path: str,
        params: Mapping[str, object] | None,
        headers: Mapping[str, str],
        body: bytes | None,
        accept: Collection[int],
        *,
        as_json: bool = False,
    ) -> Answer:
        url, renewed, tries = self.target(path, params), False, 0
        while True:
            tries += 1
            try:
                answer = self._exchange(url, headers, body)
                trouble = self._trouble(answer, accept, as_json=as_json)
            except SourceError as error:
                trouble = error
            if trouble is None:
                return answer
            if trouble.kind is ErrorKind.AUTH_EXPIRED and self.renew and not renewed:
                renewed = True
                self.renew(self)
                continue
            self._wait(trouble, tries)

    def _exchange(self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Ask once, following redirects that stay with the tool."""
        for _ in range(_MOST_REDIRECTS + 1):
            self.meter.stop()
            self.meter.requests += 1
            sent = {**(self.authorise(self) if self.authorise else {}), **headers}
            try:
                found = fetch(self.client, str(url), largest=LARGEST, headers=sent, content=body)
            except Unavailable as error:
                raise SourceError(ErrorKind.TRANSIENT, self._clean(error)) from error
            except OutboundRefused as error:
                raise SourceError(ErrorKind.CONFIG, self._clean(error)) from error
            self.meter.bytes += len(found.body)
            lower = {name.lower(): value for name, value in found.headers.items()}
            location = lower.get("location", "")
            if found.status not in _REDIRECTS or not location or body is not None:
                return Answer(found.url, found.status, lower, found.body)
            url = self._followed(url, location)
        raise SourceError(ErrorKind.CONFIG, Wording("It redirects again and again."))

    def _followed(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            return self.target(str(url.join(parsed(location))))
        except (OutboundRefused, httpx.InvalidURL, ValueError) as error:
            raise SourceError(
                ErrorKind.CONFIG, Wording("It redirects to what cannot be read.")
            ) from error

    def _trouble(
        self, answer: Answer, accept: Collection[int], *, as_json: bool
    ) -> SourceError | None:
        """Return what is wrong with an answer: the connector's word first, then HTTP's."""
        known = self.classify(answer) if self.classify else None
        if known is not None:
            return known
        if answer.status not in accept:
            return trouble_of(answer)
        if as_json:
            if answer.asks_to_sign_in:
                return SourceError(
                    ErrorKind.AUTH_EXPIRED, Wording("It answers with a page to sign in on.")
                )
            try:
                answer.json()
            except SourceError as error:
                return error
        return None

    def _wait(self, trouble: SourceError, tries: int) -> None:
        """Wait before the next try; raise the trouble when there is to be none."""
        again = trouble.passing or trouble.kind is ErrorKind.SCHEMA
        asked = trouble.retry_after.total_seconds() if trouble.retry_after else 0.0
        if not again or tries >= TRIES or asked > PATIENCE.total_seconds():
            raise trouble
        most = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (tries - 1))
        wait = asked + self.chance(0.0, most)
        self.meter.retries += 1
        self.meter.waited += wait
        ends = wait
        while ends > 0:
            self.meter.stop()
            self.sleep(min(ends, 1.0))
            ends -= 1.0

    def _clean(self, error: Exception) -> Wording:
        said = _said(error)
        if self.redacted(said) == said:
            return said
        return Wording("%(why)s", why=self.redacted(said))


def trouble_of(answer: Answer) -> SourceError:
    """Return what a status means where the connector knows no better (RFC 9110, 15)."""
    after = retry_after(answer)
    status = answer.status
    if status == 429:
        return SourceError(
            ErrorKind.RATE_LIMITED, Wording("It asks us to ask less often."), retry_after=after
        )
    if status in {408, 425} or status >= 500:
        return SourceError(
            ErrorKind.TRANSIENT,
            Wording("It answers with status %(status)s.", status=status),
            retry_after=after,
        )
    kinds = {401: ErrorKind.AUTH_INVALID, 403: ErrorKind.FORBIDDEN}
    sentences = {
        401: Wording("It does not accept the token or password."),
        403: Wording("The account may not read this."),
        404: Wording("There is nothing at this address."),
    }
    other = Wording("It answers with status %(status)s.", status=status)
    return SourceError(kinds.get(status, ErrorKind.CONFIG), sentences.get(status, other))


def retry_after(answer: Answer) -> timedelta | None:
    """Return how long the tool asks to wait, from seconds or a date; None when it does not ask."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), 86_400))
    moment = _http_date(text)
    if moment is None:
        return None
    return max(timedelta(), moment - (answer.server_time or datetime.now(UTC)))


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return parameters as pairs, one for each entry of a list, without those that are None."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        parts: Iterable[object] = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, _plain(part)) for part in parts if part is not None]
    return pairs


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _said(error: Exception) -> Wording:
    found = error.args[0] if error.args else ""
    return found if isinstance(found, Wording) else Wording("%(why)s", why=str(error)[:200])
