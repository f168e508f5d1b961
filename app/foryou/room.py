"""What a process keeps in memory to recommend: the serving model and the facts of live items.

The facts are read again only when the catalogue has changed; the model is swapped when a training
has published a better one. Nothing about a person is kept between requests.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.foryou import queries
from app.foryou.queries import CatalogueState, Row
from recommender.data import ItemFacts
from recommender.pool import Eligibility
from recommender.store import ModelStore


class Offer(NamedTuple):
    """What one audience may be recommended: ready for the recommender, and the facts by id.

    `names` are those of roles and skills, by `role:` and `skill:` slug.
    """

    eligibility: Eligibility
    items: dict[int, ItemFacts]
    names: dict[str, str]


@dataclass(frozen=True)
class _Snapshot:
    """The catalogue as it stood at `state`, and the offers made from it so far."""

    state: CatalogueState
    rows: dict[int, Row]
    names: dict[str, str]
    offers: dict[tuple[frozenset[int], frozenset[str]], Offer]


class Room:
    """The recommender's place in one process; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Serve the models kept in this folder."""
        self.models = ModelStore(folder)
        self._lock = threading.Lock()
        self._snapshot = _Snapshot(CatalogueState(None, None), {}, {}, {})

    def offer(
        self, session: Session, *, tokens: Collection[str], languages: frozenset[str]
    ) -> Offer:
        """Return the live items in these languages that a holder of `tokens` may see."""
        state, audiences = queries.allowed_audiences(session, tokens)
        snapshot = self._at(session, state)
        key = (audiences, languages)
        found = snapshot.offers.get(key)
        if found is None:
            items = {
                item_id: row.facts
                for item_id, row in snapshot.rows.items()
                if row.audience_id in audiences and row.facts.language in languages
            }
            found = Offer(Eligibility(items.keys(), items), items, snapshot.names)
            snapshot.offers[key] = found
        return found

    def _at(self, session: Session, state: CatalogueState) -> _Snapshot:
        if self._snapshot.state != state:
            with self._lock:
                if self._snapshot.state != state:
                    rows, names = queries.live_items(session), queries.names(session)
                    self._snapshot = _Snapshot(state, rows, names, {})
        return self._snapshot
