"""Very many events as columns, which is how a training reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.arrays import Floats, Ints, Mask, Times, narrow
from recommender.data import VERBS, Event

LEAST_BITS = 24
"""Times are told apart by so many bits at least, where they are put in order with people."""


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
        return self.where(self._order())

    def _order(self) -> Ints:
        """Return the rows by person, time and item.

        Person and time, rounded down, are written into one number of 63 bits, since numbers are
        sorted soonest; only rows in which it is the same are looked at more closely.
        """
        first, began = self.person.min(), float(self.at.min())
        people = int(self.person.max()) - int(first)
        span = float(self.at.max()) - began
        bits = min(63 - people.bit_length(), 52)
        if bits < LEAST_BITS or not np.isfinite(span):
            return np.lexsort((self.item, self.at, self.person))
        key = ((self.at - began) * ((2**bits - 1) / max(span, 1e-9))).astype(np.int64)
        key |= (self.person.astype(np.int64) - first) << bits
        order: Ints = np.argsort(key)
        key = key[order]
        again = np.flatnonzero(key[1:] == key[:-1])
        alike = np.union1d(again, again + 1)
        rows = order[alike]
        finer = np.lexsort((rows, self.item[rows], self.at[rows], key[alike]))
        order[alike] = rows[finer]
        return order

    def where(self, chosen: Mask | Ints | slice) -> "EventLog":
        """Return the chosen rows, by mask, by position or as they stand."""
        ids = self.person[chosen], self.item[chosen], self.verb[chosen]
        return EventLog(*ids, self.at[chosen], self.value[chosen])

    def rows(self) -> list[Event]:
        """Return the events as rows again, in the order of the columns."""
        columns = (self.person, self.item, self.verb, self.at, self.value)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Event(p, i, VERBS[v], t, value) for p, i, v, t, value in rows]
