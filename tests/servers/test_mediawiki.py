"""The connector for MediaWiki against MediaWiki 1.39."""

import pytest

from app import outbound
from app.connectors.base import Checkpoint, Delete, ErrorKind, Mode, Presence, SourceError, Upsert
from app.connectors.http import Http
from app.connectors.settings import read_settings
from app.connectors.tools.mediawiki import MediaWiki, Settings
from tests.support.servers.mediawiki import PAGES

ARTICLES = {title for title in PAGES if ":" not in title and title != "Old torque page"}


@pytest.fixture
def wiki(mediawiki):
    """Return the wiki as it was at its start, and leave it so."""
    mediawiki.reset()
    yield mediawiki
    mediawiki.reset()


@pytest.fixture
def connect(wiki):
    with outbound.client(private_hosts=["127.0.0.1"]) as client:

        def connected(**settings):
            values = read_settings(Settings, {"address": wiki.url, **settings})
            return MediaWiki(values, Http(wiki.url, client, sleep=lambda _seconds: None))

        yield connected


@pytest.fixture
def as_bot(wiki):
    return {"user": wiki.bot_user, "password": wiki.bot_password}


def swept(connector):
    return list(connector.pull(None, Mode.SWEEP))


def since(connector, events):
    return list(connector.pull(events[-1].cursor, Mode.DELTA))


def titles(events):
    return {event.external_id: event.raw["title"] for event in events if isinstance(event, Upsert)}


def trouble(tries):
    with pytest.raises(SourceError) as caught:
        list(tries)
    return caught.value.kind


def test_a_sweep_yields_every_article_and_no_redirect(wiki, connect):
    found = titles(swept(connect()))
    assert set(found.values()) == {"Main Page", *ARTICLES}
    assert found == {str(wiki.ids.get(title, 1)): title for title in found.values()}


def test_every_link_opens_its_page(wiki, connect):
    for event in swept(connect())[:-1]:
        answer = wiki.visitor().get(event.raw["url"], follow_redirects=True)
        assert answer.status_code == 200
    assert event.raw["pagelanguage"] == "en"


def test_a_batch_out_of_order_loses_nothing_between_batches(connect, monkeypatch):
    monkeypatch.setattr("app.connectors.tools.mediawiki._MOST", 3)
    events = swept(connect())
    marks = [place for place, one in enumerate(events) if isinstance(one, Checkpoint)]
    assert len(marks) > 3
    assert set(titles(events).values()) == {"Main Page", *ARTICLES}
    for mark in marks[:-1]:
        rest = list(connect().pull(events[mark].cursor, Mode.SWEEP))
        assert titles(events[:mark]) | titles(rest) == titles(events)


def test_a_delta_names_what_was_written_moved_and_deleted_by_the_ids_they_had(wiki, connect):
    events = swept(connect())
    new = wiki.write("Lathe", "How to turn.")
    wiki.move("Pressure valve", "Gauge")
    wiki.move("Café rules", "Canteen rules", redirect=False)
    wiki.delete("Spare parts")
    found = since(connect(), events)
    changed = titles(found)
    assert changed[str(new)] == "Lathe"
    assert changed[str(wiki.ids["Pressure valve"])] == "Gauge"
    assert changed[str(wiki.ids["Café rules"])] == "Canteen rules"
    assert Delete(str(wiki.ids["Spare parts"])) in found
    assert {**titles(events), **changed}.keys() - {str(wiki.ids["Spare parts"])} == (
        titles(swept(connect())).keys()
    )


def test_what_was_deleted_and_restored_is_there(wiki, connect):
    events = swept(connect())
    wiki.delete("Spare parts")
    wiki.restore("Spare parts")
    assert "Spare parts" in titles(since(connect(), events)).values()


def test_a_page_brought_in_with_its_old_times_is_found(wiki, connect):
    events = swept(connect())
    wiki.bring_in("Forklift", "From another wiki.")
    assert "Forklift" in titles(since(connect(), events)).values()
    assert "Forklift" in titles(swept(connect())).values()


def test_what_is_no_longer_among_recent_changes_is_known_by_the_logs(wiki, connect):
    events = swept(connect())
    wiki.delete("Spare parts")
    wiki.move("Pressure valve", "Gauge")
    wiki.bring_in("Forklift", "From another wiki.")
    wiki.forget_changes("delete", "move", "import")
    found = since(connect(), events)
    assert Delete(str(wiki.ids["Spare parts"])) in found
    assert titles(found)[str(wiki.ids["Pressure valve"])] == "Gauge"
    assert "Forklift" in titles(found).values()


def test_a_probe_tells_what_moved_from_what_is_gone(wiki, connect):
    wiki.move("Pressure valve", "Gauge")
    wiki.delete("Spare parts")
    asked = [str(wiki.ids[title]) for title in ("Pressure valve", "Spare parts", "Old torque page")]
    assert list(connect().probe([*asked, "999999", "x"]).values()) == [
        Presence.LIVE,
        *[Presence.GONE] * 4,
    ]


def test_a_search_shows_text_and_no_redirect(wiki, connect):
    hits = connect().search("torque", 5)
    assert [hit.title for hit in hits if "torque" in hit.title.casefold()] == ["Torque wrench"]
    assert hits[0].external_id == str(wiki.ids["Torque wrench"])
    assert not any("<" in hit.summary or "&#" in hit.summary for hit in hits)


@pytest.mark.parametrize("words", ['"', "a AND (", "%00", "ü" * 400, "*:*", 'R&D "Q"', "-", " "])
def test_any_words_can_be_searched_for(connect, words):
    connect().search(words, 3)


def test_a_closed_wiki_is_read_by_a_bot_and_by_nobody_else(wiki, connect, as_bot):
    wiki.close_to_visitors()
    assert set(titles(swept(connect(**as_bot))).values()) == {"Main Page", *ARTICLES}
    assert trouble(connect().pull(None, Mode.SWEEP)) is ErrorKind.FORBIDDEN
    wrong = connect(user=wiki.bot_user, password="0" * 32)
    assert trouble(wrong.pull(None, Mode.SWEEP)) is ErrorKind.AUTH_INVALID
    assert [one.ok for one in connect(**as_bot).check()] == [True] * 4
    assert not any(one.ok for one in wrong.check())


def test_an_error_with_status_200_is_one(wiki, connect):
    wiki.close_to_visitors()
    answer = wiki.visitor().get("/api.php?action=query&list=allpages&format=json")
    assert (answer.status_code, answer.headers["MediaWiki-API-Error"]) == (200, "readapidenied")
    assert trouble(connect().pull(None, Mode.SWEEP)) is ErrorKind.FORBIDDEN


def test_beginnings_of_pages_are_read_where_the_extension_is(wiki, connect):
    assert [one.ok for one in connect(extracts="yes").check()] == [True] * 4 + [False]
    wiki.set("wfLoadExtension( 'TextExtracts' );")
    assert all(one.ok for one in connect(extracts="yes").check())
    events = swept(connect(extracts="yes"))
    [raw] = [one.raw for one in events[:-1] if one.raw["title"] == "Torque wrench"]
    assert raw["extract"] == "Set the torque before each shift."
    wiki.write("Torque wrench", "Set the '''torque'''.")
    found = list(connect(extracts="yes").pull(events[-1].cursor, Mode.DELTA))
    assert "Set the torque." in [one.raw.get("extract") for one in found if isinstance(one, Upsert)]
