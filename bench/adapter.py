"""Our recommender behind an interface of matrices, so that anyone can measure it on their data.

    system = factory(n_items, role_names, item_text)
    system.fit(train, times, roles, now)
    system.recommend(history, roles, n, now)       # one answer for each row of a matrix
    system.observe(person, item, at)               # or event by event, as a portal lives
    system.slate(person, roles, n, at, context)

Items are 0 to n_items - 1, roles positions in `role_names` with -1 for unknown, times unix seconds.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender import Context, Dataset, Eligibility, Event, EventLog, ItemFacts, Model, Settings
from recommender import recommend as slate_for
from recommender.arrays import Ints
from recommender.data import VERBS
from recommender.evaluate import tuned
from recommender.live import Live
from recommender.model import fit
from recommender.newcomers import learn_timeless
from recommender.replay import split

TRAIL = 20
"""The events of each person that tell what they did last before the training."""


def factory(n_items: int, role_names: Sequence[str], item_text: Sequence[str] | None) -> "System":
    """Return an untrained system for a catalogue of `n_items`, with a line of text for each."""
    text = item_text if item_text is not None else [""] * n_items
    return System([ItemFacts(item, title=line) for item, line in enumerate(text)], role_names)


class System:
    """A model, the activity it was trained on, and what was observed since."""

    def __init__(self, facts: Sequence[ItemFacts], role_names: Sequence[str]) -> None:
        """Describe the items and name the roles."""
        self.facts = {each.item: each for each in facts}
        self.role_names = role_names
        self.eligible = Eligibility(self.facts, self.facts)
        self.model: Model | None = None
        self.dataset = Dataset((), {}, tuple(facts), 0.0)
        self.histories: dict[int, list[Event]] = {}
        self.known: dict[frozenset[int], list[Event]] = {}
        self.live: Live | None = None

    def fit(
        self,
        train: sparse.csr_matrix,
        times: sparse.csr_matrix | None,
        roles: NDArray[np.int64],
        now: float,
    ) -> None:
        """Train on people x items; `times` has the same cells. Without times nothing is tuned."""
        log = _log(train, times, now)
        held = {person: self._roles(row) for person, row in enumerate(roles)}
        self.dataset = Dataset(log, held, self.dataset.items, now, dated=times is not None)
        settings = Settings()
        if times is not None:
            past, future = split(self.dataset, settings)
            settings = replace(settings, blend=tuned(fit(past, settings), past, future, seed=0))
        settings = replace(settings, timeless=learn_timeless(self.dataset, settings, seed=0))
        self.model = fit(self.dataset, settings)
        self.histories = _histories(log)
        self.known = _by_items(self.histories) if times is not None else {}
        self.live = Live(self.model)
        for history in self.histories.values():
            self.live.observe(history[-TRAIL:])

    def recommend(
        self, history: sparse.csr_matrix, roles: NDArray[np.int64], n: int, now: float
    ) -> Ints:
        """Return rows x n items, best first, -1 where there is none left.

        A row does not say when: nothing that is of late counts for it. But where the training knew
        just one person with these items, and when, it is asked right after the last of them.
        """
        found = np.full((history.shape[0], n), -1, np.int64)
        for row, items in enumerate(np.split(history.indices, history.indptr[1:-1])):
            known = self.known.get(frozenset(items.tolist()))
            events = [Event(row, item, "launched", now) for item in sorted(items.tolist())]
            held = self._roles(roles[row])
            if known:
                context = Context(row, held, _moved(known, now), now)
            else:
                context = Context(row, held, events, now, timeless=True)
            slate = self._slate(context, n)
            found[row, : len(slate)] = slate
        return found

    def observe(self, person: int, item: int, at: float) -> None:
        """Take note of an event; everything but the factors knows of it at once."""
        event = Event(person, item, "launched", at)
        self.histories.setdefault(person, []).append(event)
        if self.live is not None:
            self.live.observe([event], {person: self.dataset.people_roles.get(person, ())})

    def slate(
        self,
        person: int,
        roles: Sequence[int],
        n: int,
        at: float,
        context: Mapping[str, Any] | None = None,
    ) -> tuple[int, ...]:
        """Return up to n items for somebody now.

        `context` may hold any field of `Context` but these: the minutes at hand, a device, ...
        """
        events = self.histories.get(person, [])
        asked = Context(person, self._roles(roles), events, at, **(context or {}))
        return self._slate(asked, n)

    def _slate(self, context: Context, n: int) -> tuple[int, ...]:
        return slate_for(self.model, context, self.eligible, self.facts, n, live=self.live).items

    def _roles(self, codes: Sequence[int] | NDArray[np.int64]) -> tuple[str, ...]:
        return tuple(self.role_names[code] for code in codes if code >= 0)


def _log(matrix: sparse.csr_matrix, times: sparse.csr_matrix | None, now: float) -> EventLog:
    """Return the cells of a matrix as activity, at their times or else all of them now."""
    cells = sparse.coo_matrix(matrix if times is None else times)
    at = np.full(cells.nnz, now) if times is None else cells.data.astype(np.float64)
    verb = np.full(cells.nnz, VERBS.index("launched"))
    return EventLog(cells.row.astype(np.int64), cells.col.astype(np.int64), verb, at)


def _moved(history: Sequence[Event], now: float) -> list[Event]:
    """Return a history as it lies behind somebody who did the last of it just now."""
    return [event._replace(at=event.at + now - history[-1].at) for event in history]


def _by_items(histories: Mapping[int, list[Event]]) -> dict[frozenset[int], list[Event]]:
    """Return the histories of two items and more that nobody else has, by their items."""
    sets = {person: frozenset(event.item for event in each) for person, each in histories.items()}
    people = Counter(sets.values())
    return {
        items: histories[person][:]
        for person, items in sets.items()
        if len(items) > 1 and people[items] == 1
    }


def _histories(log: EventLog) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in log.where(np.argsort(log.at, kind="stable")).rows():
        found.setdefault(event.person, []).append(event)
    return found
