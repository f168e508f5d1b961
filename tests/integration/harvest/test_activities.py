"""What tools tell of people becomes activity of the right person, on both databases."""

import datetime as dt
import random

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import events
from app.activity import pauses, signals
from app.activity.deeds import Deed
from app.activity.imports import append
from app.catalogue import clusters
from app.connectors.base import Account, AccountKind, Did, ErrorKind, Fail, SourceError, Withdrawn
from app.errors import Invalid, NotFound, Wording
from app.harvest import accounts, runs
from app.harvest.activities import items_at, most_unknown, store_activity
from app.models import (
    Activity,
    Connection,
    Cursor,
    HarvestProblem,
    Identity,
    Item,
    ItemState,
    Progress,
    Removal,
    ScimClient,
    ScimUser,
    Stream,
    Tool,
    ToolAccount,
    Verb,
)
from app.playlists.service import on_item_completed, on_item_reopened
from tests.support.factories import NOW, Factory

ADA = Account(AccountKind.EMAIL, "ada@example.org")
PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"


def did(own, verb="completed", *, account=ADA, at=NOW, item="course-1", **values):
    return Did(own, account, verb, at, **({"external_id": item} | values))


@pytest.fixture
def connection(session, make):
    """Return the connection of a tool that names people by their address."""
    tool = make.tool("lms", "Our LMS")
    row = Connection(
        tool_id=tool.id, kind="moodle", people_by="email", created_at=NOW, settings={}, tool=tool
    )
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def ada(make):
    return make.person("Ada Byron", email="ada@example.org")


@pytest.fixture
def course(make, connection):
    return make.item("Safety", tool=connection.tool, external_id="course-1")


@pytest.fixture
def tell(session, connection):
    """Return what lets the tool tell something."""

    def told(*events):
        heard = store_activity(session, connection, events, now=NOW)
        session.flush()
        return heard

    return told


@pytest.fixture
def state(session, ada, course):
    """Return what reads where the course stands for Ada."""

    def found():
        row = session.get(ItemState, (ada.id, course.id), populate_existing=True)
        return (row.done_at, row.progress) if row else (None, None)

    return found


def activities(session):
    rows = session.execute(select(Activity.verb, Activity.external_id).order_by(Activity.id))
    return [tuple(row) for row in rows]


class TestStatements:
    def test_a_completion_marks_the_item_done_at_its_moment(self, session, tell, state):
        at = NOW - dt.timedelta(days=3)
        heard = tell(did("1", at=at))
        assert state() == (at, 1.0)
        assert activities(session) == [("completed", "lms:1")]
        assert heard.counts["activities"] == 1

    def test_a_statement_told_twice_counts_once(self, session, tell, state):
        tell(did("1"), did("1"))
        heard = tell(did("1"))
        assert len(activities(session)) == 1
        assert (heard.counts["activities"], heard.counts["unchanged"]) == (0, 1)

    def test_what_a_reader_took_back_is_not_done_again_by_the_same_statement(
        self, session, tell, state, ada, course
    ):
        tell(did("1"))
        session.get(ItemState, (ada.id, course.id)).done_at = None
        tell(did("1"))
        assert state()[0] is None

    def test_progress_is_the_furthest_known_and_never_all(self, session, tell, state):
        tell(did("1", "launched", progress=0.6), did("2", "launched", progress=0.2))
        assert state() == (None, 0.6)
        tell(did("3", "launched", progress=1.0))
        assert state() == (None, 0.99)
        assert [verb for verb, _ in activities(session)] == ["launched"]

    def test_a_moment_that_cannot_be_is_a_problem(self, session, tell, state):
        early = dt.datetime(1969, 12, 31, tzinfo=dt.UTC)
        heard = tell(did("1", at=NOW + dt.timedelta(days=2)), did("2", at=early))
        assert state() == (None, None)
        assert [one.what for one in heard.problems] == ["1", "2"]
        assert "future" in heard.problems[0].reason
        assert heard.counts["failed"] == 2

    def test_a_clock_that_is_a_little_fast_is_believed(self, tell, state):
        tell(did("1", at=NOW + dt.timedelta(hours=20)))
        assert state()[0] is not None

    def test_what_the_connector_could_not_read_is_a_problem(self, tell, ada, course):
        error = SourceError(ErrorKind.SCHEMA, Wording("It says nothing."))
        heard = tell(Fail("statement 7", error), did("1"))
        assert [(one.what, one.kind) for one in heard.problems] == [("statement 7", "schema")]
        assert heard.counts["activities"] == 1

    def test_playlist_steps_are_done_and_opened_again(self, session, make, tell, ada, course):
        playlist = make.playlist([course])
        make.assignment(playlist, ada)
        with (
            events.item_completed.connected_to(on_item_completed),
            events.item_reopened.connected_to(on_item_reopened),
        ):
            tell(did("1"))
            assert len(session.scalars(select(Progress)).all()) == 1
            tell(Withdrawn("1"))
            assert session.scalars(select(Progress)).all() == []


