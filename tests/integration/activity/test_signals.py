"""Signals that are paused or deleted: out of what recommends, for good, and only their owner's."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.activity import pauses, service, signals
from app.activity.deeds import Deed
from app.activity.imports import append
from app.activity.removals import removed_among
from app.foryou.history import history_of
from app.foryou.training import dataset_of
from app.models import Activity, ItemState, Removal, SignalPause, Verb
from tests.support.factories import NOW, Factory

DAY = timedelta(days=1)
EVERYONE = frozenset({"everyone"})


@pytest.fixture
def ada(make):
    return make.person("Ada Byron")


@pytest.fixture
def item(make):
    return make.item("Pumps")


def trained_on(session, *, now=NOW):
    """Return what the next training would read, as (person, item, verb)."""
    return [(one.person, one.item, one.verb) for one in dataset_of(session, now=now).events.rows()]


def live(session, person):
    """Return what the reader's next slate would read, as (item, verb)."""
    return [(one.item, one.verb) for one in history_of(session, person.id, since=NOW - 365 * DAY)]


def listed(session, person, **wanted):
    return signals.signals_of(session, person.id, tokens=EVERYONE, **wanted)


class TestPausing:
    def test_what_is_done_in_a_pause_is_listed_and_counts_nowhere(self, session, ada, item):
        pauses.pause(session, ada.id, now=NOW)
        service.complete(session, ada.id, item.id, now=NOW)
        [signal] = listed(session, ada)
        assert (signal.kind, signal.counts) == ("completed", False)
        assert session.get(ItemState, (ada.id, item.id)).done_at == NOW
        assert trained_on(session) == live(session, ada) == []

    def test_what_was_done_before_goes_on_counting(self, session, ada, item):
        service.complete(session, ada.id, item.id, now=NOW - DAY)
        pauses.pause(session, ada.id, now=NOW)
        assert live(session, ada) == [(item.id, "completed")]

    def test_what_is_done_after_it_counts_again(self, session, ada, item):
        pauses.pause(session, ada.id, now=NOW - DAY)
        pauses.resume(session, ada.id, now=NOW)
        service.complete(session, ada.id, item.id, now=NOW)
        assert live(session, ada) == [(item.id, "completed")]
        assert trained_on(session) == [(ada.id, item.id, "completed")]

    def test_a_tool_that_tells_of_a_pause_when_it_is_over_changes_nothing(self, session, ada, item):
        pauses.pause(session, ada.id, now=NOW - 3 * DAY)
        pauses.resume(session, ada.id, now=NOW - DAY)
        append(session, [_deed(ada, item, NOW - 2 * DAY, "1"), _deed(ada, item, NOW, "2")])
        assert [one.counts for one in listed(session, ada)] == [True, False]

    def test_what_is_written_in_a_pause_does_not_count_whenever_it_happened(
        self, session, ada, item
    ):
        pauses.pause(session, ada.id, now=NOW)
        append(session, [_deed(ada, item, NOW - 9 * DAY, "1")])
        assert not listed(session, ada)[0].counts

    def test_the_pause_of_one_is_nobody_elses(self, session, make, ada, item):
        other = make.person()
        pauses.pause(session, ada.id, now=NOW)
        append(session, [_deed(ada, item, NOW, "1"), _deed(other, item, NOW, "2")])
        assert trained_on(session) == [(other.id, item.id, "completed")]

    def test_pausing_and_going_on_twice_is_as_once(self, session, ada):
        for _ in range(2):
            pauses.pause(session, ada.id, now=NOW)
        assert pauses.paused_since(session, ada.id) == NOW
        for later in (DAY, 2 * DAY):
            pauses.resume(session, ada.id, now=NOW + later)
        assert pauses.paused_since(session, ada.id) is None
        [span] = session.scalars(select(SignalPause))
        assert (span.since, span.until) == (NOW, NOW + DAY)


