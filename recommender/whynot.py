"""Where an item stands among what could be recommended to somebody, and what others have over it.

The parts of a score make the answer: those in which the items that are shown are, on average,
stronger than this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recommender.data import Recommendation, Slate

MOST_NAMED = 3
LEAST_SHARE = 0.1
"""A part counts if it makes up this share of all by which others are ahead."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of an item by its score, from 1; None if it comes after all that were compared.

    `compared` is how many were; `stronger` are the parts in which the best of them are ahead, the
    part that makes most of the difference first.
    """

    place: int | None
    compared: int
    stronger: tuple[str, ...]


def standing(ranking: Slate, own: Recommendation, shown: int) -> Standing:
    """Compare an item with the best `shown` of a ranking, which need not hold the item itself."""
    scores = sorted((each.score for each in ranking.recommendations), reverse=True)
    ahead = sum(score > own.score for score in scores)
    best = sorted(ranking.recommendations, key=lambda each: -each.score)[:shown]
    others = [each.parts for each in best if each.item != own.item]
    return Standing(
        ahead + 1 if own.item in ranking.items or ahead < len(scores) else None,
        len(scores),
        stronger_parts(own.parts, others),
    )


def stronger_parts(
    own: Mapping[str, float], others: Sequence[Mapping[str, float]]
) -> tuple[str, ...]:
    """Return up to three parts in which the mean of others is ahead of the own, by how far."""
    if not others:
        return ()
    names = sorted({name for parts in (own, *others) for name in parts})
    ahead = {
        name: sum(parts.get(name, 0.0) for parts in others) / len(others) - own.get(name, 0.0)
        for name in names
    }
    total = sum(lead for lead in ahead.values() if lead > 0)
    leading = [name for name in names if ahead[name] > max(LEAST_SHARE * total, 1e-6)]
    return tuple(sorted(leading, key=lambda name: -ahead[name])[:MOST_NAMED])
