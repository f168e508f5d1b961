"""Reads one line about an item into a record, and stores records through the catalogue's service.

The fields are those of `docs/import.md`; a test compares the two.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue import service
from app.catalogue.imports.languages import language_tag
from app.catalogue.records import ItemKey, ItemRecord, ToolRecord, tool_slug
from app.intake.fields import Complaint, Fields
from app.intake.report import Outcome
from app.intake.text import shown, slug, title_from
from app.models import Kind, Level

FIELDS = (
    "tool",
    "external_id",
    "kind",
    "title",
    "url",
    "tool_name",
    "tool_kind",
    "source_kind",
    "summary",
    "minutes",
    "level",
    "language",
    "published",
    "skills",
    "roles",
    "audience",
    "channel",
    "channel_tool",
    "quality",
    "licence",
    "attribution",
)
LONG_MINUTES = 100 * 60
MOST_NAMES = 50
_MOST_MINUTES = 1_000_000
_TOKEN = re.compile(r"everyone|(role|dept|loc|group):[\w-]{1,150}")


class ItemImporter:
    """Imports items at the moment `now`."""

    def __init__(self, now: datetime) -> None:
        """Remember the moment that new and changed rows carry."""
        self._now = now
        self._keys: set[ItemKey] = set()

    def record(self, values: Fields) -> ItemRecord | None:
        """Return the line's record; None when a field has complained."""
        values.ignore_others(FIELDS)
        found = ItemRecord(
            tool=_tool(values),
            external_id=values.required("external_id", 300),
            kind=_kind(values),
            title=values.required("title", 500),
            url=values.address("url"),
            source_kind=values.text("source_kind", 60) or None,
            summary=values.text("summary", 20_000),
            minutes=_minutes(values),
            level=values.choice("level", [level.value for level in Level]),
            language=_language(values),
            published_on=values.day("published"),
            licence=values.text("licence", 200) or None,
            attribution=values.text("attribution", 500) or None,
            quality=_quality(values),
            skills=_named(values, "skills", 120),
            roles=_named(values, "roles", 80),
            audience=_audience(values),
            channel=_channel(values),
        )
        return None if values.problems else found

    def key(self, record: ItemRecord) -> ItemKey:
        """Return the item's identity."""
        return record.key

    def store(
        self, session: Session, records: Sequence[ItemRecord], *, write: bool
    ) -> list[Outcome]:
        """Compare the records with the rows and, if `write`, bring the rows up to date."""
        self._keys.update(record.key for record in records)
        changes = service.plan(session, records)
        if write:
            service.carry_out(session, changes, now=self._now)
        return [change.outcome() for change in changes]

    def points_elsewhere(self, record: ItemRecord) -> bool:
        """Tell whether the item has a channel."""
        return record.channel is not None

    def links(
        self, session: Session, records: Sequence[ItemRecord], *, write: bool
    ) -> list[Complaint | None]:
        """Set the channel of each item; complain about channels that are not there."""
        expected = frozenset() if write else frozenset(self._keys)
        missing = service.link_channels(session, records, expected=expected, write=write)
        return [_no_channel(record) if record.key in missing else None for record in records]


def _no_channel(record: ItemRecord) -> Complaint:
    tool, external_id = record.channel or ("", "")
    reason = f"there is no channel {shown(external_id)} in {tool}; the item is kept without it"
    return Complaint("channel", reason)


def _tool(values: Fields) -> ToolRecord:
    written = values.required("tool", 80)
    name = values.text("tool_name", 120) or title_from(written)
    if written and not slug(written):
        values.complain("tool", f"{shown(written)} has no letters")
    return ToolRecord(
        slug=tool_slug(written), name=name, kind=values.text("tool_kind", 40) or "library"
    )


def _kind(values: Fields) -> str:
    kinds = [kind.value for kind in Kind]
    if not values.has("kind"):
        values.complain("kind", f"is missing: one of {', '.join(kinds)}")
    return values.choice("kind", kinds) or ""


def _minutes(values: Fields) -> int | None:
    minutes = values.whole("minutes", _MOST_MINUTES)
    if minutes is not None and minutes > LONG_MINUTES:
        values.remark("minutes", f"{minutes:,} minutes are kept as the source says")
    return minutes


def _language(values: Fields) -> str:
    text = values.text("language", 20)
    try:
        return language_tag(text) if text else "en"
    except ValueError as error:
        values.complain("language", f"{shown(text)}: {error}")
        return ""


def _quality(values: Fields) -> float:
    quality = values.share("quality")
    return 0.5 if quality is None else quality


def _named(values: Fields, name: str, longest: int) -> tuple[tuple[str, str], ...]:
    """Return (slug, name) pairs, one for each slug, in the source's order."""
    found: dict[str, str] = {}
    for one in values.names(name, longest, MOST_NAMES):
        key = slug(one)
        if not key or len(key) > longest:
            values.complain(name, f"{shown(one)} cannot be made into an address")
        found.setdefault(key, title_from(one.lstrip("#").replace("\\", "")))
    return tuple(found.items())


def _audience(values: Fields) -> frozenset[str] | None:
    """Return the audience, or None where the line has no such field.

    A field that is there but names nobody is refused, never read as everyone.
    """
    if not values.mentions("audience"):
        return None
    written = values.names("audience", 160, MOST_NAMES)
    tokens = tuple(unicodedata.normalize("NFC", token) for token in written)
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            values.complain(
                "audience",
                f"{shown(token)} is not everyone, role:…, dept:…, loc:… or group:… with a slug",
            )
    if not tokens and not values.complained_of("audience"):
        values.complain("audience", "names nobody; write everyone, or leave the field out")
    if len(" ".join(tokens)) > 2000:
        values.complain("audience", "has too many parts")
    return frozenset(tokens)


def _channel(values: Fields) -> ItemKey | None:
    external_id = values.text("channel", 300)
    tool = values.text("channel_tool", 80) or values.text("tool", 80)
    return (tool_slug(tool), external_id) if external_id else None
