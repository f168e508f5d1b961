"""What the address of a search page asks for: read from any junk, written back in one shape.

One address gives one answer, whether it is typed, shared, reloaded or reached letter by letter.
Therefore the last word always counts as possibly unfinished; a space behind it finishes it.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from search.document import FACETS, Sort

LONGEST_TEXT = 300
LONGEST_VALUE = 120
MOST_VALUES = 20
LAST_PAGE = 500
PAGE_SIZE = 20
_BY_DEFAULT = Sort.RELEVANCE


class Arguments(Protocol):
    """The arguments of an address, each given once or several times."""

    def getlist(self, key: str) -> list[str]:
        """Return all values of `key`."""


@dataclass(frozen=True)
class Ask:
    """One question to the search page. `filters` holds the ticked values of each facet.

    `exact` takes every word as it is typed; `plain` leaves out who asks: their role, their pins,
    what suits them.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = _BY_DEFAULT
    page: int = 1
    pin_to: int | None = None
    exact: bool = False
    plain: bool = False

    @classmethod
    def of(cls, arguments: Arguments) -> "Ask":
        """Read the question; whatever makes no sense is left out."""
        found = {name: _values(arguments.getlist(name)) for name in FACETS}
        return cls(
            text=_text(_first(arguments, "q")),
            filters={name: values for name, values in found.items() if values},
            sort=_sort(_first(arguments, "sort")),
            page=min(_number(_first(arguments, "page")) or 1, LAST_PAGE),
            pin_to=_number(_first(arguments, "pin_to")),
            exact=_first(arguments, "exact") == "1",
            plain=_first(arguments, "plain") == "1",
        )

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is looked for, so that the answer is to browse everything."""
        return not self.text.strip() and not self.filters

    @property
    def offset(self) -> int:
        """Return how many results come before this page."""
        return (self.page - 1) * PAGE_SIZE

    def arguments(self) -> dict[str, Any]:
        """Return the shortest arguments that ask the same."""
        return {
            **({"q": self.text} if self.text.strip() else {}),
            **{name: list(values) for name, values in self.filters.items()},
            **({"sort": self.sort.value} if self.sort is not _BY_DEFAULT else {}),
            **({"page": str(self.page)} if self.page > 1 else {}),
            **({"pin_to": str(self.pin_to)} if self.pin_to else {}),
            **({"exact": "1"} if self.exact else {}),
            **({"plain": "1"} if self.plain else {}),
        }

    def at(self, page: int) -> "Ask":
        """Return the same question on another page."""
        return replace(self, page=page)

    def saying(self, text: str) -> "Ask":
        """Return the question in other words, on its first page."""
        return replace(self, text=text, page=1, exact=False)

    def exactly(self) -> "Ask":
        """Return the question with every word as it was typed, on its first page."""
        return replace(self, exact=True, page=1)

    def for_anybody(self, plain: bool = True) -> "Ask":
        """Return the question without regard to who asks it (or with it), on its first page."""
        return replace(self, plain=plain, page=1)

    def without(self, name: str, value: str) -> "Ask":
        """Return the question without one ticked value, on its first page."""
        left = {
            facet: tuple(each for each in values if (facet, each) != (name, value))
            for facet, values in self.filters.items()
        }
        filters = {facet: values for facet, values in left.items() if values}
        return replace(self, filters=filters, page=1)

    def unpinned(self) -> "Ask":
        """Return the question without the wish to pin what is found."""
        return replace(self, pin_to=None)

    def unfiltered(self) -> "Ask":
        """Return the question without any ticked value, on its first page."""
        return replace(self, filters={}, page=1)

    def continues(self, earlier: "Ask") -> bool:
        """Tell whether this is `earlier` with letters added or taken away: one entry of history."""
        if replace(self, text="", page=1) != replace(earlier, text="", page=1):
            return False
        before, now = earlier.text, self.text
        if before == now:
            return self.page == earlier.page
        return bool(before.strip()) and (now.startswith(before) or before.startswith(now))


def _first(arguments: Arguments, key: str) -> str:
    return next(iter(arguments.getlist(key)), "")


def _text(value: str) -> str:
    return "".join(" " if _is_odd(char) else char for char in value[:LONGEST_TEXT]).lstrip()


def _is_odd(char: str) -> bool:
    """Tell a control character, half a pair or a non-character, which no page may contain."""
    code = ord(char)
    outside = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return outside or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def _values(given: Iterable[str]) -> tuple[str, ...]:
    usable = (value for value in given if 0 < len(value) <= LONGEST_VALUE and _is_word(value))
    return tuple(dict.fromkeys(usable))[:MOST_VALUES]


def _is_word(value: str) -> bool:
    return value.isprintable() and not any(char.isspace() for char in value)


def _sort(value: str) -> Sort:
    return Sort(value) if value in set(Sort) else _BY_DEFAULT


def _number(value: str) -> int | None:
    """Read a whole number from 1 on that every database can hold."""
    readable = value.isascii() and value.isdigit() and len(value) < 10
    return (int(value) or None) if readable else None
