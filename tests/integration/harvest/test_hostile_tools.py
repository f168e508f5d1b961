"""What a malicious or broken tool sends harms one item at most, and no run lasts for ever."""

import base64
import dataclasses
import datetime as dt
import json
import threading
from collections import Counter

import httpx
import pytest
from sqlalchemy import delete, func, select

from app.connectors.base import (
    Account,
    AccountKind,
    Capabilities,
    Checkpoint,
    Delete,
    Did,
    ErrorKind,
    Fail,
    Hit,
    Mode,
    SourceError,
    Upsert,
    Withdrawn,
)
from app.connectors.redaction import redacted
from app.connectors.tools.wordpress import WordPress
from app.errors import Conflict, Wording
from app.harvest import absences, accounts, checking, fit, service
from app.harvest.activities import store_activity
from app.harvest.budget import Budget
from app.harvest.reaching import _keeper
from app.models import (
    Activity,
    Connection,
    HarvestProblem,
    ItemState,
    SweepPage,
    Tool,
    ToolAccount,
)
from tests.support.factories import NOW, Factory
from tests.support.tools.scripted import Scripted, end, upsert
from tests.support.tools.world import CANARY

NUL, LONE = "a\0b", "a\ud800b"
NESTED = json.loads("[" * 900 + "]" * 900)
BAD_IDS = (NUL, LONE, "a\nb", "\u202eevil", "x" * 10_000, "", " ", 7, None)
BAD_VALUES = (
    NUL,
    LONE,
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "\u202e",
    "x" * 1_000_000,
    float("nan"),
    float("inf"),
    10**400,
    -1,
    True,
    NESTED,
    {"a": NESTED},
    ["x"] * 100_000,
    "0000-01-01",
    "99999-12-31",
    "P" + "9" * 5000 + "Y",
)


def problems(harvesting):
    with harvesting.database.sessions() as session:
        return [(one.what, one.reason) for one in session.scalars(select(HarvestProblem))]


@pytest.mark.parametrize("bad", BAD_IDS, ids=lambda one: repr(one)[:12])
def test_an_id_that_cannot_be_kept_harms_its_item_alone(harvesting, script, bad):
    script.pulls = [[Upsert(bad, upsert("x").raw), Delete(bad), upsert("good"), end()]]
    assert harvesting.run().state == "done"
    assert harvesting.live() == ["good"]
    assert harvesting.run(Mode.SWEEP).state == "done"


@pytest.mark.parametrize("name", ["title", "summary", "url", "app_url", "kind", "level", "keys"])
def test_a_value_that_cannot_be_kept_harms_its_item_alone(harvesting, script, name):
    bad = [upsert(f"bad-{place}", **{name: one}) for place, one in enumerate(BAD_VALUES)]
    script.pulls = [[*bad, upsert("good"), end()]]
    assert harvesting.run().state == "done"
    assert "good" in harvesting.live()


def test_words_that_cannot_be_kept_are_told_without_harm(harvesting, script):
    trouble = SourceError(ErrorKind.SCHEMA, Wording("It says %(what)s.", what=f"{NUL}{LONE}"))
    script.pulls = [[Fail(NUL, trouble), Fail(LONE, trouble), upsert("good"), end()], [trouble]]
    assert harvesting.run().state == "done"
    assert harvesting.live() == ["good"]
    assert harvesting.run().state == "failed"
    assert harvesting.connection().last_error.encode()
    assert all("\0" not in what and what.encode() for what, _reason in problems(harvesting))


def test_a_trial_survives_what_a_run_survives(harvesting, script):
    bad = [Upsert(one, upsert("x").raw) for one in BAD_IDS]
    odd = [upsert(f"bad-{place}", summary=one) for place, one in enumerate(BAD_VALUES)]
    script.pulls = [[*bad, *odd, Delete(NUL), upsert("good"), end()]]
    assert harvesting.run(dry=True).state == "done"


def test_a_check_survives_what_a_run_survives(harvesting, script):
    odd = {f"field-{place}": one for place, one in enumerate(BAD_VALUES)}
    for bad in (*BAD_IDS, "good"):
        script.pulls = [[Upsert(bad, odd), end()]]
        checking.check(harvesting.parts, harvesting.connection_id)
        kept = harvesting.connection().sample
        assert len(json.dumps(kept)) < 100_000
        assert "\\u0000" not in json.dumps(kept)
        assert "\\ud800" not in json.dumps(kept)


