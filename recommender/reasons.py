"""Exactly one true statement for every recommendation, with the figures that prove it.

The parts of a score are tried from the strongest down; each names the statements it can make,
and a statement is made only if it can be re-derived from the raw data.
"""

from collections.abc import Mapping

from recommender.case import Case
from recommender.claims import (
    Maker,
    because_of,
    closes_gap,
    first_month,
    first_month_for_newcomers,
    fits_time,
    from_tool,
    goes_with,
    in_circle,
    in_language,
    in_role,
    new,
    next_step,
    often_next,
    pinned,
    popular,
    popular_in_role,
    shares_skill,
    short,
    trending,
)
from recommender.data import Reason, ReasonCode

__all__ = ("OTHERWISE", "SAYS", "SLIGHT", "Case", "reason_for")

SAYS: dict[str, tuple[Maker, ...]] = {
    "taste": (because_of,),
    "near": (because_of,),
    "next": (often_next, because_of),
    "order": (often_next, shares_skill),
    "role": (first_month_for_newcomers, popular_in_role, in_role, first_month),
    "circle": (in_circle,),
    "popular": (popular_in_role, popular),
    "trend": (trending,),
    "content": (shares_skill,),
    "theme": (shares_skill,),
    "pinned": (pinned,),
    "step": (next_step,),
    "gap": (closes_gap,),
    "time": (fits_time, short),
    "device": (short,),
    "language": (in_language,),
    "origin": (goes_with, from_tool),
    "fresh": (new,),
    "match": (in_role, shares_skill),
}
"""What each part of a score can say for itself, best first."""

SLIGHT = frozenset({"device", "language"})
"""Parts that say the same of very many items: they speak only where no other part can."""

OTHERWISE: tuple[Maker, ...] = (
    next_step,
    pinned,
    because_of,
    popular_in_role,
    in_role,
    closes_gap,
    shares_skill,
    trending,
    popular,
    in_circle,
    first_month,
    fits_time,
    new,
)
"""What may be said when the parts that decided have nothing true to say."""


MOST_SAID = 2
ALSO_STRONG = 0.5
"""A sentence that stands twice already gives way to that of a part with half of its share."""


def reason_for(case: Case, at: int, parts: Mapping[str, float], *, drawn: bool = False) -> Reason:
    """Return the first true statement of the strongest part, or else the first that is true at all.

    What has been said twice of other items gives way to what a part that is nearly as strong says.
    That the person has not met the item is all that is left to say of some. What was `drawn` to
    find something out says so: no part of its score put it there.
    """
    if drawn:
        return Reason(ReasonCode.DRAWN)
    reason = _of_parts(case, at, parts) or _first(case, at, OTHERWISE)
    if reason is None:
        return Reason(ReasonCode.UNSEEN)
    case.said[reason] += 1
    return reason


def _of_parts(case: Case, at: int, parts: Mapping[str, float]) -> Reason | None:
    """Return what the strongest part says, or a rarer statement of one nearly as strong."""
    speaking = [
        (part in SLIGHT, -share, place, part)
        for place, (part, share) in enumerate(parts.items())
        if share > 0
    ]
    strongest: tuple[Reason, float] | None = None
    for slight, less, _, part in sorted(speaking):
        if strongest and (slight or -less < ALSO_STRONG * strongest[1]):
            break
        reason = _first(case, at, SAYS.get(part, ()))
        if reason is not None:
            strongest = strongest or (reason, -less)
            if case.said[reason] < MOST_SAID:
                return reason
    return strongest[0] if strongest else None


def _first(case: Case, at: int, makers: tuple[Maker, ...]) -> Reason | None:
    for maker in makers:
        reason = maker(case, at)
        if reason is not None:
            return reason
    return None
