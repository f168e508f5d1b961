"""How good search is: judged queries asked through the code that serves the search page.

The command line prints it, the administrator's page shows it, and a change of boosts or synonyms is
measured here before it goes live. No database and no web here: `judging` gathers what they know.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from search.document import Boosts, Hit, Request, Results
from search.evaluate import Figures, ndcg, reciprocal_rank
from search.judged import JudgedQuery
from search.query import parse
from search.rank import BOOSTS
from search.synonyms import NO_SYNONYMS, Synonyms

DEPTH = 10
EVERYONE = frozenset({"everyone"})
OF_WORDS = frozenset({"title"})  # shares that say how well the words fit, not what lifts an item
WITHOUT_BOOSTS: Mapping[str, float] = {name: 0.0 for name in BOOSTS if name not in OF_WORDS}
READER = Boosts(languages=frozenset({"en"}))


class Index(Protocol):
    """Whatever answers requests: the portal's index, or one made for a test."""

    def search(self, request: Request) -> Results:
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One judged query, what was found for it, and how good that is.

    `found` holds the first ten ids, best first; `wanted` the grades of the judged ids; `missing`
    the keys of judged items that this catalogue does not have. `total` is how many were found.
    """

    judged: JudgedQuery
    found: tuple[int, ...]
    total: int
    wanted: Mapping[int, int]
    missing: tuple[str, ...]
    ndcg: float
    reciprocal_rank: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures over all queries, each query's own, and the queries that could not be asked.

    `figures` is None when none could; a query is skipped when this catalogue has none of its items.
    """

    figures: Figures | None
    per_query: tuple[Asked, ...]
    skipped: tuple[JudgedQuery, ...]

    def worst(self, most: int) -> tuple[Asked, ...]:
        """Return the queries that did worst, the worst first; perfect ones are left out."""
        poor = (asked for asked in self.per_query if asked.ndcg < 1.0)
        ordered = sorted(poor, key=lambda asked: (asked.ndcg, asked.judged.query))
        return tuple(ordered[:most])

    def by_kind(self) -> dict[str, Figures]:
        """Return the figures of each kind of query, by name; those without a kind are left out."""
        kinds = sorted({asked.judged.kind for asked in self.per_query} - {""})
        return {
            kind: _figures([one for one in self.per_query if one.judged.kind == kind])
            for kind in kinds
        }


@dataclass(frozen=True, slots=True)
class Change:
    """How one query fared before a change and after it."""

    before: Asked
    after: Asked

    @property
    def gain(self) -> float:
        """Return by how much nDCG went up; negative where it went down."""
        return self.after.ndcg - self.before.ndcg


def measure(
    index: Index,
    judged: Sequence[JudgedQuery],
    *,
    names: Mapping[str, int],
    audience: frozenset[str] = EVERYONE,
    boosts: Boosts = READER,
    synonyms: Synonyms = NO_SYNONYMS,
    pinned: Mapping[str, Collection[int]] | None = None,
) -> Report:
    """Ask every judged query and compare what is found with what was wanted.

    `names` gives the ids behind the keys of judged items, `pinned` what is pinned for each role. A
    query that was judged for a role or a language is asked by somebody who has it. Raises
    IndexMissing.
    """
    base = Request(
        parse(""),
        audience,
        facets=(),
        limit=DEPTH,
        boosts=boosts,
        synonyms=synonyms,
        prefix=True,
        collapse=True,
        forgive=True,
    )
    asked, skipped = [], []
    for one in judged:
        wanted = {names[key]: grade for key, grade in one.items.items() if key in names}
        if wanted:
            results = index.search(_as_asked(one, base, pinned or {}))
            asked.append(_compared(one, results, wanted, names))
        else:
            skipped.append(one)
    return Report(_figures(asked) if asked else None, tuple(asked), tuple(skipped))


def changes(before: Report, after: Report) -> tuple[Change, ...]:
    """Pair two reports over the same queries, those that lose most first."""
    others = {(one.judged.query, one.judged.role): one for one in after.per_query}
    pairs = ((one, others.get((one.judged.query, one.judged.role))) for one in before.per_query)
    found = (Change(one, other) for one, other in pairs if other is not None)
    return tuple(sorted(found, key=lambda change: change.gain))


def _as_asked(judged: JudgedQuery, base: Request, pinned: Mapping[str, Collection[int]]) -> Request:
    """Ask as whoever the query was judged for."""
    request = replace(base, query=parse(judged.query), audience=base.audience | judged.audience)
    if judged.language:
        languages = request.boosts.languages | {judged.language}
        request = replace(request, boosts=replace(request.boosts, languages=languages))
    if not judged.role:
        return request
    boosts = replace(
        request.boosts,
        roles=frozenset({judged.role}),
        pinned=frozenset(pinned.get(judged.role, ())),
    )
    audience = request.audience | {f"role:{judged.role}"}
    return replace(request, audience=audience, boosts=boosts)


def _compared(
    judged: JudgedQuery, results: Results, wanted: Mapping[int, int], names: Mapping[str, int]
) -> Asked:
    run = list(_spoken_for(results.hits, wanted))
    return Asked(
        judged=judged,
        found=tuple(hit.id for hit in results.hits),
        total=results.total,
        wanted=wanted,
        missing=tuple(key for key in judged.items if key not in names),
        ndcg=ndcg(run, wanted, DEPTH),
        reciprocal_rank=reciprocal_rank(run, wanted, DEPTH),
    )


def _spoken_for(hits: Sequence[Hit], wanted: Mapping[int, int]) -> Iterator[int]:
    """Name each hit by the best judged of its duplicates: the card shows them all."""
    for hit in hits:
        yield max((hit.id, *hit.also), key=lambda one: wanted.get(one, 0))


def _figures(asked: Sequence[Asked]) -> Figures:
    return Figures(
        queries=len(asked),
        ndcg=_mean([one.ndcg for one in asked]),
        mrr=_mean([one.reciprocal_rank for one in asked]),
        hit_rate=_mean([float(one.reciprocal_rank > 0) for one in asked]),
        zero_results=_mean([float(not one.found) for one in asked]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
