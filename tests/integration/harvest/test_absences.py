"""Items that a sweep did not see: when they are retired, and when nothing happens."""

import pytest

from app.connectors.base import (
    Capabilities,
    Delete,
    ErrorKind,
    Fail,
    Mode,
    Presence,
    SourceError,
)
from app.errors import Wording
from app.harvest import removals
from tests.support.tools.scripted import end, upsert


def sweep_of(*external_ids):
    return [*(upsert(one) for one in external_ids), end()]


def sweeps(harvesting, times=1):
    for _ in range(times):
        run = harvesting.run(Mode.SWEEP)
    return run


def test_what_the_tool_calls_gone_is_retired(harvesting, script):
    script.pulls = [sweep_of("a", "b"), sweep_of("a")]
    script.there = {"b": Presence.GONE}
    sweeps(harvesting)
    assert sweeps(harvesting).counts["removed"] == 1
    assert (harvesting.live(), harvesting.presences()) == (["a"], {"b": ("gone", 0)})


def test_what_the_tool_hides_is_retired_as_hidden(harvesting, script):
    script.pulls = [sweep_of("a", "b"), sweep_of("a")]
    script.there = {"b": Presence.HIDDEN}
    sweeps(harvesting, 2)
    assert harvesting.presences() == {"b": ("hidden", 0)}


@pytest.mark.parametrize("presence", [Presence.LIVE, Presence.MOVED])
def test_what_the_tool_has_stays_however_often_it_is_not_seen(harvesting, script, presence):
    script.pulls = [sweep_of("a", "b"), sweep_of("a")]
    script.there = {"b": presence}
    sweeps(harvesting, 4)
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {})


def test_where_the_tool_cannot_say_the_second_absence_in_a_row_counts(harvesting, script):
    script.pulls = [sweep_of("a", "b"), sweep_of("a")]
    sweeps(harvesting, 2)
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {"b": ("unknown", 1)})
    sweeps(harvesting)
    assert harvesting.live() == ["a"]


def test_an_absence_between_two_sightings_counts_nothing(harvesting, script):
    both, one = sweep_of("a", "b"), sweep_of("a")
    script.pulls = [both, one, both, one]
    sweeps(harvesting, 4)
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {"b": ("unknown", 1)})


def test_a_delta_that_sees_an_item_takes_its_absence_back(harvesting, script):
    script.pulls = [sweep_of("a", "b"), sweep_of("a"), [upsert("b"), end()]]
    sweeps(harvesting, 2)
    harvesting.run(Mode.DELTA)
    assert harvesting.presences() == {}


def test_a_delta_deletes_nothing_by_absence(harvesting, script):
    script.pulls = [sweep_of("a", "b"), [end()]]
    script.there = {"a": Presence.GONE, "b": Presence.GONE}
    sweeps(harvesting)
    for _ in range(3):
        harvesting.run(Mode.DELTA)
    assert harvesting.live() == ["a", "b"]


def test_an_empty_sweep_removes_nothing(harvesting, script):
    script.pulls = [sweep_of("a", "b"), [end()]]
    script.there = {"a": Presence.GONE, "b": Presence.GONE}
    sweeps(harvesting, 4)
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {})


def test_a_tool_that_shows_only_the_newest_removes_nothing(harvesting, script):
    script.capabilities = Capabilities(sweep=False)
    script.pulls = [sweep_of("a", "b"), sweep_of("b")]
    script.there = {"a": Presence.GONE}
    sweeps(harvesting, 4)
    assert harvesting.live() == ["a", "b"]


def test_a_sweep_that_could_not_read_a_range_counts_no_absence(harvesting, script):
    unread = Fail("page 2", SourceError(ErrorKind.SCHEMA, Wording("Not readable.")))
    script.pulls = [sweep_of("a", "b", "c"), [upsert("a"), unread, end()]]
    script.there = {"c": Presence.GONE}
    sweeps(harvesting, 4)
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {"c": ("gone", 0)})


def test_a_probe_that_fails_for_now_leaves_the_end_of_the_sweep_to_the_next_run(harvesting, script):
    script.pulls = [sweep_of("a", "b"), sweep_of("a")]
    sweeps(harvesting)

    class Broken(dict):
        def get(self, *_):
            raise SourceError(ErrorKind.TRANSIENT, Wording("Not now."))

    script.there = Broken()
    assert sweeps(harvesting, 3).state == "halted"
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {})
    script.there = {"b": Presence.GONE}
    sweeps(harvesting)
    assert harvesting.live() == ["a"]


def test_a_probe_whose_answer_cannot_be_read_counts_no_absence(harvesting, script):
    class Garbage(dict):
        def get(self, *_):
            raise SourceError(ErrorKind.SCHEMA, Wording("Not readable."))

    script.pulls = [sweep_of("a", "b"), sweep_of("a")]
    script.there = Garbage()
    assert sweeps(harvesting, 4).state == "done"
    assert (harvesting.live(), harvesting.presences()) == (["a", "b"], {})


def test_many_are_asked_for_in_batches(harvesting, script):
    many = [f"i{number}" for number in range(1200)]
    script.pulls = [sweep_of(*many), sweep_of(*many[:1100])]
    script.there = dict.fromkeys(many, Presence.LIVE)
    sweeps(harvesting, 2)
    assert [len(part) for part in script.probed] == [50, 50]


@pytest.fixture
def quarantined(harvesting, script):
    """Let a sweep not see 30 of 40 items, which the tool calls gone."""
    many = [f"i{number}" for number in range(40)]
    script.pulls = [sweep_of(*many), sweep_of(*many[:10])]
    script.there = dict.fromkeys(many, Presence.GONE)
    sweeps(harvesting)
    return sweeps(harvesting)


def test_a_sweep_that_would_take_too_much_away_waits(harvesting, quarantined):
    assert (quarantined.state, quarantined.counts["held"]) == ("quarantined", 30)
    assert "removed" not in quarantined.counts
    assert len(harvesting.live()) == 40


def test_what_was_held_is_retired_when_a_curator_agrees(harvesting, quarantined):
    with harvesting.database.transaction() as session:
        connection = harvesting.connection()
        assert removals.accept(session, connection, now=harvesting.now) == 30
    assert len(harvesting.live()) == 10


def test_what_was_held_stays_when_a_curator_refuses(harvesting, quarantined):
    with harvesting.database.transaction() as session:
        assert removals.reject(session, harvesting.connection()) == 30
    assert (len(harvesting.live()), harvesting.presences()) == (40, {})


def test_what_was_held_and_is_seen_again_is_held_no_more(harvesting, script, quarantined):
    script.pulls = [sweep_of(*(f"i{number}" for number in range(40)))]
    assert sweeps(harvesting).state == "done"
    assert harvesting.presences() == {}


def test_twenty_of_few_may_go_without_asking(harvesting, script):
    many = [f"i{number}" for number in range(21)]
    script.pulls = [sweep_of(*many), sweep_of(many[0])]
    script.there = dict.fromkeys(many, Presence.GONE)
    assert sweeps(harvesting, 2).state == "done"
    assert harvesting.live() == ["i0"]


def test_what_the_tool_itself_deletes_never_waits(harvesting, script):
    many = [f"i{number}" for number in range(40)]
    script.pulls = [sweep_of(*many), [*(Delete(one) for one in many[1:]), end()]]
    sweeps(harvesting)
    assert harvesting.run(Mode.DELTA).state == "done"
    assert harvesting.live() == ["i0"]
