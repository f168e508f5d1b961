"""Why an item wants a look, and that each reason comes and goes by what has happened."""

from datetime import date, timedelta

import pytest

from app.care.queue import reasons_in
from app.care.reasons import Reason
from app.factory import connect_listeners
from app.governance.service import report_problem
from app.models import (
    Activity,
    ClusterDecision,
    ClusterMember,
    ItemCare,
    ItemState,
    LinkCheck,
    ProblemReport,
)
from tests.support.factories import NOW

TODAY = NOW.date()
LONG_AGO = NOW - timedelta(days=600)


@pytest.fixture
def why(care):
    """Return a function that gives the reasons of an item."""
    return lambda item: set(reasons_in(care(item).reasons))


@pytest.fixture
def opened(session, make):
    """Return a function that lets people open an item so many days ago."""

    def opens(item, *days):
        person = make.person()
        for one in days:
            session.add(
                Activity(
                    person_id=person.id,
                    item_id=item.id,
                    verb="launched",
                    at=NOW - timedelta(days=one),
                )
            )
        session.flush()

    return opens


def old(make, **values):
    return make.item(
        **{"published_on": LONG_AGO.date(), "created_at": LONG_AGO, "updated_at": LONG_AGO} | values
    )


def test_a_new_item_wants_no_look(make, why):
    assert why(make.item()) == set()


def test_an_item_is_due_from_its_day_on(make, rule, why):
    rule(review_months=12)
    assert why(make.item(published_on=date(2025, 11, 12))) == {Reason.DUE}
    assert why(make.item(published_on=date(2025, 11, 13))) == set()


def test_what_nobody_opened_in_ninety_days_is_unused(make, why, opened):
    never, once, lately = (old(make) for _ in range(3))
    opened(once, 91)
    opened(lately, 89)
    assert [why(item) for item in (never, once, lately)] == [
        {Reason.UNUSED},
        {Reason.UNUSED},
        set(),
    ]


def test_what_came_lately_is_not_called_unused(make, why):
    assert why(make.item(created_at=NOW - timedelta(days=89))) == set()


def test_what_is_old_and_opened_less_than_before_is_stale(make, why, opened):
    fading, steady, changed = (
        old(make),
        old(make),
        old(make, updated_at=NOW - timedelta(days=30)),
    )
    for item in (fading, changed):
        opened(item, 5, 5, 100, 110, 120, 130, 140)
    opened(steady, 5, 6, 7, 8, 100, 110, 120, 130, 140)
    assert [why(item) for item in (fading, steady, changed)] == [{Reason.STALE}, set(), set()]


@pytest.mark.parametrize(
    ("stars", "badly"),
    [([1, 2, 3, 3, 3], True), ([1, 2, 3, 3, 4], False), ([1, 1, 1, 1], False)],
)
def test_it_is_rated_badly_from_five_people_on(make, session, why, stars, badly):
    item = make.item()
    session.add_all(
        ItemState(person_id=make.person().id, item_id=item.id, stars=each) for each in stars
    )
    session.flush()
    assert (Reason.RATED_BADLY in why(item)) is badly


@pytest.mark.parametrize(
    ("state", "broken"),
    [("gone", True), ("moved", True), ("hidden", True), ("flaky", False), ("live", False)],
)
def test_a_link_is_a_reason_when_it_is_gone_moved_or_hidden(make, session, why, state, broken):
    item = make.item()
    session.add(LinkCheck(item_id=item.id, state=state, since=NOW, next_at=NOW))
    session.flush()
    assert (Reason.LINK in why(item)) is broken


def test_a_link_that_broke_before_the_last_look_was_seen(make, session, care, why):
    item = make.item()
    session.add(LinkCheck(item_id=item.id, state="gone", since=NOW, next_at=NOW))
    session.flush()
    care(item).reviewed_on = TODAY
    session.flush()
    assert why(item) == set()


def test_an_open_report_of_outdated_content_is_a_reason(make, session, why):
    item, answered, other = make.item(), make.item(), make.item()
    session.add_all(
        [
            ProblemReport(item_id=item.id, problem="outdated", reported_at=NOW),
            ProblemReport(
                item_id=answered.id, problem="outdated", reported_at=NOW, resolved_at=NOW
            ),
            ProblemReport(item_id=other.id, problem="other", reported_at=NOW),
        ]
    )
    session.flush()
    assert [why(one) for one in (item, answered, other)] == [{Reason.REPORTED}, set(), set()]


def test_of_duplicates_the_one_that_is_not_preferred_wants_a_look(make, session, why):
    first, second = make.item(), make.item()
    session.add_all(
        [
            ClusterMember(item_id=first.id, cluster_id=first.id, preferred=True),
            ClusterMember(item_id=second.id, cluster_id=first.id, preferred=False),
        ]
    )
    session.flush()
    assert (why(first), why(second)) == (set(), {Reason.DUPLICATE})


def test_duplicates_that_a_curator_has_confirmed_want_no_look(make, session, why):
    first, second = make.item(), make.item()
    session.add_all(
        [
            ClusterMember(item_id=first.id, cluster_id=first.id, preferred=True),
            ClusterMember(item_id=second.id, cluster_id=first.id, preferred=False),
            ClusterDecision(low_id=first.id, high_id=second.id, verdict="same", decided_at=NOW),
        ]
    )
    session.flush()
    assert why(second) == set()


def test_what_is_old_or_unused_stays_out_for_half_a_year_after_a_look(make, session, care):
    item = old(make)
    care(item).reviewed_on = TODAY
    session.flush()
    seen = [reasons_in(care(item, at=NOW + timedelta(days=days)).reasons) for days in (1, 179, 181)]
    assert seen == [(), (), (Reason.UNUSED,)]


def test_what_leaves_within_thirty_days_wants_a_look(make, session, care, why):
    soon, later = make.item(), make.item()
    for item, days in ((soon, 30), (later, 31)):
        found = care(item)
        found.sunset_on, found.by_hand = TODAY + timedelta(days=days), ["sunset_on"]
    session.flush()
    assert (why(soon), why(later)) == ({Reason.SUNSET}, set())


def test_a_report_is_a_reason_at_once(make, session, care):
    connect_listeners()
    item = make.item()
    care(item)
    report_problem(session, item.id, problem="outdated", note="", by=make.person().id, now=NOW)
    assert reasons_in(session.get(ItemCare, item.id).reasons) == (Reason.REPORTED,)
