"""What is a record store's own: traps 13, 14 and 16, whom statements name, and what they say."""

import datetime as dt
import hashlib

import pytest

from app.connectors.base import (
    Account,
    AccountKind,
    Checkpoint,
    Did,
    ErrorKind,
    Fail,
    SourceError,
    Withdrawn,
)
from tests.support.tools.lrs import FakeLrs
from tests.support.tools.world import START

ADA = {"mbox": "mailto:ada@example.org"}
KNOWN = [Account(AccountKind.EMAIL, "ada@example.org")]
COURSE = "https://courses.test/course/1"
CMI5 = "https://w3id.org/xapi/cmi5/result/extensions/progress"
VIDEO = "https://w3id.org/xapi/video/extensions/progress"


@pytest.fixture
def lrs():
    return FakeLrs()


def told(lrs, cursor=None, **settings):
    return list(lrs.connector(**settings).activity(cursor, KNOWN))


def dids(events):
    return [event for event in events if isinstance(event, Did)]


def one(lrs, *said, **values):
    """Return what the one statement becomes."""
    lrs.say(*said, **values)
    [found] = [event for event in told(lrs) if not isinstance(event, Checkpoint)]
    return found


class TestWhatIsReadAgain:
    def test_a_statement_that_was_made_long_before_it_was_stored_is_not_lost(self, lrs):
        cursor = told(lrs)[-1].cursor
        lrs.tick(60)
        lrs.say(ADA, "completed", COURSE, at=START - dt.timedelta(days=30))
        assert len(dids(told(lrs, cursor))) == 1

    def test_where_the_store_does_not_say_what_is_all_there_it_looks_back_for_days(self, lrs):
        lrs.says_through = False
        cursor = told(lrs)[-1].cursor
        assert b"2026-11-05T08:58:00" in cursor
        assert b"2026-11-10T08:58:00" in told(lrs, late_days=2)[-1].cursor

    def test_where_it_says_so_it_goes_on_two_minutes_before(self, lrs):
        assert b"2026-11-12T08:58:00" in told(lrs)[-1].cursor

    def test_its_clock_never_turns_back(self, lrs):
        cursor = told(lrs)[-1].cursor
        lrs.now -= dt.timedelta(days=1)
        assert told(lrs, cursor)[-1].cursor == cursor

    def test_a_list_that_the_store_has_forgotten_is_read_from_its_beginning(self, lrs):
        for number in range(5):
            lrs.say(ADA, "completed", f"{COURSE}{number}")
        middle = next(event for event in told(lrs) if isinstance(event, Checkpoint))
        lrs.lists.clear()
        assert len(dids(told(lrs, middle.cursor))) == 5

    def test_no_filter_of_the_store_is_used(self, lrs):
        lrs.say(ADA, "completed", COURSE)
        told(lrs)
        asked = lrs.requests[0].url.params
        assert set(asked) <= {"ascending", "limit", "since"}
        assert lrs.requests[0].headers["X-Experience-API-Version"] == "1.0.3"


