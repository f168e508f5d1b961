"""A harvest: what it brings, what it leaves alone, and where it goes on."""

import datetime as dt
from dataclasses import replace

import pytest

from app.connectors.base import (
    Capabilities,
    Checkpoint,
    Delete,
    ErrorKind,
    Fail,
    Mode,
    Presence,
    SourceError,
)
from app.errors import Conflict, NotFound, Wording
from app.harvest import lease
from app.harvest.running import Parts, run
from app.models import Connection, HarvestProblem, Item
from tests.support.tools.scripted import end, upsert
from tests.support.tools.world import CANARY

CATALOGUE = {"item", "item_skill", "item_role", "index_outbox", "item_presence", "item_key"}


def trouble(kind, seconds=None):
    after = dt.timedelta(seconds=seconds) if seconds else None
    return SourceError(kind, Wording("It is in a bad way."), retry_after=after)


def test_it_brings_a_tool(harvesting, blog):
    blog.add("Reading meters")
    run = harvesting.run()
    assert (run.state, run.mode, run.counts["new"]) == ("done", "sweep", 1)
    assert harvesting.items() == {"1": ("Reading meters", "live")}


def test_an_unchanged_pull_writes_no_row_of_the_catalogue(harvesting, blog, written):
    blog.add("Reading meters")
    harvesting.run()
    harvesting.run()
    written.clear()
    assert harvesting.run(Mode.SWEEP).counts["unchanged"] == 1
    assert harvesting.run(Mode.DELTA).state == "done"
    assert [one for one in written if one[1] in CATALOGUE] == []


def test_one_change_is_one_upsert(harvesting, blog, written):
    blog.add("Reading meters")
    blog.add("Reading dials")
    harvesting.run()
    blog.tick()
    blog.change("2", "Reading all dials")
    written.clear()
    run = harvesting.run()
    assert (run.mode, run.counts["changed"]) == ("delta", 1)
    assert [one for one in written if one[1] == "item"] == [("UPDATE", "item")]
    assert harvesting.item("2").title == "Reading all dials"


def test_one_deletion_is_one_tombstone(harvesting, blog, written):
    blog.add("Reading meters")
    blog.add("Reading dials")
    harvesting.run()
    blog.tick()
    blog.remove("2")
    written.clear()
    assert harvesting.run().counts["removed"] == 1
    assert [one for one in written if one[1] == "item"] == [("UPDATE", "item")]
    assert harvesting.live() == ["1"]
    assert harvesting.presences() == {"2": ("gone", 0)}


def test_a_hidden_item_is_not_gone(harvesting, script):
    script.pulls = [[upsert("a"), end()], [Delete("a", Presence.HIDDEN), end()]]
    harvesting.run()
    harvesting.run()
    assert harvesting.presences() == {"a": ("hidden", 0)}


def test_an_item_that_comes_back_is_live_again(harvesting, script):
    script.pulls = [[upsert("a"), end()], [Delete("a"), end()], [upsert("a"), end()]]
    harvesting.run()
    harvesting.run()
    assert harvesting.live() == []
    assert harvesting.run().counts["changed"] == 1
    assert (harvesting.live(), harvesting.presences()) == (["a"], {})


def test_what_a_curator_has_retired_stays_retired(harvesting, script):
    script.pulls = [[upsert("a"), end()]]
    harvesting.run()
    harvesting.change(Item, status="retired", locked=["status"])
    harvesting.run()
    assert harvesting.live() == []


def test_what_a_curator_has_locked_stays(harvesting, script):
    script.pulls = [[upsert("a"), end()], [upsert("a", "Theirs", summary="New"), end()]]
    harvesting.run()
    harvesting.change(Item, title="Ours", locked=["title"])
    harvesting.run()
    assert (harvesting.item("a").title, harvesting.item("a").summary) == ("Ours", "New")


def test_what_a_curator_keeps_live_is_not_retired(harvesting, script):
    script.pulls = [[upsert("a"), end()], [Delete("a"), end()]]
    harvesting.run()
    harvesting.change(Item, locked=["status"])
    assert "removed" not in harvesting.run().counts
    assert harvesting.live() == ["a"]


def test_a_bad_item_is_named_and_stops_nothing(harvesting, script):
    bad = upsert("b", url="ftp://tool.test/b", kind="nonsense")
    script.pulls = [[upsert("a"), bad, upsert("c"), end()]]
    run = harvesting.run()
    assert (run.state, run.counts["new"], run.counts["failed"]) == ("done", 2, 1)
    with harvesting.database.sessions() as session:
        problems = session.query(HarvestProblem).all()
    assert {(one.what, one.field) for one in problems} == {("b", "kind"), ("b", "url")}


