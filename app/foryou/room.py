"""What a process keeps in memory to recommend: the serving model and the facts of live items.

The facts are read again only when the catalogue has changed, or what curators say; the model is
swapped when a training has published a better one. Nothing about a person is kept between requests.
"""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.foryou import queries
from app.foryou.experiments import Experiments
from app.foryou.queries import CatalogueState, CuratedPin, Row, Signs
from app.foryou.tail import Tail
from recommender.data import ItemFacts
from recommender.pool import Eligibility
from recommender.store import ModelStore


class Offer(NamedTuple):
    """What one audience may be recommended: ready for the recommender, and the facts by id.

    Of duplicates only one is eligible, the preferred one if this audience sees it; `twins` are all
    live duplicates by each, whoever sees them, and only keep things out. `names` are those of roles
    and skills, by `role:` and `skill:` slug. `pins` are those that this audience may see, `asked`
    the skills that each role asks for.
    """

    eligibility: Eligibility
    items: dict[int, ItemFacts]
    names: dict[str, str]
    twins: dict[int, frozenset[int]]
    pins: Sequence[CuratedPin] = ()
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def with_twins(self, item_ids: Iterable[int]) -> frozenset[int]:
        """Return these items and their duplicates."""
        return frozenset(twin for one in item_ids for twin in self.twins.get(one, (one,)))

    def pinned_for(self, roles: Collection[str], today: date) -> dict[int, str]:
        """Return what is pinned for these roles today, each item with the role of its page."""
        return {
            pin.item_id: pin.role
            for pin in reversed(self.pins)
            if pin.role in roles and pin.stands(today)
        }

    def gaps(self, roles: Iterable[str], met: Iterable[int]) -> frozenset[str]:
        """Return the skills that these roles ask for and no item in `met` teaches."""
        asked = frozenset(skill for role in roles for skill in self.asked.get(role, ()))
        if not asked:
            return asked
        shown = (self.items[item].skills for item in met if item in self.items)
        return asked.difference(*shown)


@dataclass(frozen=True)
class _Snapshot:
    """The catalogue as it stood at `state`, and the offers made from it so far."""

    state: CatalogueState
    rows: dict[int, Row]
    names: dict[str, str]
    twins: dict[int, frozenset[int]]
    pins: list[CuratedPin]
    asked: dict[str, frozenset[str]]
    offers: dict[tuple[frozenset[int], frozenset[str]], Offer]


class Room:
    """The recommender's place in one process; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Serve the models kept in this folder."""
        self.models = ModelStore(folder)
        self.tail = Tail()
        self.experiments = Experiments(self.models)
        self._lock = threading.Lock()
        self._snapshot = _Snapshot(CatalogueState(), {}, {}, {}, [], {}, {})

    def offer(
        self, session: Session, *, tokens: Collection[str], languages: frozenset[str]
    ) -> tuple[Offer, Signs]:
        """Return the live items in these languages that a holder of `tokens` may see.

        With them comes by what new activity is noticed, for `Tail`.
        """
        state, signs, audiences = queries.allowed_audiences(session, tokens)
        snapshot = self._at(session, state)
        key = (audiences, languages)
        found = snapshot.offers.get(key)
        if found is None:
            rows = {
                item_id: row
                for item_id, row in snapshot.rows.items()
                if row.audience_id in audiences and row.facts.language in languages
            }
            items = {item_id: row.facts for item_id, row in rows.items()}
            eligible = _one_of_each(rows, snapshot.twins)
            found = Offer(
                Eligibility(eligible, items),
                items,
                snapshot.names,
                snapshot.twins,
                [pin for pin in snapshot.pins if pin.is_for(audiences)],
                snapshot.asked,
            )
            snapshot.offers[key] = found
        return found, signs

    def _at(self, session: Session, state: CatalogueState) -> _Snapshot:
        if self._snapshot.state != state:
            with self._lock:
                if self._snapshot.state != state:
                    rows, names = queries.live_items(session), queries.names(session)
                    pins, asked = queries.pins(session), queries.skills_asked_for(session)
                    self._snapshot = _Snapshot(state, rows, names, _twins(rows), pins, asked, {})
        return self._snapshot


def _twins(rows: Mapping[int, Row]) -> dict[int, frozenset[int]]:
    """Return the duplicates of each item that has any, itself among them."""
    clusters: dict[int, list[int]] = defaultdict(list)
    for item_id, row in rows.items():
        if row.cluster_id is not None:
            clusters[row.cluster_id].append(item_id)
    return {one: frozenset(ids) for ids in clusters.values() if len(ids) > 1 for one in ids}


def _one_of_each(rows: Mapping[int, Row], twins: Mapping[int, frozenset[int]]) -> list[int]:
    """Return the items, and of duplicates the preferred one or else the first."""

    def first(item_id: int) -> int:
        offered = [one for one in twins.get(item_id, (item_id,)) if one in rows]
        return min(offered, key=lambda one: (not rows[one].preferred, one))

    return [item_id for item_id in rows if first(item_id) == item_id]
