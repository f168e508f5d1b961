"""Reads a feed: RSS, Atom or a podcast.

Formats: RSS 2.0 (https://www.rssboard.org/rss-specification), Atom (RFC 4287,
https://www.rfc-editor.org/rfc/rfc4287) and Apple's tags for podcasts, as feedparser reads them;
tried against the feeds of WordPress 6.1 and of DokuWiki.

    address   https://blog.example.com/feed/
    user      foyer   (optional: for a feed behind HTTP Basic)
    password  …       (optional)

A feed holds the newest few items, so that nothing follows from an item's absence: there are no
sweeps and nothing is ever taken away. ETag and Last-Modified of the last answer are asked with; an
unchanged feed answers 304. An item is known by its guid or, without one, by its link. Limits: one
request a run, 10,000 items, 400,000 tags. Links: as the feed gives them, since its guid need not be
an address; the id of a YouTube video is believed where the link leads there. DokuWiki's feed links
to changes; add `?linkto=current` to its address to have the pages themselves.
"""

import calendar
import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import feedparser

from app.connectors.answers import Answer
from app.connectors.base import (
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
from app.connectors.headers import basic, conditions, marks
from app.connectors.http import Http
from app.connectors.mapping import Rule, text_of
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_ENDS = re.compile(rb"</(\w+:)?(rss|feed|rdf)\s*>", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
_LONGEST_ID = 300
_MOST_ITEMS = 10_000
_MOST_TAGS = 400_000
_YOUTUBE = re.compile(r"https://(www\.)?youtube\.com/")
_TITLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the feed is and, if needed, who reads it."""

    user: str = setting(Wording("User name"), hint=Wording("Only for a feed behind a password."))
    password: str = setting(Wording("Password"), Ask.SECRET)


class Feed:
    """One feed."""

    spec: ClassVar[Spec] = Spec(
        kind="feed",
        name=Wording("RSS, Atom or podcast"),
        summary=Wording("The newest items of a feed."),
        family="blog",
        quadrants=(Quadrant.CREATE,),
        settings=Settings,
        capabilities=Capabilities(delta=True, sweep=False),
        proof=Proof.REAL,
        source="WordPress 6.1, DokuWiki 2022-07-31",
        mapping=(
            Rule("title", "title", "html"),
            Rule("summary", "summary", "html"),
            Rule("url", "url", "address"),
            Rule("kind", "kind"),
            Rule("minutes", "duration", "clock"),
            Rule("language", "language"),
            Rule("published", "published", "day"),
            Rule("keys", "keys", "names"),
        ),
        set_up=(
            Wording("Enter the address of the feed itself, not of the page that offers it."),
            Wording("What a feed no longer holds stays in Foyer until somebody retires it."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(
            classify=_classified, authorise=lambda _http: basic(settings.user, settings.password)
        )

    def check(self) -> Iterator[Probe]:
        """Try the feed, and whether it can say that nothing has changed."""
        try:
            answer = self._asked({})
            _parsed(answer)
        except SourceError as error:
            yield Probe(Wording("Feed"), ok=False, why=error.sentence)
            return
        yield Probe(Wording("Feed"), ok=True)
        marked = bool(answer.headers.get("etag") or answer.headers.get("last-modified"))
        why = None if marked else Wording("It never says so; each run reads the whole feed.")
        yield Probe(Wording("Unchanged since last time"), ok=marked, why=why, needed=False)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield the items of the feed, or nothing if it says that it has not changed."""
        kept = unpacked(cursor, etag=str, modified=str) if cursor else {}
        answer = self._asked(conditions(kept) if mode is Mode.DELTA else {})
        if answer.status == 304:
            yield Checkpoint(packed(**kept), complete=True)
            return
        yield from _events(_parsed(answer))
        yield Checkpoint(packed(**marks(answer)), complete=True)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Look whether the items are in the feed; nothing is known of those that are not."""
        there = set()
        if external_ids:
            found = _events(_parsed(self._asked({})))
            there = {event.external_id for event in found if isinstance(event, Upsert)}
        return {one: Presence.LIVE if one in there else Presence.UNKNOWN for one in external_ids}

    def _asked(self, headers: Mapping[str, str]) -> Answer:
        return self._http.get(self._settings.address, headers=headers, accept=(200, 304))


def _classified(answer: Answer) -> SourceError | None:
    """Return what is wrong with what should be a feed: a sign-in, another page, a half."""
    if answer.status != 200 or _ENDS.search(answer.body[-2000:]):
        return None
    if answer.asks_to_sign_in:
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("It answers with a page to sign in on."))
    return SourceError(ErrorKind.SCHEMA, Wording("There is no feed at this address."))


def _parsed(answer: Answer) -> Any:
    """Return the feed parsed. It is handed over as a file, since a text might name one."""
    if answer.body.count(b"<") > _MOST_TAGS:
        raise SourceError(ErrorKind.SCHEMA, Wording("The feed is too large to be read."))
    about = {
        "content-type": answer.headers.get("content-type", "application/xml"),
        "content-location": answer.url,
    }
    found = feedparser.parse(io.BytesIO(answer.body), response_headers=about, sanitize_html=False)
    if not found.version and not found.entries:
        raise SourceError(ErrorKind.SCHEMA, Wording("There is no feed at this address."))
    return found


def _events(found: Any) -> Iterator[Event]:
    language = str(found.feed.get("language", ""))
    seen = set()
    for number, entry in enumerate(found.entries[:_MOST_ITEMS], 1):
        external_id, raw = _external_id(entry), _raw(entry, language)
        if not external_id or not raw["url"]:
            yield Fail(f"#{number}", _incomplete())
        elif external_id not in seen:
            seen.add(external_id)
            yield Upsert(external_id, raw)


def _incomplete() -> SourceError:
    return SourceError(ErrorKind.SCHEMA, Wording("An item of the feed has no address."))


def _external_id(entry: Any) -> str:
    """Return the guid or the link; one that is too long for an id is named by its hash."""
    found = str(entry.get("id") or entry.get("link") or "").strip()
    if len(found) <= _LONGEST_ID:
        return found
    return "sha256:" + hashlib.sha256(found.encode()).hexdigest()


def _raw(entry: Any, language: str) -> dict[str, object]:
    enclosure: Mapping[str, Any] = next(iter(entry.get("enclosures", ())), {})
    link = str(entry.get("link") or enclosure.get("href") or "")
    video = str(entry.get("yt_videoid", "")) if _YOUTUBE.match(link) else ""
    summary = _markup(entry.get("summary_detail") or next(iter(entry.get("content", ())), None))
    raw: dict[str, object] = {
        "title": _markup(entry.get("title_detail")) or _beginning(summary),
        "summary": summary,
        "url": link,
        "kind": "video" if video else _kind(str(enclosure.get("type", ""))),
        "published": _day(entry),
        "duration": str(entry.get("itunes_duration", "")),
        "language": language if _LANGUAGE.fullmatch(language) else "",
        "keys": [f"youtube:{video}"] if video else [],
    }
    return {name: value for name, value in raw.items() if value or name == "url"}


def _markup(detail: Any) -> str:
    """Return a text of the feed as markup, whichever of the two it is (RFC 4287, 3.1)."""
    if not detail:
        return ""
    value = str(detail.get("value", ""))
    return html.escape(value, quote=False) if detail.get("type") == "text/plain" else value


def _beginning(markup: str) -> str:
    text = text_of(markup)
    return html.escape(text if len(text) <= _TITLE else text[: _TITLE - 1].rstrip() + "…")


def _kind(media: str) -> str:
    return {"audio": "podcast", "video": "video"}.get(media.partition("/")[0], "article")


def _day(entry: Any) -> str:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    if not moment:
        return ""
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
