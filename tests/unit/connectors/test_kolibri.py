"""What is Kolibri's own: channels as the sign of change, and the log that it exports."""

import pytest

from app.connectors.base import (
    Account,
    AccountKind,
    Checkpoint,
    Did,
    ErrorKind,
    Mode,
    Presence,
    SourceError,
    Upsert,
)
from tests.support.tools.kolibri import OTHER, FakeKolibri

ADA = Account(AccountKind.USERNAME, "ada")


@pytest.fixture
def kolibri():
    return FakeKolibri()


def read(kolibri, cursor=None):
    return list(kolibri.connector().pull(cursor, Mode.DELTA))


def titles(events):
    return [event.raw["title"] for event in events if isinstance(event, Upsert)]


def told(kolibri, cursor=None):
    return list(kolibri.connector().activity(cursor, []))


def paths(kolibri):
    return [request.url.path for request in kolibri.requests]


def test_only_the_channels_that_have_changed_are_read_again(kolibri):
    kolibri.add("Lockout")
    kolibri.add("Ventile", OTHER)
    events = read(kolibri)
    kolibri.add("Druck", OTHER)
    assert titles(read(kolibri, events[-1].cursor)) == ["Ventile", "Druck"]


def test_channels_at_rest_cost_one_request(kolibri):
    kolibri.add("Lockout")
    cursor = read(kolibri)[-1].cursor
    kolibri.requests.clear()
    read(kolibri, cursor)
    assert paths(kolibri) == ["/api/public/v2/channel/"]


def test_a_cursor_that_it_has_forgotten_is_no_longer_valid(kolibri):
    for number in range(230):
        kolibri.add(f"Resource {number}")
    [first, *_] = [one for one in read(kolibri) if isinstance(one, Checkpoint)]
    spoilt = first.cursor.replace(b'"more":"', b'"more":"x')
    with pytest.raises(SourceError) as caught:
        read(kolibri, spoilt)
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_a_link_leads_to_the_route_of_the_resource_in_the_language_of_the_pages(kolibri):
    own = kolibri.add("Lockout")
    [event] = [one for one in read(kolibri) if isinstance(one, Upsert)]
    assert event.raw["url"] == f"https://tool.test/en/learn/#/topics/c/{own}"
    german = kolibri.connector(language="de").link(own, None)
    assert german.url == f"https://tool.test/de/learn/#/topics/c/{own}"


def test_a_resource_without_its_files_is_hidden_and_not_gone(kolibri):
    own = kolibri.add("Lockout")
    kolibri.hide(own)
    found = kolibri.connector().probe([own, "f" * 32, "no-id"])
    assert found == {own: Presence.HIDDEN, "f" * 32: Presence.GONE, "no-id": Presence.GONE}


def test_words_that_are_only_marks_are_not_asked(kolibri):
    assert kolibri.connector().search('?! ";', 5) == []
    assert kolibri.requests == []


class TestTheLog:
    def test_a_line_becomes_a_completion_at_its_moment(self, kolibri):
        item = kolibri.add("Lockout")
        kolibri.complete(item, ADA)
        [did] = [one for one in told(kolibri) if isinstance(one, Did)]
        assert (did.id, did.account, did.external_id) == (f"ada:{item}:completed", ADA, item)
        assert (did.verb, did.at, did.progress) == ("completed", kolibri.now, 1.0)

    def test_a_line_without_completion_says_how_far(self, kolibri):
        item = kolibri.add("Lockout")
        kolibri.complete(item, ADA, progress=0.4)
        [did] = [one for one in told(kolibri) if isinstance(one, Did)]
        assert (did.verb, did.progress) == ("launched", 0.4)

    def test_a_content_that_is_there_twice_is_done_in_both_places(self, kolibri):
        first = kolibri.add("Lockout")
        second = kolibri.add("Lockout", content_id=kolibri.nodes[first]["content_id"])
        kolibri.complete(first, ADA)
        dids = [one for one in told(kolibri) if isinstance(one, Did)]
        assert [one.external_id for one in dids] == [first, second]

    def test_an_unchanged_log_is_not_looked_at(self, kolibri):
        kolibri.complete(kolibri.add("Lockout"), ADA)
        cursor = told(kolibri)[-1].cursor
        kolibri.tick(600)
        assert [one for one in told(kolibri, cursor) if isinstance(one, Did)] == []

    def test_a_visitor_without_a_name_is_nobody(self, kolibri):
        kolibri.complete(kolibri.add("Lockout"), Account(AccountKind.USERNAME, ""))
        assert [one for one in told(kolibri) if isinstance(one, Did)] == []

    def test_it_waits_for_the_export_as_the_client_waits(self, kolibri):
        kolibri.polls = 3
        kolibri.complete(kolibri.add("Lockout"), ADA)
        assert any(isinstance(one, Did) for one in told(kolibri))
        assert sum(kolibri.slept) >= 6

    def test_one_that_takes_long_is_gone_on_with_later(self, kolibri):
        kolibri.polls = 7
        kolibri.complete(kolibri.add("Lockout"), ADA)
        events = []
        with pytest.raises(SourceError) as caught:
            events.extend(_kept(events, kolibri.connector().activity(None, [])))
        assert caught.value.kind is ErrorKind.TRANSIENT
        assert any(isinstance(one, Did) for one in told(kolibri, events[-1].cursor))
        assert len(kolibri.tasks) == 1

    def test_one_that_it_has_forgotten_is_asked_for_anew(self, kolibri):
        kolibri.complete(kolibri.add("Lockout"), ADA)
        first = told(kolibri)[0]
        kolibri.tasks.clear()
        assert any(isinstance(one, Did) for one in told(kolibri, first.cursor))

    def test_a_learner_may_not_export_it(self, kolibri):
        kolibri.kinds = ["learner"]
        with pytest.raises(SourceError) as caught:
            told(kolibri)
        assert caught.value.kind is ErrorKind.FORBIDDEN
        assert [one.ok for one in kolibri.connector().check()] == [True, True, False]

    def test_without_an_account_it_cannot_be_read(self, kolibri):
        with pytest.raises(SourceError) as caught:
            list(kolibri.connector(user="").activity(None, []))
        assert caught.value.kind is ErrorKind.CONFIG


def _kept(events, told):
    """Keep each event as it comes, so that those before the trouble are there."""
    for one in told:
        events.append(one)
    return []
