"""A trial run: it tells what would happen, and nothing happens."""

from app.connectors.base import Delete, ErrorKind, Fail, Mode, Presence, SourceError
from app.errors import Wording
from tests.support.tools.scripted import end, upsert


def test_it_tells_what_would_become_of_each_item(harvesting, script):
    unreadable = Fail("page 3", SourceError(ErrorKind.SCHEMA, Wording("Not readable.")))
    script.pulls = [
        [*(upsert(one) for one in ("same", "other", "hidden", "gone", "back")), end()],
        [Delete("back"), end()],
        [
            upsert("same"),
            upsert("other", "Another title"),
            upsert("new"),
            upsert("new"),
            upsert("back"),
            upsert("bad", kind="nonsense"),
            Delete("hidden", Presence.HIDDEN),
            unreadable,
            end(),
        ],
    ]
    script.there = {"gone": Presence.GONE}
    harvesting.run()
    harvesting.run()
    run = harvesting.run(dry=True)
    assert (run.state, run.dry, run.mode) == ("done", True, "sweep")
    assert run.counts == {"new": 1, "changed": 2, "unchanged": 1, "removed": 2, "failed": 2}
    assert run.samples["changed"][0]["differences"] == [
        {"field": "title", "before": "Item other", "after": "Another title"}
    ]
    assert run.samples["changed"][1]["differences"][-1]["field"] == "status"
    assert [one["external_id"] for one in run.samples["removed"]] == ["hidden", "gone"]
    assert [one["name"] for one in run.samples["failed"]] == ["page 3", "bad"]


def test_it_writes_only_its_own_row(harvesting, blog, written):
    for title in ("Reading meters", "Reading dials"):
        blog.add(title)
    harvesting.run()
    before = harvesting.connection()
    blog.change("1", "Reading all meters")
    blog.remove("2")
    blog.add("New")
    written.clear()
    run = harvesting.run(dry=True)
    assert run.counts["new"] == run.counts["changed"] == run.counts["removed"] == 1
    assert {table for _, table in written} == {"connection", "harvest_run"}
    after = harvesting.connection()
    assert (after.next_run_at, after.swept_at) == (before.next_run_at, before.swept_at)
    assert harvesting.live() == ["1", "2"]


def test_a_trial_moves_no_cursor_and_stops_no_sweep(harvesting, script):
    script.pulls = [[upsert("a"), end(b"one")], [upsert("b"), end(b"trial")], [end(b"two")]]
    harvesting.run()
    harvesting.run(dry=True)
    harvesting.run(Mode.DELTA)
    assert script.asked[-1] == (b"one", Mode.DELTA)


def test_it_keeps_twenty_samples_of_each(harvesting, script):
    script.pulls = [[*(upsert(str(number)) for number in range(30)), end()]]
    run = harvesting.run(dry=True)
    assert (run.counts["new"], len(run.samples["new"])) == (30, 20)


def test_a_trial_that_fails_says_nothing_of_the_connection(harvesting, script):
    script.pulls = [[SourceError(ErrorKind.AUTH_INVALID, Wording("No."))]]
    run = harvesting.run(dry=True)
    assert (run.state, run.error) == ("failed", "No.")
    assert (harvesting.connection().last_error, harvesting.connection().next_run_at) == ("", None)
