"""Rules give dates, whatever is set by hand stays, and the job may end at any point."""

from datetime import date, timedelta

import pytest

from app.care import rules, tending
from app.models import CareRule, ItemCare


@pytest.fixture
def rule(session, now):
    """Return a function that keeps a rule."""

    def kept(**values):
        made = CareRule(made_at=values.pop("made_at", now), **values)
        session.add(made)
        session.flush()
        return made

    return kept


def care(session, item):
    session.expire_all()
    return session.get(ItemCare, item.id)


def test_months_count_from_publishing(session, make, rule, now):
    item = make.item(published_on=date(2026, 8, 31))
    rule(review_months=6, sunset_months=18)
    tending.tend(session, [item.id], now=now)
    found = care(session, item)
    assert (found.review_on, found.sunset_on) == (date(2027, 2, 28), date(2028, 2, 29))
