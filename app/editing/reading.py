"""Reads what a page of the web says of itself, for a curator to correct before it becomes an item.

The page is somebody else's: it is fetched only from public addresses, up to a size, by a deadline,
and whatever it holds becomes plain, short text (schema.org JSON-LD, then Open Graph, then HTML).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import isodate

from app import outbound
from app.catalogue.imports.languages import language_tag
from app.connectors.base import SourceError
from app.connectors.pages import about_page
from app.errors import FoyerError, Wording, said_by
from app.intake.text import plain
from app.models import Kind

LARGEST = 4 * 1024 * 1024
SECONDS = 8
REDIRECTS = 3
LONGEST_TITLE, LONGEST_SUMMARY = 300, 2000
MOST_MINUTES = 100 * 60
_ACCEPTED = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"}
_HTML = frozenset({"", "text/html", "application/xhtml+xml"})
_KINDS = {
    "Course": Kind.COURSE,
    "CourseInstance": Kind.COURSE,
    "VideoObject": Kind.VIDEO,
    "Event": Kind.EVENT,
    "EducationEvent": Kind.EVENT,
    "CourseEvent": Kind.EVENT,
    "Book": Kind.BOOK,
    "PodcastEpisode": Kind.PODCAST,
}
_KINDS_OF_FILES = {"video": Kind.VIDEO, "audio": Kind.PODCAST}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a page says of itself. `trouble` is a Wording that says why it could not be read."""

    title: str = ""
    summary: str = ""
    kind: str = Kind.ARTICLE.value
    language: str = ""
    minutes: int | None = None
    trouble: str = ""


def read_page(url: str, *, private_hosts: Collection[str] = ()) -> PageFacts:
    """Return what the page at this address says; what goes wrong is in its `trouble`.

    It takes at most 8 seconds. Only public addresses are reached, and `private_hosts`, which tests
    name.
    """
    try:
        with outbound.client(private_hosts, timeout=timedelta(seconds=SECONDS)) as going_out:
            answer = outbound.fetch(
                going_out, url, largest=LARGEST, redirects=REDIRECTS, headers=_ACCEPTED
            )
    except FoyerError as error:
        why = said_by(error)
        return PageFacts(
            title=name_of(url), trouble=Wording("The page could not be read: %(why)s", why=why)
        )
    if answer.status != 200:
        return PageFacts(
            title=name_of(url),
            trouble=Wording("The page answers with the status %(code)s.", code=answer.status),
        )
    return facts_of(answer.body, answer.headers.get("content-type", ""), url)


def facts_of(body: bytes, content_type: str, url: str) -> PageFacts:
    """Return what these bytes say of themselves; never raises, whatever they are."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _HTML:
        kind = _KINDS_OF_FILES.get(media_type.partition("/")[0], Kind.ARTICLE)
        return PageFacts(title=name_of(url), kind=kind.value)
    try:
        told = about_page(body)
    except SourceError as error:
        return PageFacts(title=name_of(url), trouble=said_by(error))
    return PageFacts(
        title=plain(str(told.get("name", "")))[:LONGEST_TITLE].strip() or name_of(url),
        summary=plain(str(told.get("description", "")))[:LONGEST_SUMMARY].strip(),
        kind=_KINDS.get(str(told.get("type", "")), Kind.ARTICLE).value,
        language=_language(str(told.get("language", ""))),
        minutes=_minutes(str(told.get("duration", ""))),
    )


def name_of(url: str) -> str:
    """Return a name made of an address: its last part, or its host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    words = plain(last.rpartition(".")[0] or last).replace("-", " ").replace("_", " ").strip()
    return (words or plain(parts.netloc))[:LONGEST_TITLE]


def _language(text: str) -> str:
    try:
        return language_tag(text)[:12] if text else ""
    except ValueError:
        return ""


def _minutes(text: str) -> int | None:
    """Return the minutes of an ISO 8601 duration of hours, minutes and seconds."""
    if not text or len(text) > 40:
        return None
    try:
        found = isodate.parse_duration(text)
        seconds = found.total_seconds() if isinstance(found, timedelta) else 0
    except (ValueError, ArithmeticError, TypeError):
        return None
    minutes = round(seconds / 60)
    return max(minutes, 1) if seconds > 0 and minutes <= MOST_MINUTES else None
