"""The connector for Kolibri against Kolibri 0.19: items, search, and the log that it exports."""

import pytest
from sqlalchemy import select

from app import outbound
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
from app.connectors.http import Http
from app.connectors.mapping import apply
from app.connectors.settings import read_settings
from app.connectors.tools.kolibri import Kolibri, Settings
from app.harvest.reaching import Parts
from app.harvest.running import run
from app.models import Connection, HarvestRun, Item, ItemState, ToolAccount
from app.vault import Vault
from tests.support.factories import NOW, Factory
from tests.support.servers.kolibri import CHANNELS, DONE

RESOURCES = {
    title
    for _, topics in CHANNELS.values()
    for resources in topics.values()
    for title, *_ in resources
}


@pytest.fixture
def library(kolibri):
    """Return the library as it was at its start, and leave it so."""
    kolibri.reset()
    yield kolibri
    kolibri.reset()


@pytest.fixture
def connect(library):
    with outbound.client(private_hosts=["127.0.0.1"]) as client:

        def connected(**values):
            given = {"address": library.url, "user": library.user, "password": library.password}
            settings = read_settings(Settings, {**given, **values})
            return Kolibri(settings, Http(library.url, client))

        yield connected


def swept(connector):
    return list(connector.pull(None, Mode.SWEEP))


def since(connector, events):
    return titles(connector.pull(events[-1].cursor, Mode.DELTA))


def titles(events):
    return {event.external_id: event.raw["title"] for event in events if isinstance(event, Upsert)}


def test_a_check_finds_everything_in_order(connect):
    assert [probe.ok for probe in connect().check()] == [True, True, True]
    assert [probe.ok for probe in connect(password="wrong").check()] == [True, True, False]


def test_a_sweep_yields_every_resource_and_no_topic(library, connect):
    found = titles(swept(connect()))
    assert set(found.values()) == RESOURCES
    assert found == {library.ids[title]: title for title in found.values()}


def test_an_item_reads_as_its_author_wrote_it(library, connect):
    [event] = [
        one
        for one in swept(connect())
        if isinstance(one, Upsert) and one.external_id == library.ids['R&D <Intro> "Q"']
    ]
    fields = apply(Kolibri.spec.mapping, event.raw).fields
    assert fields["title"] == 'R&amp;D &lt;Intro&gt; "Q"'
    assert fields["kind"] == "article"
    assert fields["minutes"] == 5
    assert fields["language"] == "en"
    assert fields["licence"] == "CC BY"


def test_only_the_channel_that_was_published_again_is_read_again(library, connect):
    events = swept(connect())
    assert since(connect(), events) == {}
    library.change("Ventile prüfen", title="Ventile prüfen und warten")
    found = since(connect(), events)
    assert set(found.values()) == {"Ventile prüfen und warten", "Störung melden"}


def test_a_sweep_reads_page_by_page_and_goes_on_from_each(connect, monkeypatch):
    monkeypatch.setattr("app.connectors.tools.kolibri._PAGE", 3)
    events = swept(connect())
    places = [place for place, one in enumerate(events) if isinstance(one, Checkpoint)]
    assert len(places) >= 4
    for place in places[:-1]:
        rest = list(connect().pull(events[place].cursor, Mode.SWEEP))
        assert {**titles(events[:place]), **titles(rest)} == titles(events)
        assert len(titles(rest)) < len(RESOURCES)


def test_a_cursor_of_another_server_is_no_longer_valid(connect, monkeypatch):
    monkeypatch.setattr("app.connectors.tools.kolibri._PAGE", 3)
    first = next(one for one in swept(connect()) if isinstance(one, Checkpoint))
    with pytest.raises(SourceError) as caught:
        list(connect().pull(first.cursor.replace(b'"more":"', b'"more":"xx'), Mode.SWEEP))
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_only_the_api_knows_what_is_there(library, connect):
    burns, cuts, earthing = (library.ids[title] for title in ("Burns", "Cuts", "Earthing"))
    library.hide("Burns")
    library.delete("Cuts")
    library.move("Earthing", "First aid")
    found = connect().probe([burns, cuts, earthing, "0" * 32])
    assert list(found.values()) == [
        Presence.HIDDEN,
        Presence.GONE,
        Presence.LIVE,
        Presence.GONE,
    ]
    for gone in (cuts, burns):
        assert library.http.get(f"/en/learn/#/topics/c/{gone}").status_code == 200