def test_one_id_without_end_is_one_item_and_written_once_a_batch(harvesting, script):
    many = [upsert("one", f"Title {place}") for place in range(1600)]
    script.pulls = [[*many, Delete("one"), upsert("one", "Back"), upsert("two"), end()]]
    run = harvesting.run()
    assert (run.counts["new"], run.counts["changed"], run.counts["removed"]) == (2, 4, 1)
    assert harvesting.items() == {"one": ("Back", "live"), "two": ("Item two", "live")}


@pytest.fixture
def endless(harvesting, script):
    """A tool that has always one more page, and asks for each; it counts what it was asked."""

    def pages():
        place = 0
        while True:
            place += 1
            yield lambda tool: tool.http.get("more")
            yield upsert("same")
            yield Checkpoint(str(place).encode())

    class Pulls(list):
        def __getitem__(self, _place):
            return pages()

    harvesting.handle = lambda _request: httpx.Response(200, text="more")
    script.pulls = Pulls([[]])
    return script


def test_a_tool_without_an_end_ends_its_run(harvesting, endless):
    harvesting.budget = Budget(requests=30)
    first, second = harvesting.run(), harvesting.run()
    assert (first.state, first.error_kind, first.counts["requests"]) == ("halted", "partial", 30)
    assert "30 times" in first.error
    assert second.state == "halted"
    assert endless.asked == [(None, Mode.SWEEP), (b"30", Mode.SWEEP)]
    assert harvesting.live() == ["same"]


def test_a_tool_that_is_slow_for_ever_ends_its_run(harvesting, endless):
    def handle(_request):
        harvesting.now += dt.timedelta(minutes=10)
        return httpx.Response(200)

    harvesting.handle = handle
    run = harvesting.run()
    assert (run.state, run.error_kind, run.counts["requests"]) == ("halted", "partial", 36)
    assert "6 hours" in run.error


def test_a_sweep_without_an_end_is_forgotten_and_begun_anew(harvesting, endless, monkeypatch):
    monkeypatch.setattr(absences, "MOST_PAGES", 40)
    harvesting.budget = Budget(requests=30)
    for _ in range(5):
        harvesting.run()
    assert [cursor for cursor, _mode in endless.asked] == [None, b"30", None, b"30", None]
    with harvesting.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(SweepPage)) <= 60


def test_a_cursor_without_an_end_is_not_kept(harvesting, script):
    script.pulls = [[upsert("a"), Checkpoint(b"x" * 10_000_000), upsert("b"), end()]]
    assert (harvesting.run().state, harvesting.live()) == ("failed", [])


def test_a_secret_that_a_tool_writes_into_its_items_reaches_no_sample_and_no_reader(
    harvesting, script
):
    harvesting.change(Connection, secrets={"token": harvesting.vault.seal(CANARY)})
    said = f"{CANARY} {base64.b64encode(CANARY.encode()).decode()}"
    raw = {"title": said, "summary": said, "level": CANARY, "deep": [{CANARY: [said]}]}
    script.pulls = [[Upsert("x", raw | {"url": "https://tool.test/x"}), end()]]
    checking.check(harvesting.parts, harvesting.connection_id)
    harvesting.run()
    connection = harvesting.connection()
    assert connection.sample
    assert CANARY not in json.dumps([connection.sample, connection.unknown_words])
    assert base64.b64encode(CANARY.encode()).decode() not in json.dumps(connection.sample)
    assert CANARY not in str(problems(harvesting))
    assert harvesting.items() == {}


def test_of_tools_that_hang_two_are_tried_at_once(harvesting, script):
    hanging, over, told = threading.Semaphore(0), threading.Event(), []

    def hang(_tool):
        hanging.release()
        over.wait(20)

    script.pulls = [[hang, end()]]
    asking = [
        threading.Thread(
            target=lambda: told.append(checking.check(harvesting.parts, harvesting.connection_id))
        )
        for _ in range(2)
    ]
    for one in asking:
        one.start()
        assert hanging.acquire(timeout=20)
    [probe] = checking.check(harvesting.parts, harvesting.connection_id)
    assert not probe.ok
    assert "in a minute" in probe.why
    over.set()
    for one in asking:
        one.join(20)
    assert told == [[], []]
    checking.check(harvesting.parts, harvesting.connection_id)