class TestTimeAndStars:
    def test_time_spent_is_kept_in_seconds_beside_what_was_done(self, session, tell, ada, course):
        heard = tell(did("1"), did("1#spent", "spent", value=1800.0))
        rows = session.scalars(select(Activity).order_by(Activity.id)).all()
        assert [(row.verb, row.value) for row in rows] == [("completed", None), ("spent", 1800.0)]
        assert heard.counts["activities"] == 2

    def test_a_moment_is_no_time_and_a_night_is_no_working_day(self, session, tell, ada, course):
        tell(did("1", "spent", value=9.9), did("2", "spent", value=10.0))
        tell(did("3", "spent", value=50_000.0), did("4", "spent"))
        assert session.scalars(select(Activity.value).order_by(Activity.id)).all() == [10, 28_800]

    def test_stars_are_whole_and_the_latest_stand(self, session, tell, ada, course):
        tell(did("1", "rated", value=4.4), did("2", "rated", at=NOW - dt.timedelta(1), value=1.0))
        [row] = session.scalars(select(Activity))
        assert (row.verb, row.value) == ("rated", 4.0)
        assert session.get(ItemState, (ada.id, course.id)).stars == 4

    def test_what_are_no_stars_is_a_problem(self, session, tell, ada, course):
        heard = tell(did("1", "rated", value=6.0), did("2", "rated"))
        assert heard.counts["failed"] == 2
        assert "stars" in heard.problems[0].reason
        assert activities(session) == []

    def test_a_withdrawn_statement_takes_its_time_and_stars_along(self, session, tell, ada, course):
        tell(did("1"), did("1#spent", "spent", value=600.0), did("2", "rated", value=5.0))
        tell(Withdrawn("1"), Withdrawn("2"))
        assert activities(session) == []
        assert session.get(ItemState, (ada.id, course.id), populate_existing=True).stars is None
        assert session.scalars(select(Removal)).all() != []


class TestWhatPeopleDeleted:
    def test_it_is_not_taken_in_again(self, session, tell, ada, course):
        told = [did("1"), did("1#spent", "spent", value=600.0), did("2", "rated", value=5.0)]
        tell(*told)
        signals.forget(session, ada.id, now=NOW)
        heard = tell(*told)
        assert activities(session) == []
        assert (heard.counts["activities"], heard.counts["unchanged"]) == (0, 3)

    def test_what_is_done_stays_done(self, session, tell, state, ada, course):
        tell(did("1"))
        signals.forget(session, ada.id, now=NOW)
        tell(did("1"))
        assert state()[0] == NOW

    def test_progress_of_before_makes_no_new_beginning(self, session, tell, ada, course):
        told = [did(str(n), "launched", progress=n / 10) for n in range(1, 5)]
        tell(*told)
        assert len(activities(session)) == 1
        signals.forget(session, ada.id, now=NOW)
        tell(*told)
        assert activities(session) == []

    def test_a_new_statement_counts(self, session, tell, ada, course):
        tell(did("1"))
        signals.forget(session, ada.id, now=NOW)
        tell(did("1"), did("2", "launched"))
        assert activities(session) == [("launched", "lms:2")]

    def test_what_is_told_of_a_pause_does_not_count(self, session, tell, ada, course):
        pauses.pause(session, ada.id, now=NOW - dt.timedelta(days=2))
        pauses.resume(session, ada.id, now=NOW - dt.timedelta(days=1))
        tell(did("1", at=NOW - dt.timedelta(hours=36)), did("2", "launched"))
        assert session.scalars(select(Activity.counts).order_by(Activity.id)).all() == [False, True]


