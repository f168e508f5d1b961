"""Reads the pages of a website by its sitemap, with what they say of themselves to search engines.

Formats: https://www.sitemaps.org/protocol.html (also gzip, also an index of sitemaps), robots.txt
(RFC 9309, without wildcards), and on each page JSON-LD with the types of https://schema.org, else
its title and its meta and Open Graph descriptions. Tried against WordPress 6.1 and DokuWiki.

    address    https://learn.example.com/courses   (only pages below it)
    sitemap    https://learn.example.com/map.xml   (optional; else robots.txt says, else
                                                    /sitemap.xml of the site)
    leave_out  /category/                          (optional; parts of addresses, one a line)
    most       2000                                (optional; most pages to read)

A delta reads the pages that are younger by their `lastmod`, and all that have none. That a page is
no longer listed is not enough: it is asked for, and where the site answers 200 to any address, that
proves nothing. Limits: one request a page, in the order of their addresses; what robots.txt
forbids is not read. A listed page that is not for everybody fails, and the others come in. Links:
the address of the page, which is its id too.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from app.connectors.answers import Answer
from app.connectors.base import (
    OVERLAP,
    Capabilities,
    Checkpoint,
    ErrorKind,
    Event,
    Fail,
    Mode,
    Presence,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
    Upsert,
    packed,
    unpacked,
)
from app.connectors.http import Http
from app.connectors.mapping import Rule
from app.connectors.moments import moment_of
from app.connectors.pages import about_page, sitemap_entries
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_AGENT = "Foyer"
_KEEPS_PLACE = 25
_FAILS_IN_A_ROW = 3
_MOST = 2000
_MOST_SITEMAPS = 200
_LONGEST_ID = 300
_NOWHERE = "-no-such-page"
_ZONES = timedelta(hours=12)
_GONE = frozenset({404, 410})
_CLOSED = frozenset({401, 403})
_KINDS = {
    "Course": "course",
    "CourseInstance": "course",
    "VideoObject": "video",
    "Event": "event",
    "EducationEvent": "event",
    "CourseEvent": "event",
    "Book": "book",
    "PodcastEpisode": "podcast",
    "LearningResource": "article",
    "Article": "article",
    "NewsArticle": "article",
    "TechArticle": "article",
    "BlogPosting": "article",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Which pages are wanted, and where they are listed."""

    sitemap: str = setting(
        Wording("Sitemap"), hint=Wording("Only where robots.txt does not name it.")
    )
    leave_out: str = setting(
        Wording("Leave out"),
        Ask.LINES,
        hint=Wording("Parts of addresses, one a line, such as /category/."),
    )
    most: int = setting(Wording("Most pages to read"), Ask.NUMBER, default=_MOST)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The pages of a site: each address with its lastmod, or ""; `more` than are to be read."""

    pages: Mapping[str, str]
    since: str
    more: bool


class Sitemap:
    """One website, or a part of it."""

    spec: ClassVar[Spec] = Spec(
        kind="sitemap",
        name=Wording("Website by its sitemap"),
        summary=Wording("Pages of a website, with what they say of courses, videos and events."),
        family="library",
        quadrants=(Quadrant.CREATE,),
        settings=Settings,
        capabilities=Capabilities(delta=True),
        proof=Proof.REAL,
        source="WordPress 6.1, DokuWiki 2022-07-31",
        mapping=(
            Rule("title", "name", "html"),
            Rule("summary", "description", "html"),
            Rule("url", "url", "address"),
            Rule("kind", "type", default="article", words=_KINDS),
            Rule("source_kind", "type"),
            Rule("minutes", "duration", "iso-duration"),
            Rule("language", "language"),
            Rule("published", "published", "day"),
            Rule("keys", "keys", "names"),
        ),
        minutes_between=24 * 60,
        set_up=(
            Wording("Enter the address below which the wanted pages are."),
            Wording("Name the sitemap if the site’s robots.txt does not."),
            Wording("Foyer reads only what everybody may read and robots.txt allows."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http
        self._lists = http.using(classify=_classified)
        parts = urlsplit(settings.address)
        self._site = f"{parts.scheme}://{parts.netloc}"

    def check(self) -> Iterator[Probe]:
        """Try the sitemap, and the first page of it."""
        try:
            listed = self._listed()
        except SourceError as error:
            yield Probe(Wording("Sitemap"), ok=False, why=error.sentence)
            return
        if not listed.pages:
            why = Wording("It lists no page below this address that may be read.")
            yield Probe(Wording("Sitemap"), ok=False, why=why)
            return
        yield Probe(Wording("Sitemap"), ok=True)
        try:
            self._http.get(next(iter(listed.pages)))
        except SourceError as error:
            yield Probe(Wording("Pages"), ok=False, why=error.sentence)
            return
        yield Probe(Wording("Pages"), ok=True)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield the pages: all in a sweep, those that may have changed since in a delta."""
        if mode is Mode.DELTA and cursor:
            since = moment_of(unpacked(cursor, since=str)["since"])
            listed = self._listed()
            pages = [one for one, lastmod in listed.pages.items() if _is_new(lastmod, since)]
            yield from self._read(pages, listed.since, keeps_place=False)
        else:
            state = unpacked(cursor, after=str, since=str) if cursor else {"after": "", "since": ""}
            listed = self._listed()
            pages = [one for one in listed.pages if one > state["after"]]
            if listed.more:
                yield Fail("", SourceError(ErrorKind.PARTIAL, _more_than(self._settings.most)))
            yield from self._read(pages, state["since"] or listed.since, keeps_place=True)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for the pages; where a site answers 200 to anything, only its list tells more."""
        asked = [one for one in external_ids if self._is_below(one)]
        listed = self._listed().pages if asked else {}
        found = {one: self._presence(one) for one in asked}
        unlisted = [one for one in asked if found[one] is Presence.LIVE and one not in listed]
        if unlisted and self._presence(unlisted[0].rstrip("/") + _NOWHERE) is Presence.LIVE:
            found.update(dict.fromkeys(unlisted, Presence.UNKNOWN))
        return {one: found.get(one, Presence.UNKNOWN) for one in external_ids}

    def _read(self, pages: Sequence[str], since: str, *, keeps_place: bool) -> Iterator[Event]:
        failed = 0
        for number, page in enumerate(pages, 1):
            try:
                event = self._event(page)
                failed = 0
            except SourceError as error:
                failed += error.kind is not ErrorKind.FORBIDDEN
                if failed >= _FAILS_IN_A_ROW:
                    raise
                event = Fail(_external_id(page), error)
            if event is not None:
                yield event
            if keeps_place and number % _KEEPS_PLACE == 0 and number < len(pages) and not failed:
                yield Checkpoint(packed(after=page, since=since))
        yield Checkpoint(packed(since=since), complete=True)

    def _event(self, page: str) -> Event | None:
        """Return what a page says of itself; None where it is listed and not there."""
        answer = self._http.get(page, accept=(200, *_GONE, *_CLOSED))
        if answer.status in _CLOSED or _leads_to_sign_in(answer, page):
            raise SourceError(ErrorKind.FORBIDDEN, Wording("It is listed, and not for everybody."))
        if answer.status in _GONE:
            return None
        if not answer.is_html:
            raise SourceError(ErrorKind.SCHEMA, Wording("It is no page."))
        return Upsert(_external_id(page), {**about_page(answer.body), "url": page})

    def _presence(self, page: str) -> Presence:
        answer = self._http.get(page, accept=(200, *_GONE, *_CLOSED))
        if answer.status in _CLOSED or _leads_to_sign_in(answer, page):
            return Presence.HIDDEN
        return Presence.GONE if answer.status in _GONE else Presence.LIVE

    def _listed(self) -> _Listed:
        """Return the pages that are wanted and may be read, in the order of their addresses."""
        robots, maps = self._robots()
        waiting = [self._settings.sitemap] if self._settings.sitemap else maps
        waiting = [self._whole(one) for one in waiting or ["/sitemap.xml"]]
        found: dict[str, str] = {}
        since = ""
        read: set[str] = set()
        while waiting and len(read) < _MOST_SITEMAPS:
            one = waiting.pop(0)
            if one in read:
                continue
            read.add(one)
            answer = self._lists.get(one)
            since = since or _since(answer)
            is_index, entries = sitemap_entries(answer.body)
            if is_index:
                waiting += [self._whole(loc) for loc, _lastmod in entries]
            else:
                found.update(entries)
        wanted = sorted(one for one in found if self._is_wanted(one, robots))
        most = self._settings.most
        kept = {page: found[page] for page in wanted[:most]}
        return _Listed(kept, since, more=len(wanted) > most or bool(waiting))

    def _robots(self) -> tuple[RobotFileParser, list[str]]:
        """Return what robots.txt allows, and the sitemaps it names; everything without one."""
        answer = self._http.get(f"{self._site}/robots.txt", accept=(200, *range(400, 429)))
        robots = RobotFileParser()
        there = answer.status == 200 and not answer.is_html
        robots.parse(answer.text.splitlines() if there else [])
        return robots, robots.site_maps() or []

    def _whole(self, address: str) -> str:
        return address if "://" in address else f"{self._site}/{address.lstrip('/')}"

    def _is_below(self, page: str) -> bool:
        base = self._settings.address
        return page == base or page.startswith((f"{base}/", f"{base}?"))

    def _is_wanted(self, page: str, robots: RobotFileParser) -> bool:
        without = [part.strip() for part in self._settings.leave_out.splitlines() if part.strip()]
        return (
            self._is_below(page)
            and not any(part in page for part in without)
            and robots.can_fetch(_AGENT, page)
        )


def _classified(answer: Answer) -> SourceError | None:
    """Return what is wrong with what should be a sitemap."""
    if answer.status != 200:
        return None
    if answer.asks_to_sign_in:
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("It answers with a page to sign in on."))
    try:
        sitemap_entries(answer.body)
    except SourceError as error:
        return error
    return None


def _leads_to_sign_in(answer: Answer, page: str) -> bool:
    return answer.asks_to_sign_in and answer.url.rstrip("/") != page.rstrip("/")


def _external_id(page: str) -> str:
    if len(page) <= _LONGEST_ID:
        return page
    return "sha256:" + hashlib.sha256(page.encode()).hexdigest()


def _more_than(most: int) -> Wording:
    return Wording("There are more than %(most)s pages; the others are not read.", most=most)


def _since(answer: Answer) -> str:
    """Return the server's time, the overlap earlier; long ago where it tells none."""
    return (at - OVERLAP).isoformat() if (at := answer.server_time) else "1970-01-01T00:00:00Z"


def _is_new(lastmod: str, since: datetime) -> bool:
    """Tell whether a page may have changed: its lastmod (W3C datetime) is later, or says nothing.

    A lastmod that is a day alone is taken as the end of that day in any time zone.
    """
    try:
        if len(lastmod) <= len("2026-11-12"):
            day = date.fromisoformat(lastmod)
            return datetime.combine(day, time.max, UTC) >= since - _ZONES
        return datetime.fromisoformat(lastmod).astimezone(UTC) >= since
    except (ValueError, OverflowError):
        return True