def test_a_tool_that_is_disconnected_while_it_is_tried_stays_so(harvesting, script):
    def disconnect(_tool):
        with harvesting.database.transaction() as session:
            session.execute(delete(Connection))

    script.pulls = [[disconnect, upsert("a"), end()]]
    assert checking.check(harvesting.parts, harvesting.connection_id) == []


def test_a_tool_that_is_disconnected_while_it_is_read_writes_nothing_more(harvesting, script):
    def disconnect(_tool):
        with harvesting.database.transaction() as session:
            connection = session.get_one(Connection, harvesting.connection_id)
            service.disconnect(session, connection, keep_items=False, now=harvesting.now)

    script.pulls = [[upsert("a"), Checkpoint(b"1"), disconnect, upsert("b"), end()]]
    with pytest.raises(Conflict):
        harvesting.run()
    assert harvesting.items() == {"a": ("Item a", "retired")}


def resettled(harvesting, address):
    """Return what moves the tool to another address, as an administrator does, within a run."""

    def change(tool):
        spec = dataclasses.replace(type(tool).spec, settings=WordPress.spec.settings)
        values = {"address": address, "user": "foyer", "password": "new"}
        with harvesting.database.transaction() as session:
            row = session.get_one(Connection, harvesting.connection_id)
            service.resettle(session, harvesting.vault, row, spec, values)

    return change


def test_a_run_ends_when_the_tool_moves_and_its_cursor_counts_for_no_other_host(harvesting, script):
    move = resettled(harvesting, "https://moved.test")
    script.pulls = [[upsert("a"), Checkpoint(b"1"), move, upsert("b"), end()], [end()]]
    assert harvesting.run().state == "stopped"
    assert harvesting.live() == ["a"]
    harvesting.run()
    assert script.asked[-1] == (None, Mode.SWEEP)


def test_a_run_ends_when_the_rules_change_and_does_not_pass_for_the_sweep_by_the_new_ones(
    harvesting, script
):
    def remap(_tool):
        with harvesting.database.transaction() as session:
            service.remap(session, session.get_one(Connection, harvesting.connection_id), None)

    script.pulls = [[upsert("a"), end()], [upsert("a"), remap, upsert("b"), end()], [end()]]
    harvesting.run()
    assert harvesting.run(Mode.SWEEP).state == "stopped"
    assert harvesting.connection().swept_at is None
    harvesting.run()
    assert script.asked[-1] == (None, Mode.SWEEP)


def test_a_secret_that_one_host_gave_is_not_kept_for_another(harvesting, script):
    spec = dataclasses.replace(script.found("").spec, settings=WordPress.spec.settings)
    row = harvesting.connection()
    keep = _keeper(harvesting.parts, row, spec, [])
    keep("password", "first")
    assert harvesting.vault.open(harvesting.connection().secrets["password"]) == "first"
    resettled(harvesting, "https://moved.test")(script.found("")(None, None))
    keep("password", "rotated by the old host")
    assert harvesting.vault.open(harvesting.connection().secrets["password"]) == "new"
    with harvesting.database.transaction() as session:
        session.execute(delete(Connection))
    keep("password", "late")


STATEMENTS = (
    Did(NUL, Account(AccountKind.EMAIL, "ada@example.org"), "completed", NOW, "x"),
    Did("1", Account(AccountKind.EMAIL, NUL), "completed", NOW, "x"),
    Did("2", Account(AccountKind.ACCOUNT, "ada", LONE), "completed", NOW, "x"),
    Did("3", Account(AccountKind.EMAIL, "ada@example.org"), NUL, NOW, "x"),
    Did("4", Account(AccountKind.EMAIL, "ada@example.org"), "completed", NOW, NUL, LONE),
    Did("5", Account(AccountKind.EMAIL, "ada@example.org"), "launched", NOW, "x", progress=1e999),
    Did("6", Account(AccountKind.EMAIL, "ada@example.org"), "launched", NOW, "x", progress="half"),
    Did("7", Account(AccountKind.EMAIL, "ada@example.org"), "completed", NOW.replace(tzinfo=None)),
    Did("8", Account(AccountKind.EMAIL, "ada@example.org"), "completed", "yesterday"),
    Did("9", Account(AccountKind.EMAIL, "a" * 10_000), "completed", NOW, "y" * 10_000),
    Did("x" * 10_000, Account(AccountKind.EMAIL, "ada@example.org"), "completed", NOW, "x"),
    Did(
        "10",
        Account(AccountKind.EMAIL, "ada@example.org"),
        "completed",
        dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))),
    ),
    Did(
        "11",
        Account(AccountKind.EMAIL, "ada@example.org"),
        "completed",
        dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(dt.timedelta(hours=-14))),
    ),
    Withdrawn(NUL),
    Withdrawn(LONE),
    Withdrawn(""),
)