@pytest.mark.parametrize(
    "words", ["press brake", "C++", "Überdruck prüfen", '?!"', "%00", "x" * 300]
)
def test_any_words_can_be_searched_for(connect, words):
    hits = connect().search(words, 3)
    assert [hit.title for hit in hits] == ["Press brake basics"] or words != "press brake"


def test_a_hit_is_known_by_the_id_of_the_harvest(library, connect):
    [hit] = connect().search("lockout", 5)
    assert hit.external_id == library.ids["Lockout and tagout"]
    assert hit.url == f"{library.url}/en/learn/#/topics/c/{hit.external_id}"
    assert hit.kind == "video"


class TestTheLog:
    def told(self, connector, cursor=None):
        return list(connector.activity(cursor, []))

    def test_it_says_who_did_what_with_which_resource(self, library, connect):
        found = [one for one in self.told(connect()) if isinstance(one, Did)]
        assert {(one.account.name, one.external_id, one.progress) for one in found} == {
            (name, library.ids[title], progress) for name, title, progress, *_ in DONE
        }
        [part_way] = [one for one in found if one.verb == "launched"]
        assert part_way.account == Account(AccountKind.USERNAME, "ada")
        assert part_way.progress == 0.4
        [first] = [one for one in found if one.external_id == library.ids["Lockout and tagout"]]
        assert first.at.isoformat() == "2026-11-02T08:05:10.500000+00:00"

    def test_unchanged_it_says_nothing_and_changed_all_again(self, library, connect):
        events = self.told(connect())
        assert [type(one) for one in self.told(connect(), events[-1].cursor)] == [
            Checkpoint,
            Checkpoint,
        ]
        library.complete("ben", "Burns")
        again = {one.id for one in self.told(connect(), events[-1].cursor) if isinstance(one, Did)}
        assert again == {one.id for one in events if isinstance(one, Did)} | {
            f"ben:{library.ids['Burns']}:completed"
        }

    def test_an_export_that_was_begun_is_fetched_later(self, library, connect):
        first = next(iter(connect().activity(None, [])))
        found = self.told(connect(), first.cursor)
        assert len([one for one in found if isinstance(one, Did)]) == len(DONE)

    def test_a_learner_may_not_read_it(self, connect):
        with pytest.raises(SourceError) as caught:
            self.told(connect(user="ada"))
        assert caught.value.kind is ErrorKind.FORBIDDEN


def test_people_whom_a_visitor_does_not_see_are_not_taken_for_none(library, connect):
    answer = library.http.get("/api/auth/facilityuser/")
    assert (answer.status_code, answer.json()) == (200, [])
    for account in ({"user": "", "password": ""}, {"password": "wrong"}):
        with pytest.raises(SourceError) as caught:
            list(connect(**account).activity(None, []))
        assert caught.value.kind in {ErrorKind.AUTH_INVALID, ErrorKind.CONFIG}


def test_a_run_brings_in_the_items_and_what_people_did(library, sqlite):
    vault = Vault("for tests only")
    with sqlite.transaction() as session:
        make = Factory(session)
        make.person(email="ada@example.org")
        tool = make.tool("kolibri", "Kolibri")
        session.add(
            Connection(
                id=1,
                tool_id=tool.id,
                kind="kolibri",
                settings={"address": library.url, "user": library.user, "language": "en"},
                secrets={"password": vault.seal(library.password)},
                private=True,
                people_by="username",
                people_domain="example.org",
                created_at=NOW,
            )
        )
    run(Parts(sqlite, vault), 1)
    with sqlite.sessions() as session:
        states = session.execute(
            select(Item.title, ItemState.progress, ItemState.done_at.is_not(None))
            .join(Item, Item.id == ItemState.item_id)
            .order_by(ItemState.progress)
        ).all()
        runs = session.scalars(select(HarvestRun).order_by(HarvestRun.id)).all()
        unknown = session.execute(select(ToolAccount.name, ToolAccount.statements)).all()
    assert [(one.mode, one.state) for one in runs] == [("sweep", "done"), ("activity", "done")]
    assert states == [("Guards and fences", 0.4, False), ("Lockout and tagout", 1.0, True)]
    assert sorted(unknown) == [("ben", 1), ("chloe", 1)]
