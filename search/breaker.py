"""Decides whether a source that keeps failing is asked at all: a circuit breaker as plain values.

Closed until three passing failures in a row; then it rests, first half a minute, twice as long
after each further failure, a quarter of an hour at most. After the rest exactly one question is
let through: its answer closes the breaker or sends it to rest again. Nygard, Release It! (2007),
5.2. The state is a value that the caller keeps wherever all who ask can see it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

THRESHOLD = 3
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
TRIAL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class BreakerState:
    """Failures in a row, until when the source rests, and until when one question is on its way."""

    failures: int = 0
    rests_until: datetime | None = None
    trying_until: datetime | None = None

    @property
    def closed(self) -> bool:
        """Tell whether everybody may ask."""
        return self.rests_until is None


def may_ask(state: BreakerState, *, now: datetime) -> bool:
    """Tell whether the source may be asked now; whoever does so after a rest says `trying`."""
    if state.rests_until is None:
        return True
    resting = now < state.rests_until
    tried = state.trying_until is not None and now < state.trying_until
    return not resting and not tried


def trying(state: BreakerState, *, now: datetime) -> BreakerState:
    """Return the state while the one question after a rest is on its way."""
    return state if state.closed else replace(state, trying_until=now + TRIAL)


def failed(state: BreakerState, *, now: datetime) -> BreakerState:
    """Return the state after a failure that may pass."""
    failures = state.failures + 1
    if failures < THRESHOLD:
        return BreakerState(failures)
    return BreakerState(failures, now + rest_after(failures))


def succeeded(_state: BreakerState) -> BreakerState:
    """Return the state after an answer: closed, nothing held against the source."""
    return BreakerState()


def rest_after(failures: int) -> timedelta:
    """Return how long a source rests after so many failures in a row."""
    doublings = min(max(failures - THRESHOLD, 0), 10)
    return min(FIRST_REST * (1 << doublings), LONGEST_REST)
