"""What a tool answered, and what the HTTP of it means where a connector knows no better."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from app.connectors.base import ErrorKind, SourceError
from app.errors import Wording

LONGEST_ASKED = timedelta(days=1)
MOST_VALUES = 2_000_000  # of 32 MB of “{},{},…” a parser makes a gigabyte
_LOGIN_FORM = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_QUOTA = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_LONGEST_COUNT = 10
_NEXT_LINK = re.compile(
    r'<([^<>]*)>\s*;[^,<]*?\brel\s*=\s*(?:"(?:[^"<]*\s)?next(?:\s[^"<]*)?"|next(?=\s*(?:[;,]|$)))',
    re.IGNORECASE,
)
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


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
        return http_date(self.headers.get("date", ""))

    @property
    def quota_left(self) -> int | None:
        """Return how many requests the tool says are left; None where it counts none."""
        for name in _QUOTA:
            text = self.headers.get(name, "").partition(",")[0].strip()
            if text.isdecimal() and len(text) < _LONGEST_COUNT:
                return int(text)
        return None

    @property
    def next_link(self) -> str | None:
        """Return the whole target of the Link header with rel=next (RFC 8288), or None."""
        found = _NEXT_LINK.search(self.headers.get("link", ""))
        if found is None:
            return None
        try:
            return urljoin(self.url, found.group(1))
        except ValueError:
            return found.group(1)

    def json(self) -> Any:
        """Return the body parsed; raise SourceError(SCHEMA) when it is not JSON, or too much."""
        if self.body.count(b",") + self.body.count(b"[") + self.body.count(b"{") > MOST_VALUES:
            raise SourceError(
                ErrorKind.SCHEMA, Wording("The tool sends too many values in one answer.")
            )
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                ErrorKind.SCHEMA, Wording("The tool sends what is not JSON.")
            ) from error


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


def trouble_of_body(answer: Answer) -> SourceError | None:
    """Return what is wrong with a body that should be JSON, or None."""
    if answer.asks_to_sign_in:
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("It answers with a page to sign in on."))
    try:
        answer.json()
    except SourceError as error:
        return error
    return None


def retry_after(answer: Answer) -> timedelta | None:
    """Return how long the tool asks to wait (RFC 9110, 10.2.3), at most a day; None if it does not.

    A date is compared with the tool's own clock where it tells it, so that ours need not agree.
    """
    text = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=float(text)), LONGEST_ASKED)
    moment = http_date(text)
    if moment is None:
        return None
    left = moment - (answer.server_time or datetime.now(UTC))
    return min(max(timedelta(), left), LONGEST_ASKED)


def http_date(text: str) -> datetime | None:
    """Return the moment that a date of HTTP means (RFC 9110, 5.6.7), or None for anything else."""
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
