"""Whatever was read before, and however often: in the end the catalogue is what the tool says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.connectors.base import Checkpoint, Delete, ErrorKind, Mode, Presence, SourceError
from app.errors import Wording
from app.models import (
    Connection,
    Cursor,
    HarvestRun,
    IndexOutbox,
    Item,
    ItemPresence,
    ItemSkill,
    Skill,
    SweepPage,
)
from tests.support.tools.scripted import end, upsert

IDS = st.sampled_from("abcd")
TITLES = st.sampled_from(["One", "Two"])
SKILLS = st.sampled_from(["", "Pumps", "Pumps, Valves"])
UPSERTS = st.builds(
    lambda one, title, skills: upsert(one, title, skills=skills), IDS, TITLES, SKILLS
)
DELETES = st.builds(Delete, IDS, st.sampled_from([Presence.GONE, Presence.HIDDEN]))
CHECKPOINTS = st.just(Checkpoint(b"here"))
EVENTS = st.lists(st.one_of(UPSERTS, DELETES, CHECKPOINTS), max_size=12)


def forget_everything(harvesting):
    with harvesting.database.transaction() as session:
        for table in (ItemPresence, ItemSkill, IndexOutbox, Item, Cursor, SweepPage, HarvestRun):
            session.execute(delete(table))
        session.query(Connection).update({"swept_at": None})


def catalogue(harvesting):
    """Return every row that a pull writes, without moments and numbers."""
    with harvesting.database.sessions() as session:
        taught = session.execute(
            select(Item.external_id, Skill.slug, ItemSkill.position)
            .join(ItemSkill, ItemSkill.item_id == Item.id)
            .join(Skill, Skill.id == ItemSkill.skill_id)
        )
        return (
            {
                one.external_id: (one.title, one.status, one.content_hash)
                for one in session.scalars(select(Item))
            },
            {tuple(row) for row in taught},
            harvesting.presences(),
        )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.lists(st.integers(0, 12), max_size=3))
def test_replaying_any_beginnings_and_then_all_gives_the_same_catalogue(
    harvesting, script, events, cuts
):
    cut_off = SourceError(ErrorKind.TRANSIENT, Wording("Cut."))
    forget_everything(harvesting)
    script.pulls = [[*events, end()]]
    harvesting.run(Mode.SWEEP)
    clean = catalogue(harvesting)
    forget_everything(harvesting)
    for cut in cuts:
        script.pulls = [[*events[:cut], cut_off]]
        harvesting.run(Mode.SWEEP)
    script.pulls = [[*events, end()]]
    harvesting.run(Mode.SWEEP)
    assert catalogue(harvesting) == clean
    harvesting.run(Mode.DELTA)
    assert catalogue(harvesting) == clean
