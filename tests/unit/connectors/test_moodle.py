"""The traps of a Moodle, against shapes recorded from Moodle 4.5; no test runs a real one."""

import datetime as dt

import pytest

from app.connectors.base import (
    Account,
    AccountKind,
    Delete,
    Did,
    ErrorKind,
    Mode,
    Presence,
    SourceError,
    Upsert,
)
from app.connectors.mapping import apply
from app.connectors.tools.moodle import Moodle
from tests.support.tools.moodle import FakeMoodle, refusal

ADA = Account(AccountKind.EMAIL, "ada@example.org")
ADA_BY_NAME = Account(AccountKind.USERNAME, "ada")


@pytest.fixture
def moodle():
    return FakeMoodle()


@pytest.fixture
def connector(moodle):
    return moodle.connector()


def swept(connector):
    return list(connector.pull(None, Mode.SWEEP))


def trouble(call, *args):
    with pytest.raises(SourceError) as caught:
        list(call(*args))
    return caught.value


def probes(connector):
    return {str(probe.what): probe for probe in connector.check()}


def asked(moodle):
    return [
        dict(pair.split("=") for pair in one.content.decode().split("&")) for one in moodle.requests
    ]


class TestTrap1AnErrorIsA200:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("invalidtoken", ErrorKind.AUTH_INVALID),
            ("accessexception", ErrorKind.FORBIDDEN),
            ("invalidparameter", ErrorKind.CONFIG),
            ("dbconnectionfailed", ErrorKind.TRANSIENT),
            ("wsaccessusersuspended", ErrorKind.AUTH_INVALID),
        ],
    )
    def test_it_is_trouble_of_the_kind_that_it_names(self, moodle, connector, code, kind):
        moodle.broken = code
        assert trouble(connector.pull, None, Mode.SWEEP).kind is kind

    def test_a_database_that_is_down_is_asked_again(self, moodle):
        answers = [refusal("dbconnectionfailed", "dml_connection_exception")]
        moodle.add("A course")
        connector = moodle.connector(lambda one: answers.pop() if answers else moodle.handle(one))
        assert len(swept(connector)) == 2

    def test_an_error_is_never_an_empty_list_of_courses(self, moodle, connector):
        moodle.broken = "invalidparameter"
        assert trouble(connector.pull, None, Mode.SWEEP).kind is ErrorKind.CONFIG
        assert trouble(connector.probe, ["2"]).kind is ErrorKind.CONFIG

    def test_maintenance_says_when_to_come_back_and_is_not_waited_for(self, moodle, connector):
        moodle.maintained = True
        error = trouble(connector.pull, None, Mode.SWEEP)
        assert (error.kind, error.retry_after) == (ErrorKind.TRANSIENT, dt.timedelta(minutes=5))
        assert (len(moodle.requests), moodle.slept) == (1, [])


class TestTrap2ATokenThatRanOutLooksLikeAMissingPermission:
    def test_both_are_named_where_it_cannot_be_told_which(self, moodle, connector):
        moodle.expired = True
        error = trouble(connector.pull, None, Mode.SWEEP)
        assert error.kind is ErrorKind.FORBIDDEN
        assert "run out" in str(error)
        assert "function" in str(error)

    def test_the_check_tells_a_missing_function_by_its_name(self, moodle, connector):
        moodle.functions.remove("core_course_search_courses")
        found = probes(connector)["Functions of the service"]
        assert not found.ok
        assert "core_course_search_courses" in str(found.why)

    def test_an_unknown_token_is_told_from_both(self, moodle):
        found = probes(moodle.connector(token="0" * 32))["Sign-in"]
        assert str(found.why) == "It does not know this token."


class TestTrap3OneHiddenCourseFailsTheWholeList:
    def test_the_check_says_which_permission_is_missing(self, moodle, connector):
        moodle.hide(moodle.add("Hidden"))
        moodle.sees_hidden = False
        found = probes(connector)["Courses, hidden ones too"]
        assert "moodle/course:viewhiddencourses" in str(found.why)

    def test_a_pull_says_so_too_and_removes_nothing(self, moodle, connector):
        moodle.add("Shown")
        moodle.hide(moodle.add("Hidden"))
        moodle.sees_hidden = False
        assert "viewhiddencourses" in str(trouble(connector.pull, None, Mode.SWEEP))

    def test_with_the_permission_the_list_is_read(self, moodle, connector):
        shown, hidden = moodle.add("Shown"), moodle.add("Hidden")
        moodle.hide(hidden)
        events = swept(connector)
        assert [one.external_id for one in events if isinstance(one, Upsert)] == [shown]
        assert Delete(hidden, Presence.HIDDEN) in events


class TestTrap4OneDeletedIdFailsTheQuestionForAll:
    def test_a_deleted_course_does_not_hide_a_live_one(self, moodle, connector):
        live, deleted = moodle.add("Live"), moodle.add("Deleted")
        moodle.remove(deleted)
        found = connector.probe([deleted, live])
        assert found == {deleted: Presence.GONE, live: Presence.LIVE}

    def test_the_question_that_fails_so_is_not_asked(self, moodle, connector):
        connector.probe([moodle.add("A"), moodle.add("B")])
        assert {one["wsfunction"] for one in asked(moodle)} == {"core_course_get_courses"}