class TestAWithdrawal:
    def test_it_takes_the_completion_back(self, session, tell, state):
        tell(did("1"))
        tell(Withdrawn("1"))
        assert state() == (None, None)
        assert activities(session) == []

    def test_what_something_else_says_too_stays(self, tell, state):
        later = NOW - dt.timedelta(hours=1)
        tell(did("1", at=NOW - dt.timedelta(days=1)), did("2", at=later))
        tell(Withdrawn("1"))
        assert state() == (later, 1.0)

    def test_what_is_done_as_a_duplicate_in_another_tool_stays(
        self, session, make, tell, state, ada, course
    ):
        twin = make.item("Safety", tool=make.tool("copies"), url=course.url)
        clusters.catch_up(session)
        at = NOW - dt.timedelta(days=7)
        append(session, [Deed(ada.id, twin.id, Verb.COMPLETED, at, "copies", "copies:1")])
        tell(did("1"))
        tell(Withdrawn("1"))
        assert state()[0] == at

    def test_of_what_was_never_kept_it_changes_nothing(self, tell, state):
        tell(did("1"))
        assert tell(Withdrawn("9")).counts["withdrawn"] == 0
        assert state()[0] == NOW

    def test_what_comes_with_its_withdrawal_is_not_kept(self, session, tell, state):
        tell(did("1"), Withdrawn("1"))
        assert activities(session) == []


STORIES = [
    did("a", at=NOW - dt.timedelta(days=5)),
    did("b", at=NOW - dt.timedelta(days=2)),
    did("c", "launched", at=NOW - dt.timedelta(days=9), progress=0.3),
    did("d", "launched", at=NOW - dt.timedelta(days=4), progress=0.7),
    did("e", "launched", at=NOW - dt.timedelta(days=1)),
    did("f", at=NOW - dt.timedelta(days=3), item="course-2"),
    did("g", "launched", at=NOW - dt.timedelta(days=3), item="course-3", progress=0.5),
]


class TestAnyOrder:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(seed=st.integers(0, 10**6), cut=st.integers(1, 5))
    def test_order_and_repetition_change_no_state(self, database, seed, cut):
        chance = random.Random(seed)
        told = [*STORIES, *chance.choices(STORIES, k=4)]
        chance.shuffle(told)
        with database.sessions() as session:
            ids = _world(session)
            first = _states(session, ids, [STORIES])
            session.rollback()
            ids = _world(session)
            parts = [told[at : at + cut] for at in range(0, len(told), cut)]
            assert _states(session, ids, parts) == first
            session.rollback()


def _world(session):
    tool = Tool(slug="lms", name="LMS", kind="lms")
    session.add(tool)
    session.flush()
    make = Factory(session)
    make.person(email="ada@example.org")
    for number in (1, 2, 3):
        make.item(tool=tool, external_id=f"course-{number}")
    row = Connection(
        tool_id=tool.id, kind="moodle", people_by="email", created_at=NOW, settings={}, tool=tool
    )
    session.add(row)
    session.flush()
    return row


def _states(session, connection, parts):
    for part in parts:
        store_activity(session, connection, part, now=NOW)
    session.flush()
    rows = session.execute(
        select(Item.external_id, ItemState.done_at, ItemState.progress)
        .join(Item, Item.id == ItemState.item_id)
        .order_by(Item.external_id)
    )
    return [tuple(row) for row in rows]


class TestThePerson:
    def test_is_found_by_address_in_any_case_of_letters(self, tell, state):
        tell(did("1", account=Account(AccountKind.EMAIL, "Ada@Example.ORG")))
        assert state()[0] == NOW

    def test_is_found_when_they_have_left(self, session, tell, state, ada):
        ada.active = False
        tell(did("1"))
        assert state()[0] == NOW

    def test_is_found_by_the_user_name_of_a_directory(self, session, make, connection, ada):
        connection.people_by = "username"
        client = ScimClient(slug="entra", name="Entra", created_at=NOW)
        session.add(client)
        session.flush()
        session.add(_scim_user(client, ada, "abyron"))
        session.flush()
        assert _person(session, connection, "ABYRON") == ada.id

    def test_is_found_by_what_a_provider_calls_them(self, session, make, connection, ada):
        connection.people_by = "username"
        session.add(_identity(make, ada, "abyron"))
        session.flush()
        assert _person(session, connection, "abyron") == ada.id
        assert _person(session, connection, "byron") is None

    def test_is_found_by_the_name_of_their_address(self, session, connection, ada):
        connection.people_by, connection.people_domain = "username", "@Example.org"
        assert _person(session, connection, "ada") == ada.id
        assert _person(session, connection, "ada.b") is None

    def test_is_nobody_where_two_have_the_name(self, session, make, connection, ada):
        connection.people_by, connection.people_domain = "username", "example.org"
        session.add(_identity(make, make.person(), "ada"))
        session.flush()
        assert _person(session, connection, "ada") is None

    def test_is_not_guessed_from_a_user_name_where_addresses_count(self, session, connection, ada):
        connection.people_domain = "example.org"
        assert _person(session, connection, "ada") is None

    def test_the_tool_is_asked_about_everybody_by_what_it_names_them(
        self, session, make, connection, ada
    ):
        assert accounts.people_of(session, connection) == [ADA]
        connection.people_by, connection.people_domain = "username", "example.org"
        assert accounts.people_of(session, connection) == [Account(AccountKind.USERNAME, "ada")]
        connection.people_by = "account"
        assert accounts.people_of(session, connection) == []