class TestDeleting:
    def test_it_is_gone_from_what_recommends(self, session, ada, item):
        service.complete(session, ada.id, item.id, now=NOW)
        [signal] = listed(session, ada)
        assert signals.forget(session, ada.id, ids=[signal.id], now=NOW) == 1
        assert trained_on(session) == live(session, ada) == listed(session, ada) == []

    def test_it_tells_other_processes_in_the_same_transaction(self, session, ada, item):
        service.launch(session, ada.id, item, now=NOW)
        signals.forget(session, ada.id, now=NOW)
        assert [(row.at, row.digest) for row in session.scalars(select(Removal))] == [(NOW, None)]

    def test_nothing_deleted_is_nothing_to_tell(self, session, ada):
        assert signals.forget(session, ada.id, now=NOW) == 0
        assert session.scalars(select(Removal)).all() == []

    def test_a_statement_is_recognised_without_being_kept(self, session, ada, item):
        append(session, [_deed(ada, item, NOW, "lms:1")])
        signals.forget(session, ada.id, now=NOW)
        assert removed_among(session, ["lms:1", "lms:2"]) == {"lms:1"}
        assert "lms" not in session.scalars(select(Removal.digest)).one()

    def test_what_is_done_stays_done_and_likes_and_stars_go(self, session, ada, item):
        service.complete(session, ada.id, item.id, now=NOW)
        service.save(session, ada.id, item.id, now=NOW)
        service.like(session, ada.id, item.id, now=NOW)
        service.rate(session, ada.id, item.id, stars=4, now=NOW)
        signals.forget(session, ada.id, now=NOW)
        state = session.get(ItemState, (ada.id, item.id), populate_existing=True)
        assert (state.done_at, state.saved_at) == (NOW, NOW)
        assert (state.liked_at, state.stars) == (None, None)

    def test_a_like_of_another_item_stays(self, session, make, ada, item):
        other = make.item()
        for each in (item, other):
            service.like(session, ada.id, each.id, now=NOW)
        signals.forget(session, ada.id, item_id=item.id, now=NOW)
        assert session.get(ItemState, (ada.id, other.id), populate_existing=True).liked_at == NOW

    def test_no_ids_are_nothing(self, session, ada, item):
        service.launch(session, ada.id, item, now=NOW)
        assert signals.forget(session, ada.id, ids=[], now=NOW) == 0

    def test_found_and_opened_are_two_kinds(self, session, ada, item):
        service.launch(session, ada.id, item, now=NOW, via="search")
        service.launch(session, ada.id, item, now=NOW, via="home")
        assert [one.kind for one in listed(session, ada, kind="found")] == ["found"]
        signals.forget(session, ada.id, kind="launched", now=NOW)
        assert live(session, ada) == [(item.id, "found")]

    def test_it_counts_what_it_would_delete(self, session, ada, item):
        for days in range(4):
            service.launch(session, ada.id, item, now=NOW - days * DAY)
        old = {"kind": "launched", "before": NOW - DAY}
        assert signals.count_of(session, ada.id, **old) == 2
        assert signals.forget(session, ada.id, now=NOW, **old) == 2


