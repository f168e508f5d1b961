"""What the tests of care share: rules, and the look of one item's care."""

import pytest

from app.care import tending
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


@pytest.fixture
def care(session, now):
    """Return a function that tends items and gives the care of the first."""

    def tended(*items, at=now):
        tending.tend(session, [item.id for item in items], now=at)
        return session.get(ItemCare, items[0].id)

    return tended
