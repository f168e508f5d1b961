"""What goes into the index and what comes out: frozen dataclasses and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from search.query import Query
from search.synonyms import NO_SYNONYMS, Synonyms

FACETS = ("kind", "tool", "role", "skill", "time", "level", "language")
TIME_BUCKETS = ("under-10", "10-30", "30-60", "over-60", "unknown")


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found.

    `roles` and `skills` are slugs (facet values), `skill_names` and `tool_name` the words people
    read and search. `minutes` is None where nobody knows. `quality` runs from 0 to 1. `audience`
    holds tokens: whoever holds one of them may know that the document exists; no token, nobody.
    Documents with the same `cluster` are one thing in several tools.
    """

    id: int
    title: str
    body: str
    kind: str
    tool: str
    roles: tuple[str, ...]
    skills: tuple[str, ...]
    skill_names: tuple[str, ...]
    tool_name: str
    level: str | None
    language: str
    minutes: int | None
    published: date | None
    quality: float
    audience: frozenset[str]
    cluster: int | None = None
    preferred: bool = False


class Sort(StrEnum):
    """The orders a reader may choose."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SHORTEST = "shortest"
    TITLE = "title"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Boosts:
    """What lifts some hits for this reader: pinned for their role, meant for it, fresh by `now`.

    `languages` are the codes of those that the reader reads; none of them lifts anything if empty.
    `liking` says of some documents how well they suit this reader, from 0 to 1. `table` holds the
    shares of the boosts where they differ from `search.rank.BOOSTS`.
    """

    pinned: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    now: date | None = None
    languages: frozenset[str] = frozenset()
    liking: Mapping[int, float] = field(default_factory=dict)
    table: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One question to the index.

    `filters` holds the ticked values per facet: OR inside a facet, AND between facets. A facet
    gives its `most_values` most frequent values and the ticked ones; without, all. `exclude`
    hides documents from everything, counts included; with `only`, nothing else is looked at. With
    `prefix` the last word may be unfinished. `finished` holds documents, the most finished first,
    for the order of that name. With `collapse`, a cluster is one hit, which names its others.
    With `forgive`, a word that nothing holds may be taken for another one. `similar` holds the
    documents that are most about what is asked, with their cosine (`search.hybrid`).
    """

    query: Query
    audience: frozenset[str]
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facets: tuple[str, ...] = FACETS
    most_values: int | None = None
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    exclude: frozenset[int] = frozenset()
    only: frozenset[int] | None = None
    boosts: Boosts = field(default_factory=Boosts)
    synonyms: Synonyms = NO_SYNONYMS
    finished: tuple[int, ...] = ()
    prefix: bool = False
    collapse: bool = False
    forgive: bool = False
    similar: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found, how well it fits, the boosts that lifted it, and its duplicates."""

    id: int
    score: float
    boosts: tuple[str, ...] = ()
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A word as it was typed, which nothing holds, and the word that was taken for it."""

    typed: str
    taken: str


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet and how many documents choosing it would show."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet's values, the most frequent first (time buckets: the shortest first)."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits with the exact total and the facets around it.

    `relaxed` is True when so few held enough of the words that documents with any of them were
    added; the page should say so. So it should of `corrections`, after which `query`
    is what was asked instead of what was typed. `total` and facets count documents, `shown` how
    many hits these make, once duplicates are gathered. With `by_meaning`, nothing held the words,
    and what is about something similar is shown instead.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Facet]
    relaxed: bool = False
    corrections: tuple[Correction, ...] = ()
    query: Query | None = None
    shown: int = 0
    by_meaning: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion: a "title" or "channel" (with its id), or a "skill" (with how many have it)."""

    text: str
    kind: str
    id: int | None = None
    count: int = 1


def time_bucket(minutes: int | None) -> str:
    """Name the bucket of the time facet that a length in minutes falls into."""
    if minutes is None:
        return "unknown"
    limits = ((10, "under-10"), (30, "10-30"), (61, "30-60"))
    return next((name for limit, name in limits if minutes < limit), "over-60")


def facet_values(document: Document) -> dict[str, frozenset[str]]:
    """List a document's values per facet; a facet that it says nothing about is empty."""
    return {
        "kind": frozenset({document.kind}),
        "tool": frozenset({document.tool}),
        "role": frozenset(document.roles),
        "skill": frozenset(document.skills),
        "time": frozenset({time_bucket(document.minutes)}),
        "level": frozenset({document.level} if document.level else ()),
        "language": frozenset({document.language}),
    }