class TestTakingBack:
    @pytest.mark.parametrize(
        ("do", "undo"),
        [
            (service.complete, service.uncomplete),
            (service.dismiss, service.undismiss),
            (service.like, service.unlike),
        ],
    )
    def test_it_leaves_no_signal_and_tells_other_processes(self, session, ada, item, do, undo):
        do(session, ada.id, item.id, now=NOW)
        undo(session, ada.id, item.id, now=NOW)
        assert listed(session, ada) == []
        assert len(session.scalars(select(Removal)).all()) == 1

    def test_a_like_counts_once(self, session, ada, item):
        for _ in range(2):
            service.like(session, ada.id, item.id, now=NOW)
        assert live(session, ada) == [(item.id, "liked")]

    def test_rating_again_replaces_the_stars(self, session, ada, item):
        for stars in (2, 5, 5):
            service.rate(session, ada.id, item.id, stars=stars, now=NOW)
        assert [(one.kind, one.value) for one in listed(session, ada)] == [("rated", 5)]
        service.unrate(session, ada.id, item.id, now=NOW)
        assert listed(session, ada) == []
        assert session.get(ItemState, (ada.id, item.id)).stars is None

    def test_of_ratings_told_by_tools_the_latest_stays_whatever_the_order(self, session, ada, item):
        early, late = (
            Deed(ada.id, item.id, Verb.RATED, NOW + day * DAY, "lms", f"lms:{day}", stars)
            for day, stars in ((0, 2.0), (1, 5.0))
        )
        assert append(session, [late]) == 1
        assert append(session, [early]) == 0
        assert [one.value for one in listed(session, ada)] == [5]
        assert session.get(ItemState, (ada.id, item.id)).stars == 5
        assert removed_among(session, ["lms:0", "lms:1"]) == {"lms:0"}

    def test_via_is_one_of_a_closed_list(self, session, ada, item):
        for via in ("search", "https://evil.example", ""):
            service.launch(session, ada.id, item, now=NOW, via=via)
        assert [one.via for one in reversed(listed(session, ada))] == ["search", "", ""]


class TestSeeing:
    def test_an_item_for_others_has_no_name(self, session, make, ada):
        secret = make.item("Merger plans", audience=["group:board"])
        service.launch(session, ada.id, secret, now=NOW)
        [signal] = listed(session, ada)
        assert (signal.item_id, signal.title) == (None, "")
        assert signals.signals_of(session, ada.id, tokens={"group:board"})[0].title

    def test_totals_say_what_counts(self, session, ada, item):
        service.launch(session, ada.id, item, now=NOW)
        pauses.pause(session, ada.id, now=NOW)
        service.launch(session, ada.id, item, now=NOW)
        service.like(session, ada.id, item.id, now=NOW)
        found = [(one.kind, one.number, one.counting) for one in signals.totals_of(session, ada.id)]
        assert found == [("liked", 1, 0), ("launched", 2, 1)]

    def test_the_export_holds_what_the_pages_list(self, session, ada, item, monkeypatch):
        monkeypatch.setattr(signals, "_AT_ONCE", 3)
        for days in range(7):
            service.launch(session, ada.id, item, now=NOW - days * DAY)
        pages = [listed(session, ada, offset=at, limit=4) for at in (0, 4)]
        taken = list(signals.export(session, ada.id, tokens=EVERYONE))
        assert sorted(one.id for page in pages for one in page) == [one.id for one in taken]


@given(
    data=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 2), st.sampled_from(list(Verb)), st.booleans()),
        max_size=12,
    ),
    kind=st.sampled_from(["", *signals.KINDS]),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_deletes_what_is_not_theirs_or_not_meant(session, data, kind):
    nested = session.begin_nested()
    make = Factory(session)
    people, items = [make.person() for _ in range(2)], [make.item() for _ in range(3)]
    for who, what, verb, found in data:
        via = "search" if found else ""
        service.record(session, people[who].id, items[what].id, verb, now=NOW, via=via)
    rows = session.scalars(select(Activity).where(Activity.person_id == people[1].id)).all()
    theirs = {row.id for row in rows}
    signals.forget(session, people[0].id, kind=kind, now=NOW)
    left = signals.signals_of(session, people[0].id, tokens=EVERYONE)
    assert theirs == {one.id for one in signals.signals_of(session, people[1].id, tokens=EVERYONE)}
    assert not [one for one in left if not kind or one.kind == kind]
    told = [
        verb.value if verb is not Verb.LAUNCHED or not found else "found"
        for who, _, verb, found in data
        if not who
    ]
    assert sorted(one.kind for one in left) == sorted(one for one in told if kind and one != kind)
    nested.rollback()


def _deed(person, item, at, own, verb=Verb.COMPLETED):
    return Deed(person.id, item.id, verb, at, "lms", own)
