"""The way back from new days: which steps had which, carried in an address and in a form.

Nothing of it is kept: the page after a move says what was before, and its form sends it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

_WAS, _OF = "was", "moved"
_MOST = 200
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What a page says after steps of the playlist `slug` were moved; `days` are for the form."""

    slug: str
    text: str
    days: list[str]
    back_to: str


def written(days: Mapping[int, date | None]) -> list[str]:
    """Return days as a form sends them: `12:2026-11-16`, without a day where it is the plan's."""
    return [f"{step}:{day.isoformat() if day else ''}" for step, day in sorted(days.items())]


def read(texts: Iterable[str]) -> dict[int, date | None]:
    """Return the days that `written` wrote; what it cannot have written is left out."""
    found: dict[int, date | None] = {}
    for text in list(texts)[:_MOST]:
        number, colon, day = text.partition(":")
        if not colon or not number.isascii() or not number.isdigit() or len(number) > 10:
            continue
        if 0 < int(number) <= _LARGEST_ID:
            try:
                found[int(number)] = date.fromisoformat(day) if day else None
            except ValueError:
                continue
    return found


def with_undo(address: str, slug: str, days: Mapping[int, date | None]) -> str:
    """Return a local address that says which steps of a playlist were moved, and from where."""
    parts = urlsplit(without_undo(address))
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), (_OF, slug)]
    query = urlencode([*pairs, *((_WAS, each) for each in written(days))])
    return urlunsplit(parts._replace(query=query))


def without_undo(address: str) -> str:
    """Return a local address as it was before it said what was moved."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in {_WAS, _OF}]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def undo_in(arguments: MultiDict[str, str], *, back_to: str) -> Undo | None:
    """Return what an address says of moved steps, or None where it says nothing."""
    days = read(arguments.getlist(_WAS))
    return undo(arguments.get(_OF, ""), days, back_to=back_to)


def undo(slug: str, days: Mapping[int, date | None], *, back_to: str) -> Undo | None:
    """Return what to say of these steps of a playlist that were moved; None where none was."""
    if not slug or not days:
        return None
    text = ngettext("%(num)s step has a new day.", "%(num)s steps have new days.", len(days))
    return Undo(slug=slug, text=text, days=written(days), back_to=back_to)