def _person(session, connection, name):
    account = Account(AccountKind.USERNAME, name)
    return accounts.persons(session, connection, [account]).get(account)


def _scim_user(client, person, user_name):
    return ScimUser(
        id="1",
        client_id=client.id,
        person_id=person.id,
        user_name=user_name,
        body={},
        version="1",
        created_at=NOW,
        updated_at=NOW,
    )


def _identity(make, person, subject):
    return Identity(
        provider_id=make.provider().id,
        subject=subject,
        person_id=person.id,
        created_at=NOW,
        last_used_at=NOW,
    )


class TestAnAccountThatIsNobodys:
    STRANGER = Account(AccountKind.ACCOUNT, "77", "https://hr.test")

    def test_it_is_counted_and_nothing_else_is_kept(self, session, tell, connection, course):
        heard = tell(did("1", account=self.STRANGER), did("2", account=self.STRANGER))
        [row] = accounts.unknown_accounts(session, connection.id)
        assert (row.name, row.statements, row.person_id) == ("https://hr.test|77", 2, None)
        assert heard.counts["unknown_people"] == 2
        assert activities(session) == []

    def test_the_same_statements_are_not_counted_again(self, session, tell, connection, course):
        for _ in range(3):
            tell(did("1", account=self.STRANGER))
        [row] = accounts.unknown_accounts(session, connection.id)
        assert row.statements == 1

    def test_linked_by_hand_it_is_somebodys_and_all_is_read_again(
        self, session, tell, connection, ada, state
    ):
        tell(did("1", account=self.STRANGER))
        runs.save_cursor(session, connection.id, Stream.ACTIVITY, b"{}", now=NOW)
        [row] = accounts.unknown_accounts(session, connection.id)
        accounts.link_account(session, connection, row.id, email="Ada@example.org")
        assert session.scalars(select(Cursor)).all() == []
        tell(did("1", account=self.STRANGER))
        assert state()[0] == NOW
        assert accounts.people_of(session, _by_account(connection)) == [self.STRANGER]
        [linked] = accounts.linked_by_hand(session, connection.id)
        assert linked.person.email == "ada@example.org"

    def test_unlinked_it_is_nobodys_and_what_counted_stays(
        self, session, tell, connection, ada, state
    ):
        tell(did("1", account=self.STRANGER))
        [row] = accounts.unknown_accounts(session, connection.id)
        accounts.link_account(session, connection, row.id, email="ada@example.org")
        tell(did("1", account=self.STRANGER))
        accounts.unlink_account(session, connection, row.id)
        tell(did("2", account=self.STRANGER))
        assert len(activities(session)) == 1
        assert state()[0] == NOW

    def test_it_is_linked_to_nobody_unknown(self, session, tell, connection, course):
        tell(did("1", account=self.STRANGER))
        [row] = accounts.unknown_accounts(session, connection.id)
        with pytest.raises(Invalid):
            accounts.link_account(session, connection, row.id, email="nobody@example.org")
        with pytest.raises(NotFound):
            accounts.link_account(session, connection, row.id + 1, email="ada@example.org")

    def test_whoever_joins_later_is_welcomed_and_all_is_read_again(
        self, session, make, tell, connection, course
    ):
        tell(did("1"))
        runs.save_cursor(session, connection.id, Stream.ACTIVITY, b"{}", now=NOW)
        assert accounts.welcome(session, connection) == 0
        make.person(email="ada@example.org")
        assert accounts.welcome(session, connection) == 1
        assert session.scalars(select(Cursor)).all() == []
        assert accounts.welcome(session, connection) == 0


def _by_account(connection):
    connection.people_by = "account"
    return connection


