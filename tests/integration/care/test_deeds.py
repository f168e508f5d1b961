"""Keeping and putting off, what it leads to, and how it is taken back."""

from datetime import date, timedelta

import pytest

from app.care import deeds
from app.care.reasons import Reason
from app.errors import NotFound
from app.models import ItemCare, Notice, ProblemReport
from tests.support.factories import NOW

TODAY = NOW.date()


@pytest.fixture
def curator(make):
    """Return a curator."""
    return make.person(access="curator")


@pytest.fixture
def keep(session, curator):
    """Return a function that keeps items."""
    return lambda *items, **values: deeds.keep(
        session,
        [item.id for item in items],
        by=curator.id,
        tokens=values.pop("tokens", ["everyone"]),
        now=NOW,
        **values,
    )


@pytest.fixture
def due(make, rule, care):
    """Return an item that is due by a rule for six months."""
    rule(review_months=6)
    item = make.item(published_on=date(2024, 1, 1))
    assert care(item).reasons == Reason.DUE
    return item


def everything(care):
    return {
        name: getattr(care, name)
        for name in (*deeds._DATES, "reviewed_by_id", "by_hand", "reasons", "urgency")
    }


def test_what_is_kept_comes_back_when_the_rule_says(due, keep, session):
    keep(due)
    found = session.get(ItemCare, due.id)
    assert (found.reviewed_on, found.review_on, found.urgency) == (TODAY, date(2027, 5, 12), 0)


def test_without_a_rule_it_comes_back_in_a_year(make, care, keep, session):
    item = make.item(created_at=NOW - timedelta(days=200))
    assert care(item).reasons == Reason.UNUSED
    keep(item)
    assert care(item).review_on == date(2027, 11, 12)
    assert care(item).urgency == 0


def test_a_day_set_by_hand_is_used_up_by_the_look(due, care, keep, session):
    found = care(due)
    found.review_on, found.by_hand = TODAY, ["review_on"]
    session.flush()
    keep(due)
    assert (care(due).review_on, care(due).by_hand) == (date(2027, 5, 12), [])


def test_what_is_kept_does_not_leave(make, care, keep, session):
    item = make.item()
    found = care(item)
    found.sunset_on, found.by_hand = TODAY + timedelta(days=20), ["sunset_on"]
    session.flush()
    keep(item)
    assert care(item).sunset_on is None


def test_a_far_day_to_leave_that_was_set_by_hand_stays(make, care, keep, session):
    item = make.item()
    found = care(item)
    found.sunset_on, found.by_hand = TODAY + timedelta(days=200), ["sunset_on"]
    session.flush()
    keep(item)
    assert care(item).sunset_on == TODAY + timedelta(days=200)


def test_readers_who_called_it_outdated_are_answered(due, make, keep, session):
    reader = make.person()
    report = ProblemReport(
        item_id=due.id, problem="outdated", reporter_id=reader.id, reported_at=NOW
    )
    session.add(report)
    session.flush()
    keep(due)
    assert (report.resolved_at, report.accepted) == (NOW, False)
    assert "it stays" in session.query(Notice).filter_by(person_id=reader.id).one().sentence


def test_keeping_all_that_is_only_due_leaves_the_others(due, make, care, keep, session):
    other = make.item(published_on=date(2024, 1, 1))
    session.add(ProblemReport(item_id=other.id, problem="outdated", reported_at=NOW))
    session.flush()
    care(other, due)
    keep(due, other, only_due=True)
    assert (care(due).reviewed_on, care(other).reviewed_on) == (TODAY, None)


def test_what_is_put_off_comes_back_in_two_weeks(due, care, curator, session):
    deeds.put_off(session, [due.id], by=curator.id, tokens=["everyone"], now=NOW)
    assert care(due).later_on == TODAY + timedelta(days=14)


@pytest.mark.parametrize("decide", ["keep", "later"])
def test_taking_back_leaves_all_as_it_was(due, care, keep, curator, session, decide):
    report = ProblemReport(item_id=due.id, problem="outdated", reported_at=NOW)
    session.add(report)
    session.flush()
    before = everything(care(due))
    if decide == "keep":
        batch = keep(due)
    else:
        batch = deeds.put_off(session, [due.id], by=curator.id, tokens=["everyone"], now=NOW)
    assert everything(session.get(ItemCare, due.id)) != before
    assert deeds.undo(session, batch, by=curator.id, now=NOW) == [due.id]
    assert everything(session.get(ItemCare, due.id)) == before
    assert report.resolved_at is None


def test_nobody_takes_back_what_another_has_decided(due, make, keep, session):
    batch = keep(due)
    with pytest.raises(NotFound):
        deeds.undo(session, batch, by=make.person().id, now=NOW)


def test_what_was_decided_since_is_not_taken_back(due, keep, session, curator):
    first = keep(due)
    keep(due)
    with pytest.raises(NotFound):
        deeds.undo(session, first, by=curator.id, now=NOW)


def test_nobody_keeps_what_they_may_not_see(make, rule, care, keep):
    rule(review_months=1)
    item = make.item(published_on=date(2020, 1, 1), audience=["role:pilot"])
    care(item)
    with pytest.raises(NotFound):
        keep(item)
