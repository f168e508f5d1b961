"""Our recommender behind an interface of matrices, so that anyone can measure it on their data.

    system = factory(n_items, role_names, item_text)
    system.fit(train, times, roles, now)
    system.recommend(history, roles, n, now)       # one answer for each row of a matrix
    system.observe(person, item, at)               # or event by event, as a portal lives
    system.slate(person, roles, n, at, context)

Items are 0 to n_items - 1, roles positions in `role_names` with -1 for unknown, times unix seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender import Context, Dataset, Eligibility, Event, EventLog, ItemFacts, Model, Settings
from recommender import recommend as slate_for
from recommender.data import VERBS, Ints
from recommender.evaluate import tuned
from recommender.model import fit, recount
from recommender.replay import split

RECOUNT_EVERY = 200


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
        self.waiting: list[Event] = []

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
        self.dataset = Dataset(log, held, self.dataset.items, now)
        settings = Settings()
        if times is not None:
            past, future = split(self.dataset, settings)
            settings = replace(settings, blend=tuned(fit(past, settings), past, future, seed=0))
        self.model = fit(self.dataset, settings)
        self.histories = _histories(log)
        self.waiting = []

    def recommend(
        self,
        history: sparse.csr_matrix,
        roles: NDArray[np.int64],
        n: int,
        now: float,
        times: sparse.csr_matrix | None = None,
    ) -> Ints:
        """Return rows x n items, best first, -1 where there is none left."""
        histories = _histories(_log(history, times, now))
        found = np.full((history.shape[0], n), -1, np.int64)
        for row in range(history.shape[0]):
            events = histories.get(row, [])
            items = self._slate(Context(row, self._roles(roles[row]), events, now), n)
            found[row, : len(items)] = items
        return found

    def observe(self, person: int, item: int, at: float) -> None:
        """Take note of an event; counts are brought up to date after every few hundred."""
        event = Event(person, item, "launched", at)
        self.histories.setdefault(person, []).append(event)
        self.waiting.append(event)
        if len(self.waiting) >= RECOUNT_EVERY and self.model is not None:
            log = _joined(EventLog.of(self.dataset.events), EventLog.of(self.waiting))
            self.dataset = replace(self.dataset, events=log, now=at)
            self.model = recount(self.model, self.dataset)
            self.waiting = []

    def slate(
        self,
        person: int,
        roles: Sequence[int],
        n: int,
        at: float,
        context: Mapping[str, object] | None = None,  # noqa: ARG002
    ) -> tuple[int, ...]:
        """Return up to n items for somebody now; nothing in `context` is used so far."""
        events = self.histories.get(person, [])
        return self._slate(Context(person, self._roles(roles), events, at), n)

    def _slate(self, context: Context, n: int) -> tuple[int, ...]:
        return slate_for(self.model, context, self.eligible, self.facts, n).items

    def _roles(self, codes: Sequence[int] | NDArray[np.int64]) -> tuple[str, ...]:
        return tuple(self.role_names[code] for code in codes if code >= 0)


def _log(matrix: sparse.csr_matrix, times: sparse.csr_matrix | None, now: float) -> EventLog:
    """Return the cells of a matrix as activity, at their times or else all of them now."""
    cells = sparse.coo_matrix(matrix if times is None else times)
    at = np.full(cells.nnz, now) if times is None else cells.data.astype(np.float64)
    verb = np.full(cells.nnz, VERBS.index("launched"))
    return EventLog(cells.row.astype(np.int64), cells.col.astype(np.int64), verb, at)


def _histories(log: EventLog) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in log.where(np.argsort(log.at, kind="stable")).rows():
        found.setdefault(event.person, []).append(event)
    return found


def _joined(first: EventLog, second: EventLog) -> EventLog:
    pairs = ((getattr(first, name), getattr(second, name)) for name in ("person", "item", "verb"))
    person, item, verb = (np.concatenate(pair) for pair in pairs)
    return EventLog(person, item, verb, np.concatenate([first.at, second.at]))