class TestTrap5NobodyIsFoundByEMailWithoutAPermission:
    def test_the_check_notices_it(self, moodle, connector):
        moodle.sees_identity = False
        found = probes(connector)["People by e-mail address"]
        assert not found.ok
        assert "moodle/site:viewuseridentity" in str(found.why)

    def test_people_are_found_by_their_username_all_the_same(self, moodle, connector):
        moodle.sees_identity = False
        moodle.complete(moodle.add("A course"), ADA_BY_NAME)
        events = connector.activity(None, [ADA, ADA_BY_NAME])
        assert {one.account for one in events if isinstance(one, Did)} == {ADA_BY_NAME}

    def test_a_check_that_could_not_try_it_says_so(self, moodle):
        found = probes(moodle.connector(person=""))["People by e-mail address"]
        assert not found.ok
        assert not found.needed


class TestTrap6TitlesComeFiltered:
    def test_entities_are_read_once_and_markup_is_no_markup(self, moodle, connector):
        moodle.add('R&D <Intro> "Q" &lt;b&gt;')
        [event] = [one for one in swept(connector) if isinstance(one, Upsert)]
        assert event.raw["fullname"] == 'R&amp;D  "Q" &amp;lt;b&amp;gt;'
        assert apply(Moodle.spec.mapping, event.raw).fields["title"] == event.raw["fullname"]
        assert connector.search("R&D", 1)[0].title == 'R&D "Q" &lt;b&gt;'


class TestTrap7HiddenDeletedAndForbiddenAreThree:
    def test_a_course_that_may_not_be_seen_is_hidden_and_not_gone(self, moodle, connector):
        hidden, deleted = moodle.add("Hidden"), moodle.add("Deleted")
        moodle.hide(hidden)
        moodle.remove(deleted)
        moodle.sees_hidden = False
        found = connector.probe([hidden, deleted])
        assert found == {hidden: Presence.HIDDEN, deleted: Presence.GONE}

    def test_with_the_permission_it_is_hidden_as_well(self, moodle, connector):
        hidden = moodle.add("Hidden")
        moodle.hide(hidden)
        assert connector.probe([hidden]) == {hidden: Presence.HIDDEN}

    def test_the_list_that_leaves_hidden_ones_out_is_not_used(self, moodle, connector):
        moodle.add("Shown")
        swept(connector)
        list(connector.check())
        used = {one["wsfunction"] for one in asked(moodle)}
        assert "core_course_get_courses_by_field" not in used

    def test_a_token_that_may_do_nothing_makes_nothing_gone(self, moodle, connector):
        live = moodle.add("Live")
        moodle.expired = True
        assert trouble(connector.probe, [live]).kind is ErrorKind.FORBIDDEN


class TestAHiddenCourse:
    def test_it_is_not_found_by_a_reader_though_the_account_may_see_it(self, moodle, connector):
        moodle.hide(moodle.add("Course of the board"))
        shown = moodle.add("Course for all")
        assert [hit.external_id for hit in connector.search("Course", 5)] == [shown]


class TestWhatPeopleDid:
    def test_a_completion_carries_the_time_of_its_last_criterion(self, moodle, connector):
        course = moodle.add("A course")
        moodle.complete(course, ADA)
        moodle.tick(90)
        done = [one for one in connector.activity(None, [ADA]) if isinstance(one, Did)]
        assert [(one.verb, one.external_id, one.progress) for one in done] == [
            ("launched", course, 1.0),
            ("completed", course, 1.0),
        ]
        assert done[1].at == moodle.now - dt.timedelta(minutes=90)

    def test_progress_without_completion_is_a_visit(self, moodle, connector):
        course = moodle.add("A course")
        moodle.visits[int(course)] = int(moodle.now.timestamp())
        [did] = [one for one in connector.activity(None, [ADA]) if isinstance(one, Did)]
        assert (did.verb, did.progress, did.at) == ("launched", 0.4, moodle.now)

    def test_somebody_whom_the_site_does_not_know_is_passed_over(self, moodle, connector):
        nobody = Account(AccountKind.EMAIL, "nobody@example.org")
        events = list(connector.activity(None, [nobody]))
        assert [type(one).__name__ for one in events] == ["Checkpoint", "Checkpoint"]

    def test_it_goes_on_with_the_next_person(self, moodle, connector):
        bob = Account(AccountKind.EMAIL, "bob@example.org")
        first = next(iter(connector.activity(None, [bob, ADA])))
        moodle.requests.clear()
        list(connector.activity(first.cursor, [bob, ADA]))
        assert [one["values%5B0%5D"] for one in asked(moodle)] == ["bob%40example.org"]


class TestTheList:
    def test_the_site_itself_is_no_course(self, connector):
        assert len(swept(connector)) == 1

    def test_its_own_fields_can_be_mapped(self, moodle, connector):
        course = moodle.add("A course")
        moodle.courses[int(course)]["customfields"] = [
            {"shortname": "hours", "type": "text", "value": "3"}
        ]
        moodle.courses[int(course)]["lang"] = "pt_br"
        [event, _] = swept(connector)
        assert event.raw["customfields"][0]["value"] == "3"
        assert apply(Moodle.spec.mapping, event.raw).fields["language"] == "pt_br"

    def test_the_token_is_sent_in_the_body_alone(self, moodle, connector):
        swept(connector)
        assert [str(one.url) for one in moodle.requests] == [
            "https://tool.test/webservice/rest/server.php"
        ]
