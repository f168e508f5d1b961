"""Reports on tools: right figures of what the curator may see, few statements, nobody told."""

from datetime import timedelta

import pytest

from app.care import counting, reports, tending
from app.models import Activity, ClusterMember, LinkCheck, RoleSkill
from tests.support.factories import NOW
from tests.support.queries import count_queries

TODAY = NOW.date()
SEEN = {"tokens": ["everyone"], "today": TODAY, "at_least": 5}


@pytest.fixture
def counted(session):
    """Return a function that lets the job count everything."""

    def done():
        ids = tending.needing(session, since=NOW, after=0, limit=500)
        tending.tend(session, ids, now=NOW)
        counting.count_people(session, now=NOW)

    return done


@pytest.fixture
def used(make, session):
    """Return a function that lets so many people open an item."""

    def opens(item, people):
        session.add_all(
            Activity(person_id=make.person().id, item_id=item.id, verb="launched", at=NOW)
            for _ in range(people)
        )
        session.flush()

    return opens


def test_it_counts_kinds_ages_use_links_overlaps_and_skills(make, session, counted, used):
    moodle, wiki = make.tool("moodle"), make.tool("wiki")
    pumps, valves = make.skill("pumps"), make.skill("valves")
    role = make.role("fitter", "Fitter")
    session.add_all(RoleSkill(role_id=role.id, skill_id=one.id) for one in (pumps, valves))
    ago = NOW - timedelta(days=100)
    young = make.item(tool=moodle, kind="video", published_on=TODAY, skills=[pumps])
    old = make.item(tool=moodle, published_on=TODAY - timedelta(days=2000), created_at=ago)
    twin = make.item(tool=wiki)
    make.item(tool=moodle, status="retired")
    make.item(tool=moodle, audience=["role:pilot"], skills=[valves])
    session.add_all(
        [
            ClusterMember(item_id=old.id, cluster_id=old.id, preferred=True),
            ClusterMember(item_id=twin.id, cluster_id=old.id, preferred=False),
            LinkCheck(item_id=old.id, state="gone", since=NOW, next_at=NOW),
            LinkCheck(item_id=young.id, state="live", since=NOW, next_at=NOW),
        ]
    )
    used(young, 6)
    counted()
    found = reports.report_of(session, "moodle", **SEEN)
    assert (found.items, dict(found.by_kind)) == (2, {"video": 1, "course": 1})
    assert dict(found.by_age) == {"0": 1, "4": 1}
    assert (found.launches, found.people, found.never_opened_share) == (5, 5, 100)
    assert (found.links, found.broken) == ({"gone": 1, "live": 1}, 1)
    assert found.overlaps == [("wiki", "Wiki", 1)]
    [covered] = found.coverage
    assert (covered.taught, covered.asked, covered.missing) == (1, 2, ["Valves"])


def test_the_overview_says_the_same_of_each_tool(make, session, counted, used):
    moodle, wiki = make.tool("moodle"), make.tool("wiki")
    first, second = make.item(tool=moodle), make.item(tool=wiki)
    session.add_all(
        [
            ClusterMember(item_id=first.id, cluster_id=first.id, preferred=True),
            ClusterMember(item_id=second.id, cluster_id=first.id, preferred=False),
            LinkCheck(item_id=first.id, state="moved", since=NOW, next_at=NOW),
        ]
    )
    used(first, 5)
    counted()
    lines = reports.overview(session, **SEEN)
    facts = [(one.tool.slug, one.items, one.people, one.broken, one.shared) for one in lines]
    assert facts == [("moodle", 1, 5, 1, 1), ("wiki", 1, 0, 0, 1)]


def test_fewer_than_five_people_are_not_told(make, session, counted, used):
    used(make.item(tool=make.tool("moodle")), 4)
    counted()
    found = reports.report_of(session, "moodle", **SEEN)
    assert (found.people, found.launches) == (0, 0)


def test_there_is_no_report_of_an_unknown_tool(session):
    assert reports.report_of(session, "nothing", **SEEN) is None


def test_reports_take_the_same_statements_however_much_there_is(make, session, database, counted):
    counts = []
    for number in (2, 20):
        for place in range(number):
            make.item(tool=make.tool(f"tool-{number}-{place}"))
        counted()
        with count_queries(database.engine) as sent:
            reports.report_of(session, "tool-2-0", **SEEN)
            reports.overview(session, **SEEN)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 10
