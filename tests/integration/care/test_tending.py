"""Rules give dates, whatever is set by hand stays, and the job may end at any point."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.care import rules, tending
from app.care.months import MonthsLater, add_months
from app.models import CareRule, Item, ItemCare, Status
from tests.support.emptying import empty
from tests.support.factories import NOW, Factory
from tests.support.queries import count_queries

TODAY = NOW.date()
_SAYS = st.one_of(st.none(), st.integers(0, 36))


def test_months_count_from_publishing(make, rule, care):
    item = make.item(published_on=date(2026, 8, 31))
    rule(review_months=6, sunset_months=18)
    found = care(item)
    assert (found.review_on, found.sunset_on) == (date(2027, 2, 28), date(2028, 2, 29))


def test_months_count_from_the_last_look_where_that_is_later(make, rule, care, session):
    item = make.item(published_on=date(2020, 1, 1))
    rule(review_months=6)
    care(item).reviewed_on = date(2026, 10, 1)
    session.flush()
    assert care(item).review_on == date(2027, 4, 1)


def test_an_item_without_a_day_counts_from_when_it_came(make, rule, care):
    rule(review_months=1)
    assert care(make.item(published_on=None)).review_on == add_months(TODAY, 1)


def test_content_that_is_published_again_moves_the_date(make, rule, care, session, now):
    item = make.item(published_on=date(2026, 1, 1))
    rule(review_months=6)
    care(item)
    item.published_on, item.updated_at = date(2026, 11, 1), now + timedelta(hours=1)
    session.flush()
    left = tending.needing(session, since=now, after=0, limit=10)
    assert left == [item.id]
    assert care(item).review_on == date(2027, 5, 1)


@pytest.mark.parametrize("field", ["owner_id", "review_on", "sunset_on"])
def test_what_was_set_by_hand_stays(make, rule, care, session, field):
    item, curator, other = make.item(), make.person(), make.person()
    mine = {"owner_id": other.id, "review_on": date(2030, 1, 1), "sunset_on": date(2031, 1, 1)}
    rule(owner_id=curator.id, review_months=6, sunset_months=12)
    found = care(item)
    setattr(found, field, mine[field])
    found.by_hand = [field]
    session.flush()
    found = care(item)
    kept = {name: getattr(found, name) == mine[name] for name in mine}
    assert kept == {name: name == field for name in mine}


def test_a_rule_that_says_never_gives_no_date(make, rule, care):
    rule(review_months=6, sunset_months=6)
    rule(kind="video", sunset_months=0)
    found = care(make.item(kind="video"))
    assert (found.review_on is not None, found.sunset_on) == (True, None)


def test_nothing_leaves_by_a_new_rule_within_thirty_days(make, rule, care):
    item = make.item(published_on=date(2015, 1, 1))
    rule(sunset_months=12)
    in_thirty_days = TODAY + timedelta(days=30)
    assert care(item).sunset_on == in_thirty_days
    assert care(item, at=NOW + timedelta(days=9)).sunset_on == in_thirty_days


def test_the_owner_of_an_item_is_its_curator_too(make, rule, care, session):
    item, curator = make.item(), make.person(access="curator")
    rule(owner_id=curator.id)
    care(item)
    assert session.scalar(select(Item.curator_id).where(Item.id == item.id)) == curator.id


@given(
    day=st.dates(date(1999, 1, 1), date(2040, 12, 31)),
    months=st.integers(0, 240),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_databases_count_months_as_python_does(session, day, months):
    found = session.scalar(select(MonthsLater(day, months)))
    assert found == add_months(day, months)


@given(
    said=st.lists(st.tuples(st.booleans(), st.booleans(), _SAYS, _SAYS, st.booleans()), max_size=6)
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_closest_rule_that_says_something_counts(session, said):
    with session.begin_nested() as everything:
        make = Factory(session)
        tools = [make.tool(), make.tool()]
        people = [make.person() for _ in said]
        for (of_tool, of_kind, review, sunset, owned), person in zip(said, people, strict=True):
            session.add(
                CareRule(
                    tool_id=tools[0].id if of_tool else None,
                    kind="video" if of_kind else None,
                    owner_id=person.id if owned else None,
                    review_months=review,
                    sunset_months=sunset,
                    made_at=NOW,
                )
            )
        session.flush()
        items = [
            make.item(tool=tool, kind=kind, published_on=TODAY)
            for tool, kind in product(tools, ("video", "course"))
        ]
        tending.tend(session, [item.id for item in items], now=NOW)
        standing = list(session.scalars(select(CareRule).order_by(CareRule.id)))
        for item in items:
            care = session.get(ItemCare, item.id)
            of = {"tool_id": item.tool_id, "kind": item.kind}
            owner = _by_the_book(standing, "owner_id", **of)
            review = _by_the_book(standing, "review_months", **of)
            assert care.owner_id == owner
            assert care.review_on == (add_months(TODAY, review) if review else None)
            known = rules.closest(standing, "owner_id", **of)
            assert (known.owner_id if known else None) == owner
        everything.rollback()


def _by_the_book(standing, field, *, tool_id, kind):
    """Say what counts as the words have it: tool and kind, then tool, then kind, then all."""
    places = [(tool_id, kind), (tool_id, None), (None, kind), (None, None)]
    for place in places:
        said = [
            getattr(rule, field)
            for rule in standing
            if (rule.tool_id, rule.kind) == place and getattr(rule, field) is not None
        ]
        if said:
            return said[-1]
    return None


def test_the_job_goes_on_where_it_was_ended(database, monkeypatch):
    monkeypatch.setattr(tending, "BATCH", 2)
    with database.transaction() as session:
        make = Factory(session)
        ids = [make.item(tool=make.tool(f"interrupted-{n}")).id for n in range(5)]
        session.add(CareRule(review_months=6, made_at=NOW))
    try:
        turns = iter([True, False])
        first = tending.tend_all(database, now=NOW, go_on=lambda: next(turns))
        with database.sessions() as session:
            done = list(session.scalars(select(ItemCare.item_id).where(ItemCare.review_on > TODAY)))
            progress = tending.left(session, since=tending.since_when(session, now=NOW))
        later = NOW + timedelta(minutes=10)
        rest = tending.tend_all(database, now=later)
        again = tending.tend_all(database, now=later)
        assert (first, sorted(done), progress) == (2, ids[:2], (3, 5))
        assert (rest, again) == (3, 0)
    finally:
        empty(database)


def test_a_failing_batch_leaves_nothing_half_done(database, monkeypatch):
    with database.transaction() as session:
        item = Factory(session).item()
        session.add(CareRule(review_months=6, made_at=NOW))
    try:
        monkeypatch.setattr(tending, "_name_curators", _fail)
        with pytest.raises(OSError, match="pulled"):
            tending.tend_all(database, now=NOW)
        with database.sessions() as session:
            assert session.get(ItemCare, item.id) is None
    finally:
        empty(database)


def _fail(*_arguments):
    raise OSError("the plug was pulled")


def test_a_changed_rule_makes_the_job_look_at_everything_again(make, rule, care, session, now):
    item = make.item()
    care(item)
    rule(review_months=3, made_at=now + timedelta(minutes=1))
    since = tending.since_when(session, now=now + timedelta(minutes=2))
    assert tending.needing(session, since=since, after=0, limit=9) == [item.id]


def test_a_removed_rule_makes_the_job_look_at_everything_again(make, rule, care, session, now):
    item, kept = make.item(), rule(review_months=3)
    care(item)
    kept.removed_at = later = now + timedelta(minutes=1)
    session.flush()
    assert tending.needing(
        session, since=tending.since_when(session, now=later), after=0, limit=9
    ) == [item.id]
    assert care(item, at=later).review_on is None


def test_a_retired_item_wants_no_look(make, rule, care, session):
    item = make.item(published_on=date(2020, 1, 1), status=Status.RETIRED.value)
    rule(review_months=3)
    assert (care(item).reasons, care(item).urgency) == (0, 0)


def test_a_batch_takes_the_same_statements_however_many_items(make, rule, session, database, now):
    rule(review_months=3)
    few, many = [make.item().id], [make.item().id for _ in range(30)]
    counts = []
    for ids in (few, many):
        with count_queries(database.engine) as sent:
            tending.tend(session, ids, now=now)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 7