class TestTheItem:
    def test_is_found_by_its_address_as_duplicates_are(self, session, make, tell, state, course):
        course.url = "https://www.courses.test/safety/"
        session.flush()
        clusters.catch_up(session)
        found = items_at(session, {"http://courses.test/safety", "https://courses.test/other"})
        assert found == {"http://courses.test/safety": course.id}
        tell(did("1", item="", address="http://courses.test/safety"))
        assert state()[0] == NOW

    def test_is_found_by_the_ids_of_the_tool_that_the_settings_name(
        self, session, make, connection, ada
    ):
        other = make.item(tool=make.tool("simlab"), external_id="urn:sim:4")
        connection.settings = {"ids_of": "simlab"}
        told = did("1", item="urn:sim:4", address="urn:sim:4")
        store_activity(session, connection, [told], now=NOW)
        assert session.get(ItemState, (ada.id, other.id)).done_at == NOW

    def test_one_that_nobody_knows_is_counted_and_named(self, tell, ada):
        heard = tell(did("1", item="course-9"), did("2", item="course-9"))
        assert heard.counts["unknown_items"] == 2
        [problem] = most_unknown(heard.unknown_items)
        assert problem.what == "course-9"
        assert "2 statements" in problem.reason

    def test_only_the_most_frequent_unknown_are_named(self):
        unknown = {f"course-{number}": number for number in range(1, 40)}
        assert [one.what for one in most_unknown(unknown)][:2] == ["course-39", "course-38"]
        assert len(most_unknown(unknown)) == 20


class TestARun:
    def states(self, harvesting):
        with harvesting.database.sessions() as session:
            return [(row.done_at, row.progress) for row in session.scalars(select(ItemState)).all()]

    def test_it_brings_in_what_people_did_and_goes_on_from_there(self, harvesting, lrs):
        course = "https://courses.test/course/1"
        for share in (20, 40, 60):
            result = {"result": {"extensions": {PROGRESS: share}}}
            lrs.say({"mbox": "mailto:ada@example.org"}, "progressed", course, **result)
        first = harvesting.run()
        assert (first.mode, first.state, first.error) == ("activity", "done", "")
        assert self.states(harvesting) == [(None, 0.6)]
        lrs.tick()
        lrs.complete(course, ADA)
        second = harvesting.run()
        assert second.counts["activities"] == 1
        assert self.states(harvesting) == [(lrs.now, 1.0)]

    def test_at_rest_it_writes_nothing_of_people(self, harvesting, lrs, written):
        lrs.complete("https://courses.test/course/1", ADA)
        lrs.complete("https://courses.test/course/1", Account(AccountKind.EMAIL, "x@example.org"))
        harvesting.run()
        written.clear()
        harvesting.run()
        quiet = {"activity", "item_state", "tool_account"}
        assert [one for one in written if one[1] in quiet and one[0] != "INSERT"] == []
        with harvesting.database.sessions() as session:
            assert len(session.scalars(select(Activity)).all()) == 1
            assert [one.statements for one in session.scalars(select(ToolAccount))] == [1]

    def test_a_voided_statement_is_taken_back(self, harvesting, lrs):
        own = lrs.complete("https://courses.test/course/1", ADA)
        harvesting.run()
        lrs.tick()
        lrs.void(own)
        harvesting.run()
        assert self.states(harvesting) == [(None, None)]

    def test_a_cursor_that_cannot_be_used_costs_one_reading_from_the_beginning(
        self, harvesting, lrs
    ):
        lrs.complete("https://courses.test/course/1", ADA)
        harvesting.change(Connection, people_read_at=NOW)
        with harvesting.database.transaction() as session:
            runs.save_cursor(
                session, harvesting.connection_id, Stream.ACTIVITY, b"garbage", now=NOW
            )
        assert harvesting.run().state == "done"
        assert len(self.states(harvesting)) == 1

    def test_it_names_the_activities_that_nothing_is_known_for(self, harvesting, lrs):
        lrs.complete("https://courses.test/course/77", ADA)
        harvesting.run()
        with harvesting.database.sessions() as session:
            [problem] = session.scalars(select(HarvestProblem))
        assert problem.what == "https://courses.test/course/77"

    def test_where_nobody_said_by_what_people_are_named_nothing_is_read(self, harvesting, lrs):
        harvesting.change(Connection, people_by="")
        lrs.complete("https://courses.test/course/1", ADA)
        harvesting.run()
        assert lrs.requests == []

    def test_trouble_halts_it_and_what_was_read_stays(self, harvesting, lrs):
        for number in range(6):
            lrs.complete(f"https://courses.test/course/{number}", ADA)
        fail_from = 2

        def handle(request):
            if len(lrs.requests) < fail_from:
                return lrs.handle(request)
            lrs.requests.append(request)
            return httpx.Response(503)

        harvesting.handle = handle
        assert harvesting.run().state == "halted"
        assert len(self.states(harvesting)) == 1
        harvesting.handle = lrs.handle
        assert harvesting.run().state == "done"
