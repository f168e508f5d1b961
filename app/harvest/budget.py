"""Bounds what one run may cost, so that a tool without an end ends its run.

Pages that lead to one another, or that never stop, are no trouble of a single request. A run that
has spent its budget keeps what it has and halts; the next one goes on from the last checkpoint, so
that a tool which is merely large is read in parts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.connectors.http import Meter
from app.errors import Wording


@dataclass(frozen=True, slots=True)
class Budget:
    """The most requests of one run, and the longest time that it may take."""

    requests: int = 20_000
    time: timedelta = timedelta(hours=6)


class BudgetSpent(Exception):
    """The run has cost what it may; no connector catches this, as it would a SourceError."""

    def __init__(self, why: Wording) -> None:
        """Keep the sentence for the administrator."""
        super().__init__(why)
        self.why = why


def metered_by(budget: Budget, tick: Callable[[], None], now: Callable[[], datetime]) -> Meter:
    """Return the meter of a run that begins now; its `stop` ticks, and raises BudgetSpent."""
    ends_at = now() + budget.time

    def stop() -> None:
        tick()
        if meter.requests >= budget.requests:
            raise BudgetSpent(
                Wording(
                    "It was asked %(requests)s times and has not come to an end. The next"
                    " reading goes on from there.",
                    requests=meter.requests,
                )
            )
        if now() >= ends_at:
            raise BudgetSpent(
                Wording(
                    "It was read for %(hours)s hours and has not come to an end. The next"
                    " reading goes on from there.",
                    hours=budget.time // timedelta(hours=1),
                )
            )

    meter = Meter(stop=stop)
    return meter
