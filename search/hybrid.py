"""Joins what the words say with what vectors say, into one score.

Both are normalised to 0..1 over the documents at hand and weighed (a convex combination of
min-max scores: Bruch, Gai and Ingber 2023, arXiv 2210.11934), which does better than joining ranks.

Vectors only reorder what the words have found, so that totals, facets and pages stay exact and
filters, phrases, exclusions and audiences bind as ever. Only where the words find nothing at all,
not even with a filter less, documents about something similar are shown, and counted as such.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from search.plan import Match
from search.rank import Candidate

SHARE = 0.4  # of the joint score that comes from the vectors
ALIKE = 0.4  # the least cosine at which a document is shown although it holds none of the words


def blend(words: Iterable[Candidate], similar: Mapping[int, float]) -> dict[int, Candidate]:
    """Give the candidates with joint scores, on the scale of the words' scores.

    A candidate that is not among the `similar` counts as the least similar of those that are.
    """
    found = list(words)
    if not found:
        return {}
    least = min((similar[one.id] for one in found if one.id in similar), default=0.0)
    meant = _normalised([similar.get(one.id, least) for one in found])
    said = _normalised([one.score for one in found])
    top = max(1.0, *(one.score for one in found))  # small scores would become ties
    return {
        one.id: one._replace(score=top * ((1 - SHARE) * said[at] + SHARE * meant[at]))
        for at, one in enumerate(found)
    }


def by_meaning(match: Match, similar: Mapping[int, float]) -> Match:
    """Give up the words, but nothing else, for documents that are similar enough."""
    alike = frozenset(found for found, cosine in similar.items() if cosine >= ALIKE)
    only = alike if match.only is None else match.only & alike
    return replace(match, words=(), needed=0, titled=False, only=only)


def _normalised(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    span = high - low
    return [(value - low) / span if span else 0.0 for value in values]