def test_of_many_problems_the_first_are_kept_and_all_are_counted(harvesting, script):
    fails = [Fail(f"page {number}", trouble(ErrorKind.SCHEMA)) for number in range(230)]
    script.pulls = [[*fails, end()]]
    assert harvesting.run().counts["failed"] == 230
    with harvesting.database.sessions() as session:
        assert session.query(HarvestProblem).count() == 200


def test_a_bad_item_is_there_and_so_not_absent(harvesting, script):
    script.pulls = [[upsert("a"), upsert("b"), end()], [upsert("a"), upsert("b", kind="x"), end()]]
    for _ in range(3):
        harvesting.run(Mode.SWEEP)
    assert harvesting.live() == ["a", "b"]


def test_words_that_no_rule_knows_are_counted(harvesting, script):
    script.pulls = [[upsert("a", level="Easy"), upsert("b", level="odd"), end()]]
    harvesting.run()
    assert harvesting.connection().unknown_words == [["level", "odd", 1]]


def test_an_app_opens_only_by_a_scheme_of_the_tool(harvesting, script):
    good = upsert("a", app_url="tool://open/a", keys=["isbn:123", "no key"])
    script.pulls = [[good, upsert("b", app_url="javascript:alert(1)"), end()]]
    harvesting.run()
    assert harvesting.item("a").app_url == "tool://open/a"
    assert harvesting.live() == ["a"]


def test_a_text_that_is_too_long_is_shortened(harvesting, script):
    script.pulls = [[upsert("a", "A" * 600), end()]]
    harvesting.run()
    assert harvesting.item("a").title == "A" * 499 + "…"


def test_an_id_is_kept_as_the_tool_writes_it(harvesting, script, written):
    script.pulls = [[upsert("a&amp;b  <c>", "Title", url="https://tool.test/1"), end()]]
    harvesting.run()
    written.clear()
    assert harvesting.run(Mode.SWEEP).counts == {"unchanged": 1}
    assert harvesting.live() == ["a&amp;b  <c>"]


def test_a_delta_goes_on_from_the_last_checkpoint(harvesting, script):
    script.pulls = [
        [upsert("a"), end(b"one")],
        [upsert("b"), Checkpoint(b"two"), upsert("c"), trouble(ErrorKind.TRANSIENT)],
        [upsert("c"), end(b"three")],
    ]
    states = [harvesting.run().state for _ in range(3)]
    assert states == ["done", "halted", "done"]
    assert [cursor for cursor, _ in script.asked] == [None, b"one", b"two"]
    assert harvesting.live() == ["a", "b", "c"]


def test_rows_before_a_failure_come_only_with_their_checkpoint(harvesting, script):
    script.pulls = [[upsert("a"), Checkpoint(b"1"), upsert("b"), trouble(ErrorKind.TRANSIENT)]]
    harvesting.run()
    assert harvesting.live() == ["a"]


def test_a_sweep_that_was_interrupted_goes_on_and_sees_who_is_missing(harvesting, script):
    script.there = {"gone": Presence.GONE}
    script.pulls = [
        [upsert("a"), upsert("b"), upsert("gone"), end()],
        [upsert("a"), Checkpoint(b"1"), trouble(ErrorKind.TRANSIENT)],
        [upsert("b"), end()],
    ]
    harvesting.run()
    harvesting.run(Mode.SWEEP)
    assert harvesting.run().mode == "sweep"
    assert script.asked[-1] == (b"1", Mode.SWEEP)
    assert harvesting.live() == ["a", "b"]


def test_many_items_before_a_checkpoint_are_written_in_parts(harvesting, script):
    script.pulls = [[*(upsert(str(number)) for number in range(1100)), end()]]
    assert harvesting.run().counts["new"] == 1100
    assert harvesting.committed == 4


def test_it_sweeps_when_a_sweep_is_due(harvesting, script):
    script.pulls = [[upsert("a"), end()]]
    harvesting.run()
    harvesting.run()
    harvesting.now += dt.timedelta(days=7)
    harvesting.run()
    assert [mode for _, mode in script.asked] == [Mode.SWEEP, Mode.DELTA, Mode.SWEEP]