class TestWhoIsNamed:
    def test_an_address_in_any_case_of_letters(self, lrs):
        assert one(lrs, {"mbox": "mailto:Ada@Example.org"}, "completed", COURSE).account == KNOWN[0]

    def test_the_sum_of_an_address_that_is_known(self, lrs):
        checksum = hashlib.sha1(b"mailto:ada@example.org", usedforsecurity=False).hexdigest()
        found = one(lrs, {"mbox_sha1sum": checksum.upper()}, "completed", COURSE)
        assert found.account == KNOWN[0]

    def test_the_sum_of_another_address_stays_a_sum(self, lrs):
        found = one(lrs, {"mbox_sha1sum": "ab" * 20}, "completed", COURSE)
        assert found.account == Account(AccountKind.ACCOUNT, "ab" * 20, "mbox_sha1sum")

    def test_an_account_with_its_home(self, lrs):
        actor = {"account": {"homePage": "https://hr.test", "name": "77"}}
        found = one(lrs, actor, "completed", COURSE)
        assert found.account == Account(AccountKind.ACCOUNT, "77", "https://hr.test")

    def test_an_openid(self, lrs):
        found = one(lrs, {"openid": "https://ada.test/"}, "completed", COURSE)
        assert found.account == Account(AccountKind.ACCOUNT, "https://ada.test/", "openid")

    def test_nobody_is_a_failure_of_this_statement_alone(self, lrs):
        lrs.say({"name": "Ada Byron"}, "completed", COURSE)
        lrs.say(ADA, "completed", COURSE)
        first, second, _ = told(lrs)
        assert isinstance(first, Fail)
        assert isinstance(second, Did)


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        "verb",
        [
            "completed",
            "passed",
            "mastered",
            "https://w3id.org/xapi/adl/verbs/satisfied",
            "http://activitystrea.ms/complete",
            "http://activitystrea.ms/schema/1.0/complete",
        ],
    )
    def test_it_is_done(self, lrs, verb):
        found = one(lrs, ADA, verb, COURSE)
        assert (found.verb, found.progress, found.address) == ("completed", 1.0, COURSE)

    @pytest.mark.parametrize("verb", ["launched", "initialized", "attempted", "experienced"])
    def test_it_is_begun(self, lrs, verb):
        found = one(lrs, ADA, verb, COURSE)
        assert (found.verb, found.progress) == ("launched", None)

    def test_the_result_outweighs_the_verb(self, lrs):
        assert one(lrs, ADA, "terminated", COURSE, result={"completion": True}).verb == "completed"
        not_yet = FakeLrs()
        found = one(not_yet, ADA, "completed", COURSE, result={"completion": False})
        assert found.verb == "launched"

    @pytest.mark.parametrize(("name", "value"), [(CMI5, 40), (VIDEO, 0.4)])
    def test_how_far_they_are(self, lrs, name, value):
        found = one(lrs, ADA, "progressed", COURSE, result={"extensions": {name: value}})
        assert (found.verb, found.progress) == ("launched", 0.4)

    @pytest.mark.parametrize("value", ["40", True, -1, 140, None, [1]])
    def test_what_is_no_share_says_nothing(self, lrs, value):
        lrs.say(ADA, "progressed", COURSE, result={"extensions": {CMI5: value}})
        assert dids(told(lrs)) == []

    def test_mere_clicks_and_other_verbs_are_passed_over(self, lrs):
        lrs.say(ADA, "interacted", COURSE)
        lrs.say(ADA, "https://w3id.org/xapi/adl/verbs/logged-in", COURSE)
        lrs.say(ADA, "completed", COURSE, object={"objectType": "Agent", **ADA})
        assert len(told(lrs)) == 2
        assert dids(told(lrs)) == []

    def test_a_voided_statement_is_withdrawn(self, lrs):
        own = lrs.say(ADA, "completed", COURSE)
        lrs.void(own)
        assert told(lrs)[0] == Withdrawn(own)

    def test_ids_are_told_where_a_tool_is_named(self, lrs):
        lrs.say(ADA, "completed", "urn:sim:4")
        [plain] = dids(told(lrs))
        [named] = dids(told(lrs, ids_of="simlab"))
        assert (plain.external_id, named.external_id) == ("", "urn:sim:4")

    def test_what_is_no_statement_fails_alone(self, lrs):
        lrs.statements.append({"verb": {"id": "x"}, "object": {}, "stored": "2026-11-12T09:00Z"})
        lrs.say(ADA, "completed", COURSE)
        found = told(lrs)
        assert [type(event) for event in found] == [Fail, Did, Checkpoint]


class TestCredentials:
    def test_a_400_to_nobody_asks_for_them(self, lrs):
        with pytest.raises(SourceError) as caught:
            told(lrs, user="", password="")
        assert caught.value.kind is ErrorKind.AUTH_INVALID

    def test_a_store_that_says_less_is_warned_of(self, lrs):
        lrs.says_through = False
        probes = list(lrs.connector().check())
        assert [(probe.ok, probe.needed) for probe in probes] == [(True, True), (False, False)]


def test_more_is_never_followed_to_another_host(lrs):
    for number in range(5):
        lrs.say(ADA, "completed", f"{COURSE}{number}")

    def misled(request):
        answer = lrs.handle(request)
        body = answer.read().replace(b"/xapi/statements/more", b"https://elsewhere.test/more")
        return type(answer)(
            answer.status_code, headers={"Date": answer.headers["Date"]}, content=body
        )

    with pytest.raises(SourceError) as caught:
        list(lrs.connector(misled).activity(None, []))
    assert caught.value.kind is ErrorKind.CONFIG
    assert {request.url.host for request in lrs.requests} == {"lrs.test"}
