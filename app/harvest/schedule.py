"""Says which tools are to be read now."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Breaker, Connection


def due(session: Session, now: datetime) -> list[int]:
    """Return the connections to harvest now, those first that have waited longest.

    One is due that is switched on, whose time has come, that nobody reads at this moment, and
    that does not rest after failures.
    """
    return list(
        session.scalars(
            select(Connection.id)
            .outerjoin(Breaker, Breaker.connection_id == Connection.id)
            .where(
                Connection.enabled.is_(True),
                or_(Connection.next_run_at.is_(None), Connection.next_run_at <= now),
                or_(Connection.running_until.is_(None), Connection.running_until <= now),
                or_(Breaker.rests_until.is_(None), Breaker.rests_until <= now),
            )
            .order_by(Connection.next_run_at.asc().nulls_first(), Connection.id)
        )
    )
