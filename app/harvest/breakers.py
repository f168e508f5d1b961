"""Keeps each tool's breaker in its row, so that every process rests with it and one alone tries.

The rules are `search.breaker`'s; here each step is written only if nobody else wrote meanwhile.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import insert_if_missing
from app.models import Breaker
from search import breaker
from search.breaker import BreakerState

_TRIES = 5


def state_of(session: Session, connection_id: int) -> BreakerState:
    """Return how the breaker of a connection stands, at one statement."""
    columns = select(Breaker.failures, Breaker.rests_until, Breaker.trying_until)
    row = session.execute(columns.where(Breaker.connection_id == connection_id)).first()
    return BreakerState(*row) if row else BreakerState()


def may_ask(session: Session, connection_id: int, *, now: datetime) -> bool:
    """Tell whether this caller may ask the tool now.

    After a rest that is true for exactly one caller, who then tells how it went by `failed` or
    `succeeded`. The caller commits before it asks.
    """
    state = state_of(session, connection_id)
    if state.closed or not breaker.may_ask(state, now=now):
        return state.closed
    return _moved(session, connection_id, state, breaker.trying(state, now=now))


def failed(session: Session, connection_id: int, *, now: datetime) -> BreakerState:
    """Note a failure that may pass, and return how the breaker stands now."""
    return _after(session, connection_id, lambda state: breaker.failed(state, now=now))


def succeeded(session: Session, connection_id: int) -> None:
    """Note that the tool answered; writes nothing where nothing was held against it."""
    if state_of(session, connection_id) != BreakerState():
        _after(session, connection_id, breaker.succeeded)


def _after(
    session: Session, connection_id: int, step: Callable[[BreakerState], BreakerState]
) -> BreakerState:
    insert_if_missing(session, Breaker, connection_id=connection_id, failures=0)
    for _ in range(_TRIES):
        before = state_of(session, connection_id)
        after = step(before)
        if _moved(session, connection_id, before, after):
            return after
    return state_of(session, connection_id)


def _moved(session: Session, connection_id: int, before: BreakerState, after: BreakerState) -> bool:
    """Write the new state unless the row no longer holds the old one; tell whether it did."""
    result = session.execute(
        update(Breaker)
        .where(
            Breaker.connection_id == connection_id,
            Breaker.failures == before.failures,
            Breaker.rests_until.is_not_distinct_from(before.rests_until),
            Breaker.trying_until.is_not_distinct_from(before.trying_until),
        )
        .values(
            failures=after.failures,
            rests_until=after.rests_until,
            trying_until=after.trying_until,
        )
        .returning(Breaker.connection_id)
        .execution_options(synchronize_session=False)
    )
    return result.first() is not None
