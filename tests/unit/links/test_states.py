"""What a row of checks makes of a link, whatever their order and their times."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.links.states import ALIVE, APART, Finding, Known, after, until_next
from app.models import LinkState
from tests.support.factories import NOW

findings = st.sampled_from(Finding)
gaps = st.integers(0, 60 * 24 * 3).map(lambda minutes: timedelta(minutes=minutes))
checks = st.lists(st.tuples(findings, gaps), max_size=30)


def told(checks, known=None):
    """Return what is known after each of these checks, with the moment and the finding of each."""
    known, at, found = known or Known(), NOW, []
    for finding, gap in checks:
        at += gap
        known = after(known, finding, now=at)
        found.append((known, at, finding))
    return found


def missed(*minutes):
    return [(Finding.MISSING, timedelta(minutes=each)) for each in minutes]


@given(checks)
def test_a_link_is_gone_only_after_two_misses_an_hour_apart_with_nothing_alive_between(checks):
    history = told(checks)
    for place, (known, at, _finding) in enumerate(history):
        if known.state is not LinkState.GONE:
            continue
        since = history[: place + 1]
        alive = [number for number, (_, _, found) in enumerate(since) if found in ALIVE]
        misses = [
            moment
            for number, (_, moment, found) in enumerate(since)
            if found is Finding.MISSING and number > max(alive, default=-1)
        ]
        assert len(misses) >= 2
        assert misses[-1] - misses[0] >= APART
        assert at >= misses[-1]


@given(checks, st.sampled_from(sorted(ALIVE)))
def test_whatever_speaks_for_a_link_forgets_all_that_spoke_against_it(checks, finding):
    known = told([*checks, (finding, timedelta(minutes=1))])[-1][0]
    assert (known.strikes, known.struck_at, known.troubles) == (0, None, 0)
    assert known.state not in {LinkState.GONE, LinkState.FLAKY}


@given(st.lists(st.tuples(st.sampled_from([Finding.TROUBLE, Finding.UNCLEAR]), gaps), max_size=40))
def test_trouble_alone_never_makes_a_link_gone_however_long_it_lasts(checks):
    assert all(known.state is not LinkState.GONE for known, _, _ in told(checks))


@given(checks, st.sampled_from([Finding.TROUBLE, Finding.UNCLEAR]), gaps)
def test_trouble_neither_adds_a_strike_nor_takes_one_away(checks, finding, gap):
    before = told(checks)[-1][0] if checks else Known()
    at = NOW + timedelta(days=400)
    known = after(before, finding, now=at + gap)
    assert (known.strikes, known.struck_at) == (before.strikes, before.struck_at)
    assert (known.state is LinkState.GONE) == (before.state is LinkState.GONE)


@given(checks)
def test_a_state_has_lasted_since_it_began(checks):
    before = Known()
    for known, at, _finding in told(checks):
        if known.state is before.state and before.since:
            assert known.since == before.since
        elif known.state is not before.state:
            assert known.since == at
        before = known


@given(checks, st.integers(1, 100_000), st.booleans())
def test_a_link_is_looked_at_again_and_never_at_once(checks, item_id, watched):
    for known, _at, finding in told(checks):
        rest = until_next(known, finding, item_id=item_id, watched=watched)
        assert timedelta(minutes=25) < rest < timedelta(days=17)


def test_a_second_miss_within_the_hour_is_not_enough():
    assert told(missed(0, 59))[-1][0].state is LinkState.FLAKY
    assert told(missed(0, 59, 1))[-1][0].state is LinkState.GONE


def test_after_the_first_miss_the_next_look_comes_when_it_can_count():
    known = told(missed(0))[-1][0]
    rest = until_next(known, Finding.MISSING, item_id=1, watched=False)
    assert APART < rest < 2 * APART


def test_a_miss_between_troubles_still_counts():
    trouble = (Finding.TROUBLE, timedelta(minutes=30))
    history = told([*missed(0), trouble, trouble, *missed(5)])
    assert history[-1][0].state is LinkState.GONE


def test_one_trouble_is_nothing_to_speak_of_and_two_are():
    trouble = (Finding.TROUBLE, timedelta(hours=1))
    states = [known.state for known, _, _ in told([(Finding.LIVE, timedelta()), trouble, trouble])]
    assert states == [LinkState.LIVE, LinkState.LIVE, LinkState.FLAKY]


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        (Finding.LIVE, LinkState.LIVE),
        (Finding.MOVED, LinkState.MOVED),
        (Finding.HIDDEN, LinkState.HIDDEN),
        (Finding.CLOSED, LinkState.UNKNOWN),
        (Finding.UNCLEAR, LinkState.UNKNOWN),
    ],
)
def test_one_good_answer_says_what_a_link_is(finding, state):
    assert told([(finding, timedelta())])[-1][0].state is state


def test_who_asks_for_patience_is_given_it():
    known = told([(Finding.TROUBLE, timedelta())])[-1][0]
    asked = timedelta(hours=20)
    assert until_next(known, Finding.TROUBLE, item_id=1, watched=True, asked_to_wait=asked) == asked


def test_what_is_pinned_is_looked_at_more_often():
    live = Known(state=LinkState.LIVE)
    often, seldom = (
        until_next(live, Finding.LIVE, item_id=7, watched=watched) for watched in (True, False)
    )
    assert often * 3 < seldom


def test_the_looks_at_many_links_are_spread_over_days():
    live = Known(state=LinkState.LIVE)
    days = {
        until_next(live, Finding.LIVE, item_id=number, watched=False).days for number in range(500)
    }
    assert len(days) >= 4
