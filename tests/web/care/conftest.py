"""A portal in which some items want a look."""

from datetime import timedelta

import pytest

from app.care import tending
from app.models import CareRule, ProblemReport
from tests.support.factories import NOW


@pytest.fixture
def tend(session):
    """Return a function that lets the job tend items, rows committed."""

    def tended(*items):
        tending.tend(session, [item.id for item in items], now=NOW)
        session.commit()

    return tended


@pytest.fixture
def due(make, session, tend):
    """Return three items that are due, of which a reader has reported the second."""
    session.add(CareRule(review_months=6, made_at=NOW - timedelta(days=9)))
    items = [
        make.item(title, published_on=NOW.date() - timedelta(days=400))
        for title in ("Pumps", "Valves", "Seals")
    ]
    session.add(ProblemReport(item_id=items[1].id, problem="outdated", reported_at=NOW))
    session.flush()
    tend(*items)
    return items