class Telling:
    """A tool that tells what a test wrote down."""

    spec = dataclasses.replace(Scripted().found("").spec, capabilities=Capabilities(activity=True))
    told = ()

    def __init__(self, _settings, _http):
        pass

    def check(self):
        yield from ()

    def activity(self, _cursor, _people):
        yield from self.told


@pytest.fixture
def telling(harvesting):
    class Teller(Telling):
        pass

    class Script:
        def found(self, _kind):
            return Teller

    harvesting.script = Script()
    harvesting.connect("scripted", people_by="email")
    with harvesting.database.transaction() as session:
        make = Factory(session)
        make.person(email="ada@example.org")
        make.item(tool=session.get_one(Tool, harvesting.tool_id), external_id="x")
    return Teller


def test_a_statement_that_cannot_be_kept_harms_itself_alone(harvesting, telling):
    good = Did("good", Account(AccountKind.EMAIL, "ada@example.org"), "completed", NOW, "x")
    telling.told = [*STATEMENTS, good, end()]
    for _ in range(2):
        assert harvesting.run().state == "done"
    with harvesting.database.sessions() as session:
        kept = set(session.scalars(select(Activity.external_id)))
        assert session.scalar(select(ItemState.progress)) == 1.0
    assert "blog:good" in kept
    assert len(kept) <= 5


def test_accounts_of_nobody_are_kept_up_to_a_number(harvesting, telling, monkeypatch):
    monkeypatch.setattr(accounts, "MOST_WAITING", 50)
    telling.told = [
        *(
            Did(str(one), Account(AccountKind.EMAIL, f"{one}@example.org"), "completed", NOW, "x")
            for one in range(700)
        ),
        end(),
    ]
    assert harvesting.run().counts["unknown_people"] == 700
    with harvesting.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ToolAccount)) == 50


def test_what_nobody_knows_is_counted_up_to_a_number():
    counted = fit.keep_few(Counter({f"item {one}": one for one in range(1, 10_000)}))
    assert (len(counted), counted["item 9999"], counted["item 1"]) == (2000, 9999, 0)


@pytest.mark.parametrize(
    ("hit", "shown"),
    [
        (Hit("a", "Pump <b>seals</b>", "https://tool.test/a", "course"), "Pump <b>seals</b>"),
        (Hit("a", f"{NUL}{LONE}\u202e", "https://tool.test/a", "course"), "abab"),
        (Hit(NUL, "Pump", "https://tool.test/a", "course"), None),
        (Hit("a", "Pump", "javascript:alert(1)", "course"), None),
        (Hit("a", "Pump", "https://tool.test@evil.test/", "course"), None),
        (Hit("a", "Pump", f"https://tool.test/?token={CANARY}", "course"), None),
        (Hit("a", f"Pump {CANARY}", "https://tool.test/a", "course"), "Pump •••"),
    ],
)
def test_an_answer_of_a_live_search_is_shown_as_text_or_not_at_all(hit, shown):
    kept = fit.fit_hit(hit, lambda text: redacted(text, [CANARY]))
    assert (kept and kept.title) == shown


def test_a_tool_takes_back_no_statement_of_another(session, make):
    person = make.person(email="ada@example.org")
    mine, other = (
        Connection(
            tool_id=tool.id, kind="lrs", people_by="email", created_at=NOW, settings={}, tool=tool
        )
        for tool in (make.tool("lms"), make.tool("lms-1"))
    )
    session.add_all([mine, other])
    session.flush()
    item = make.item(tool=mine.tool, external_id="x")
    done = Did("1:2", Account(AccountKind.EMAIL, "ada@example.org"), "completed", NOW, "x")
    store_activity(session, mine, [done], now=NOW)
    taken_back = [Withdrawn(one) for one in ("1:2", "2", "lms:1:2", "%", "lms-1:1:2")]
    assert store_activity(session, other, taken_back, now=NOW).counts["withdrawn"] == 0
    assert session.get(ItemState, (person.id, item.id)).done_at == NOW
    assert store_activity(session, mine, taken_back, now=NOW).counts["withdrawn"] == 1
