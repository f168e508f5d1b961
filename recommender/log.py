"""Very many events as columns, which is how a training reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.arrays import Floats, Ints, Mask, Times, narrow
from recommender.data import VERBS, Event


@dataclass(frozen=True)
class EventLog:
    """Many events as columns of equal length; verbs as positions in `VERBS`.

    `value` is that of an event; left out, it is 0 throughout.
    """

    person: Ints
    item: Ints
    verb: Ints
    at: Times
    value: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        """Fill the values in where none are given, and hold what is whole in few bytes."""
        if self.value.size != self.person.size:
            object.__setattr__(self, "value", np.zeros(self.person.size, np.float32))
        object.__setattr__(self, "person", narrow(self.person))
        object.__setattr__(self, "item", narrow(self.item))
        object.__setattr__(self, "verb", self.verb.astype(np.int8, copy=False))

    @classmethod
    def of(cls, events: "Sequence[Event] | EventLog") -> "EventLog":
        """Turn rows into columns; events with other verbs are left out."""
        if isinstance(events, EventLog):
            return events
        code = {verb: number for number, verb in enumerate(VERBS)}
        kept = [event for event in events if event.verb in code]
        return cls(
            np.array([event.person for event in kept], dtype=np.int64),
            np.array([event.item for event in kept], dtype=np.int64),
            np.array([code[event.verb] for event in kept], dtype=np.int64),
            np.array([event.at for event in kept], dtype=np.float64),
            np.array([event.value for event in kept], dtype=np.float32),
        )

    def __len__(self) -> int:
        return self.person.size

    def until(self, moment: float) -> "EventLog":
        """Return what happened until a moment (unix seconds)."""
        before = self.at <= moment
        return self if before.all() else self.where(before)

    def in_order(self) -> "EventLog":
        """Return the events by person, time and item."""
        before, after = slice(None, -1), slice(1, None)
        same = self.person[after] == self.person[before]
        later, again = self.at[after] > self.at[before], self.at[after] == self.at[before]
        later |= again & (self.item[after] >= self.item[before])
        if ((self.person[after] > self.person[before]) | (same & later)).all():
            return self
        return self.where(np.lexsort((self.item, self.at, self.person)))

    def where(self, chosen: Mask | Ints) -> "EventLog":
        """Return the chosen rows, by mask or by position."""
        ids = self.person[chosen], self.item[chosen], self.verb[chosen]
        return EventLog(*ids, self.at[chosen], self.value[chosen])

    def rows(self) -> list[Event]:
        """Return the events as rows again, in the order of the columns."""
        columns = (self.person, self.item, self.verb, self.at, self.value)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Event(p, i, VERBS[v], t, value) for p, i, v, t, value in rows]
