"""The reports on tools as pages: what is fewer than a group is said so, and never as 0+."""

from app.care import counting
from app.models import Activity
from tests.support.factories import NOW


def test_what_fewer_than_a_group_did_is_said_as_fewer_than_five(as_curator, make, session, tend):
    item = make.item("Pumps", tool=make.tool("wiki", "Wiki"))
    session.add_all(
        Activity(person_id=make.person().id, item_id=item.id, verb="launched", at=NOW)
        for _ in range(6)
    )
    session.flush()
    tend(item)
    counting.count_people(session, now=NOW)
    session.commit()
    one = as_curator.get("/curate/tools/wiki/report").words
    assert "People5+ Opened5+ Finishedfewer than 5" in one
    overview = as_curator.get("/curate/tools/report").words
    assert "fewer than 5" in overview
    assert "0+" not in one + overview
