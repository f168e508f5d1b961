"""A small world in which roles matter: engineers take circuits, analysts take statistics."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.foryou.room import Room
from app.models import Verb

DAY = timedelta(days=1)
WORDS = ("red", "blue", "green", "gold", "pink", "grey", "teal", "plum", "rust", "lime")


@pytest.fixture
def room(tmp_path):
    """Return a room with no model yet."""
    return Room(tmp_path / "models")


@pytest.fixture
def engineer_role(make):
    return make.role("field-engineer", "Field engineer")


@pytest.fixture
def circuits(make, engineer_role):
    """Return ten items about circuits, meant for engineers."""
    skill = make.skill("circuits", "Circuits")
    return [
        make.item(f"Circuit {WORDS[n]}", skills=[skill], roles=[engineer_role]) for n in range(10)
    ]


@pytest.fixture
def statistics(make):
    """Return ten items about statistics."""
    skill = make.skill("statistics", "Statistics")
    return [make.item(f"Statistics {WORDS[n]}s", skills=[skill]) for n in range(10)]


@pytest.fixture
def a_busy_year(session, make, now, engineer_role, circuits, statistics):
    """Let 24 engineers take circuits and 24 analysts take statistics, in order."""
    analyst = make.role("data-analyst", "Data analyst")
    for role, items in ((engineer_role, circuits), (analyst, statistics)):
        for number in range(24):
            person = make.person(roles=[role])
            for day, item in enumerate(items[: 4 + number % 6]):
                at = now - DAY * (60 - 3 * day - number)
                activity.record(session, person.id, item.id, Verb.COMPLETED, now=at)