def test_a_tool_without_delta_is_always_swept(harvesting, script):
    script.capabilities = Capabilities()
    script.pulls = [[upsert("a"), end()]]
    harvesting.run()
    harvesting.run(Mode.DELTA)
    assert [cursor for cursor, _ in script.asked] == [None, None]


@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.SWEEP])
def test_a_cursor_that_is_refused_costs_one_sweep_in_the_same_run(harvesting, script, mode):
    script.pulls = [
        [upsert("a"), end(b"old")],
        [upsert("a"), Checkpoint(b"on"), trouble(ErrorKind.TRANSIENT)],
        [trouble(ErrorKind.CURSOR_INVALID)],
        [upsert("a"), upsert("b"), end(b"new")],
    ]
    harvesting.run()
    harvesting.run(mode)
    run = harvesting.run(mode)
    assert (run.state, run.mode) == ("done", "sweep")
    assert script.asked[-1] == (None, Mode.SWEEP)
    assert harvesting.live() == ["a", "b"]


def test_what_may_pass_is_tried_again_when_the_tool_says(harvesting, script):
    script.pulls = [[trouble(ErrorKind.RATE_LIMITED, seconds=900)]]
    run = harvesting.run()
    connection = harvesting.connection()
    assert (run.state, run.error_kind) == ("halted", "rate_limited")
    assert connection.next_run_at - harvesting.now == dt.timedelta(minutes=15)
    assert connection.last_error == "It is in a bad way."


def test_what_passes_is_tried_later_each_time(harvesting, script):
    script.pulls = [[trouble(ErrorKind.TRANSIENT)]]
    waits = []
    for _ in range(4):
        harvesting.run()
        waits.append(harvesting.connection().next_run_at - harvesting.now)
    assert waits == [dt.timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]


@pytest.mark.parametrize("kind", [ErrorKind.AUTH_INVALID, ErrorKind.CONFIG, ErrorKind.FORBIDDEN])
def test_what_needs_somebody_is_not_tried_again_before_tomorrow(harvesting, script, kind):
    script.pulls = [[trouble(kind)]]
    assert harvesting.run().state == "failed"
    assert harvesting.connection().next_run_at - harvesting.now == dt.timedelta(hours=24)


def test_a_good_run_clears_the_error(harvesting, script):
    script.pulls = [[trouble(ErrorKind.TRANSIENT)], [upsert("a"), end()]]
    harvesting.run()
    harvesting.run()
    connection = harvesting.connection()
    assert (connection.last_error, connection.last_error_kind) == ("", "")
    assert connection.last_ok_at == harvesting.now


def test_a_pull_that_just_ends_is_not_complete(harvesting, script):
    script.pulls = [[upsert("a"), upsert("b"), end()], [upsert("a")]]
    harvesting.run()
    run = harvesting.run(Mode.SWEEP)
    assert (run.state, run.error_kind) == ("halted", "partial")
    assert harvesting.presences() == {}


def test_what_a_connector_did_not_foresee_is_logged_without_secrets(harvesting, script, caplog):
    harvesting.change(Connection, secrets={"token": harvesting.vault.seal(CANARY)})
    script.pulls = [[upsert("a"), Checkpoint(b"1"), KeyError(CANARY)]]
    run = harvesting.run()
    assert (run.state, run.error_kind) == ("failed", "schema")
    assert run.error == "The tool sent something that Foyer does not understand."
    assert "KeyError" in caplog.text
    assert CANARY not in caplog.text


def test_an_address_with_a_secret_is_refused_and_the_secret_not_told(harvesting, script):
    harvesting.change(Connection, secrets={"token": harvesting.vault.seal(CANARY)})
    script.pulls = [[upsert("a", url=f"https://tool.test/a?token={CANARY}"), end()]]
    assert harvesting.run().counts["failed"] == 1
    with harvesting.database.sessions() as session:
        problem = session.query(HarvestProblem).one()
    assert (problem.field, CANARY in problem.reason) == ("url", False)


def test_a_rotated_secret_is_sealed_and_kept_whatever_becomes_of_the_run(harvesting, blog):
    harvesting.run()
    seen = []

    def rotating(connection, spec, settings, secrets, meter, keep):
        keep("password", "another-secret")
        seen.extend(secrets)
        return harvesting.make_http(connection, spec, settings, secrets, meter, keep)

    parts = Parts(
        harvesting.database, harvesting.vault, now=lambda: harvesting.now, make_http=rotating
    )
    run(parts, harvesting.connection_id)
    kept = harvesting.connection().secrets["password"]
    assert harvesting.vault.open(kept) == "another-secret"
    assert "another-secret" in seen


