"""What shelves are filled from: a slate, and what is known around it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.arrays import positions
from recommender.case import Case
from recommender.claims import popular_in_role
from recommender.data import Context, Event, ItemFacts, Reason, ReasonCode, Recommendation
from recommender.model import Model
from recommender.profile import Profile


def _nothing_like(_item: int) -> Collection[int]:
    return ()


@dataclass(frozen=True)
class Stock:
    """What shelves are filled from.

    `slate` is long and ranked, with no twins in it; `items` are the facts of all that the reader
    may be offered. `twins` are the duplicates of each item that has any, itself among them.
    `counted` tells of items how many people of the reader's role took them, only where that may be
    told; `alike` returns the items most like one.
    """

    slate: Sequence[Recommendation]
    context: Context
    items: Mapping[int, ItemFacts]
    twins: Mapping[int, frozenset[int]] = field(default_factory=dict)
    counted: Mapping[int, Reason] = field(default_factory=dict)
    alike: Callable[[int], Collection[int]] = _nothing_like


def causes(stock: Stock, limit: int) -> list[Reason]:
    """Return what a shelf may follow from: what the person finished last, then what they chose.

    To choose is to like, to save, or to give four stars or five. What they dismissed, and what is
    not offered to them any more, is nothing to begin from.
    """
    gone = {event.item for event in stock.context.history if event.verb == "dismissed"}
    newest = [
        event
        for event in reversed(stock.context.history)
        if event.item in stock.items and event.item not in gone
    ]
    finished = [event for event in newest if event.verb == "completed"]
    chosen = [event for event in newest if _chooses(event)]
    found: dict[int, str] = {}
    for event in (*finished, *chosen):
        found.setdefault(event.item, event.verb)
    told = [Reason(ReasonCode.BECAUSE_OF, item=item, verb=verb) for item, verb in found.items()]
    return told[:limit]


def _chooses(event: Event) -> bool:
    return event.verb in ("liked", "saved") or (event.verb == "rated" and event.value >= 4)


def taken_in_roles(
    model: Model | None,
    context: Context,
    chosen: Sequence[int],
    items: Mapping[int, ItemFacts],
) -> dict[int, Reason]:
    """Return of these items how many people of the person's roles took them in the last month.

    Items of which that may not be told, or not truly, are left out; so are all without a model.
    """
    if model is None or not context.roles:
        return {}
    at, there = positions(model.items, np.array(chosen, np.int64))
    profile = Profile.of(context, model.items, model.settings.activity)
    case = Case(model, context, profile, chosen, np.where(there, at, -1), items)
    told = ((item, popular_in_role(case, place)) for place, item in enumerate(chosen))
    return {item: reason for item, reason in told if reason is not None}
