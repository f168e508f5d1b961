"""What people type into the search box, as a small tree.

    "data quality" OR governance  kind:video  -excel  onboarding  under:30m  updated:2026

Words, "phrases", `field:value`, ranges, `-not` and OR (in capitals). Every string parses: what
makes no sense as an operator is read as plain words, and what holds nothing to search for is left
out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from search.ranges import RANGES, Range, read_range
from search.text import pieces, slug

FIELDS = {
    "kind": "kind",
    "tool": "tool",
    "skill": "skill",
    "role": "role",
    "time": "time",
    "level": "level",
    "language": "language",
    "lang": "language",
}
MOST_PARTS = 64

_TOKEN = re.compile(
    rf"""
    (?P<not>-(?=[^\s-]))?
    (?: (?P<field>{"|".join((*FIELDS, *RANGES))}) : (?: "(?P<quoted>[^"]*)" | (?P<value>[^\s"]+) )
      | "(?P<phrase>[^"]*)"
      | (?P<word>[^\s"]+) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_QUOTES = str.maketrans("\u201c\u201d\u201e\u00ab\u00bb", '"' * 5)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was typed; the analysis decides what it means."""

    text: str

    def __str__(self) -> str:
        """Spell it the way it is typed."""
        return self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand beside each other in this order."""

    text: str

    def __str__(self) -> str:
        """Spell it the way it is typed."""
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Field:
    """A facet's value: acts exactly like a ticked filter."""

    name: str
    value: str

    def __str__(self) -> str:
        """Spell it the way it is typed."""
        return f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be there."""

    part: "Word | Phrase | Field | Range"

    def __str__(self) -> str:
        """Spell it the way it is typed."""
        return f"-{self.part}"


@dataclass(frozen=True, slots=True)
class Or:
    """Alternatives, of which one is enough."""

    parts: tuple["Word | Phrase | Field | Range", ...]

    def __str__(self) -> str:
        """Spell it the way it is typed."""
        return " OR ".join(str(part) for part in self.parts)


Leaf = Word | Phrase | Field | Range
Part = Leaf | Not | Or


@dataclass(frozen=True)
class Query:
    """A parsed search box: the text as typed and its parts, all of which matter."""

    text: str
    parts: tuple[Part, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to look for, so that the answer is to browse everything."""
        return not self.parts

    @cached_property
    def filters(self) -> Mapping[str, frozenset[str]]:
        """The values that `field:value` parts ask for, per facet."""
        found: dict[str, frozenset[str]] = {}
        for part in self.parts:
            for field in _fields(part):
                found[field.name] = found.get(field.name, frozenset()) | {field.value}
        return found

    @property
    def ranges(self) -> tuple[tuple[Range, ...], ...]:
        """The ranges that are asked for: one of each choice, all of the choices."""
        return tuple(found for part in self.parts if (found := _ranges(part)))

    @property
    def wanted(self) -> tuple[Part, ...]:
        """The parts to look for in texts: words, phrases and alternatives that are no filters."""
        return tuple(
            part
            for part in self.parts
            if not isinstance(part, Not) and not _fields(part) and not _ranges(part)
        )

    @property
    def unwanted(self) -> tuple[Leaf, ...]:
        """What must not be there."""
        return tuple(part.part for part in self.parts if isinstance(part, Not))

    def without(self, part: Part) -> "Query":
        """Give the query that is left when one of its parts is taken away (a chip is closed)."""
        return parse(" ".join(str(other) for other in self.parts if other != part))


def parse(text: str) -> Query:
    """Read a search box; any string gives a query and nothing is ever raised."""
    found = _TOKEN.finditer(_UNREADABLE.sub(" ", text.translate(_QUOTES)))
    return Query(text, tuple(_join_alternatives(_read(match) for match in found))[:MOST_PARTS])


def _read(match: re.Match[str]) -> Part | None:
    """Turn one token into a part; None stands for the operator OR."""
    if match[0] == "OR":
        return None
    leaf = _leaf(match)
    return Not(leaf) if match["not"] else leaf


def _leaf(match: re.Match[str]) -> Leaf:
    if match["field"]:
        return _named(match)
    if match["phrase"] is not None:
        return Phrase(" ".join(match["phrase"].split()))
    return Word(match["word"])


def _named(match: re.Match[str]) -> Leaf:
    """Read what stands behind a name and a colon; a range that makes no sense is plain text."""
    name = match["field"].casefold()
    value = match["value"] if match["quoted"] is None else match["quoted"]
    if name in FIELDS:
        return Field(FIELDS[name], slug(value))
    found = read_range(name, value)
    if found is not None:
        return found
    if match["quoted"] is not None:
        return Phrase(" ".join(value.split()))
    return Word(f"{match['field']}:{value}")


def _join_alternatives(tokens: Iterable[Part | None]) -> Iterator[Part]:
    """Gather leaves on both sides of an OR; an OR without two leaves beside it says nothing."""
    held: Part | None = None
    joining = False
    for token in tokens:
        if token is None:
            joining = held is not None
        elif not _says_something(token):
            continue
        elif joining and held is not None and (choice := _choice(held, token)):
            held, joining = choice, False
        else:
            if held is not None:
                yield held
            held, joining = token, False
        if isinstance(held, Not):
            yield held
            held = None
    if held is not None:
        yield held


def _choice(left: Part, right: Part) -> Or | None:
    """Join two sides of an OR; ranges are alternatives to ranges of the same field only."""
    if isinstance(left, Not) or isinstance(right, Not | Or):
        return None
    sides = (*(left.parts if isinstance(left, Or) else (left,)), right)
    fields = {side.field if isinstance(side, Range) else None for side in sides}
    return Or(sides) if len(fields) == 1 else None


def _says_something(part: Part) -> bool:
    leaf = part.part if isinstance(part, Not) else part
    if isinstance(leaf, Word | Phrase):
        return any(True for _ in pieces(leaf.text))
    return not isinstance(leaf, Field) or bool(leaf.value)


def _fields(part: Part) -> tuple[Field, ...]:
    """List the fields of a part that acts as a filter: one field, or alternatives of one facet."""
    leaves = part.parts if isinstance(part, Or) else (part,)
    fields = tuple(leaf for leaf in leaves if isinstance(leaf, Field))
    same = len(fields) == len(leaves) and len({field.name for field in fields}) == 1
    return fields if same else ()


def _ranges(part: Part) -> tuple[Range, ...]:
    """List the ranges of a part that is one, or a choice among some."""
    leaves = part.parts if isinstance(part, Or) else (part,)
    return tuple(leaf for leaf in leaves if isinstance(leaf, Range))