def test_a_kind_that_is_gone_is_a_failure_in_words(harvesting):
    harvesting.connect("gone")
    run = harvesting.run()
    assert (run.state, run.error) == ("failed", "Foyer has no connector of the kind “gone”.")


def test_a_connection_that_is_gone_is_not_found(harvesting):
    harvesting.connection_id = 999
    with pytest.raises(NotFound):
        harvesting.run()


def test_one_run_at_a_time(harvesting, script):
    refused = []

    def again(_connector):
        with pytest.raises(Conflict):
            run(harvesting.parts, harvesting.connection_id)
        refused.append(True)

    script.pulls = [[again, upsert("a"), end()]]
    assert harvesting.run().state == "done"
    assert refused == [True]


def test_the_items_are_in_though_another_run_comes_before_what_people_did(harvesting, script):
    script.capabilities = Capabilities(delta=True, activity=True)
    script.pulls = [[upsert("a"), end()]]
    harvesting.change(Connection, people_by="email")

    def found(kind):
        if [one.state for one in harvesting.runs()] == ["done"]:
            with harvesting.database.transaction() as session:
                lease.take(session, harvesting.connection_id, now=harvesting.now)
        return script.found(kind)

    ended = run(replace(harvesting.parts, connector_for=found), harvesting.connection_id)
    assert (ended.mode, ended.state, harvesting.live()) == ("sweep", "done", ["a"])
    assert len(harvesting.runs()) == 1


def test_a_dead_run_is_marked_and_its_lease_runs_out(harvesting, script):
    script.pulls = [[upsert("a"), Checkpoint(b"1"), SystemExit()], [upsert("b"), end()]]
    with pytest.raises(SystemExit):
        harvesting.run()
    harvesting.now -= dt.timedelta(minutes=10)
    with pytest.raises(Conflict):
        harvesting.run()
    assert harvesting.run().state == "done"
    assert [one.state for one in harvesting.runs()] == ["halted", "done"]
    assert script.asked[-1] == (b"1", Mode.SWEEP)


def test_a_run_that_was_thought_dead_writes_nothing_more(harvesting, script):
    def sleep_long(_connector):
        harvesting.now += dt.timedelta(minutes=5)
        script.pulls = [[upsert("theirs"), end()]]
        harvesting.run()

    script.pulls = [[upsert("ours"), sleep_long, end()]]
    with pytest.raises(Conflict):
        harvesting.run()
    assert harvesting.live() == ["theirs"]


def test_a_long_wait_renews_the_lease(harvesting, script):
    def wait(connector):
        for _ in range(20):
            harvesting.now += dt.timedelta(seconds=11)
            connector.http.meter.stop()
        with pytest.raises(Conflict):
            run(harvesting.parts, harvesting.connection_id)

    script.pulls = [[wait, upsert("a"), end()]]
    assert harvesting.run().state == "done"


def test_a_run_that_is_to_stop_keeps_what_it_has(harvesting, script):
    def stop(_connector):
        harvesting.change(Connection, stop_wanted=True)

    script.pulls = [[upsert("a"), Checkpoint(b"1"), stop, upsert("b"), Checkpoint(b"2"), end()]]
    assert harvesting.run().state == "stopped"
    assert (harvesting.live(), harvesting.connection().stop_wanted) == (["a"], False)


def test_a_process_that_ends_halts_its_run_and_the_next_goes_on_at_once(harvesting, script):
    def leave(connector):
        harvesting.ending = True
        connector.http.meter.stop()

    script.pulls = [[upsert("a"), Checkpoint(b"1"), leave]]
    assert harvesting.run().state == "halted"
    assert harvesting.connection().next_run_at == harvesting.now


def test_ctrl_c_gives_the_lease_back(harvesting, script):
    script.pulls = [[upsert("a"), Checkpoint(b"1"), KeyboardInterrupt()]]
    with pytest.raises(KeyboardInterrupt):
        harvesting.run()
    assert harvesting.connection().running_until is None
    assert harvesting.live() == ["a"]


def test_it_says_how_far_it_is(harvesting, script):
    seen = []

    def look(_connector):
        seen.append(harvesting.runs()[-1].counts)

    script.pulls = [[upsert("a"), Checkpoint(b"1"), look, end()]]
    harvesting.run()
    assert seen == [{"new": 1}]
