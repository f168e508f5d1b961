"""What is particular to MediaWiki, shown against shapes as 1.39 answers them."""

import datetime as dt

import pytest

from app.connectors.base import Checkpoint, Delete, ErrorKind, Mode, SourceError, Upsert
from tests.support.tools.mediawiki import FakeMediaWiki


@pytest.fixture
def wiki():
    return FakeMediaWiki()


def swept(wiki, **settings):
    return list(wiki.connector(**settings).pull(None, Mode.SWEEP))


def since(wiki, events):
    return list(wiki.connector().pull(events[-1].cursor, Mode.DELTA))


def titles(events):
    return [event.raw["title"] for event in events if isinstance(event, Upsert)]


def test_a_wiki_that_lags_is_asked_again_after_as_long_as_it_says(wiki):
    wiki.add("Valves")
    wiki.lag = 1
    assert titles(swept(wiki)) == ["Valves"]
    assert sum(wiki.slept) > 5


def test_a_session_that_ran_out_is_begun_anew(wiki):
    wiki.add("Valves")
    connector = wiki.connector()
    list(connector.pull(None, Mode.SWEEP))
    wiki.log_out()
    assert titles(connector.pull(None, Mode.SWEEP)) == ["Valves"]


def test_a_wiki_closed_to_visitors_is_forbidden_and_not_empty(wiki):
    with pytest.raises(SourceError) as caught:
        swept(wiki, password="")
    assert caught.value.kind is ErrorKind.FORBIDDEN


def test_a_page_that_became_a_redirect_is_gone(wiki):
    page = wiki.add("Valves")
    events = swept(wiki)
    wiki.tick(60)
    wiki.change(page, "Valves")
    wiki.pages[int(page)]["redirect"] = True
    assert [one for one in since(wiki, events) if not isinstance(one, Checkpoint)] == [Delete(page)]
    assert titles(swept(wiki)) == []


def test_a_page_moved_out_of_the_namespaces_is_gone(wiki):
    page = wiki.add("Valves")
    events = swept(wiki)
    wiki.tick(60)
    wiki.change(page, "User:Ada/Valves")
    wiki.pages[int(page)]["ns"] = 2
    assert Delete(page) in since(wiki, events)


def test_only_the_wanted_namespaces_are_read(wiki):
    wiki.add("Valves")
    wiki.add("Help:Editing", ns=12)
    assert titles(swept(wiki)) == ["Valves"]
    assert titles(swept(wiki, namespaces="12, 0")) == ["Valves", "Help:Editing"]


def test_changes_older_than_a_wiki_surely_keeps_ask_for_a_sweep(wiki):
    wiki.add("Valves")
    events = swept(wiki)
    wiki.now += dt.timedelta(days=31)
    with pytest.raises(SourceError) as caught:
        since(wiki, events)
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_a_long_delta_can_be_gone_on_with(wiki):
    events = swept(wiki)
    for count in range(1200):
        wiki.add(f"Page {count}")
        wiki.tick(1)
    found = since(wiki, events)
    marks = [place for place, one in enumerate(found) if isinstance(one, Checkpoint)]
    assert len(marks) > 2
    rest = list(wiki.connector().pull(found[marks[0]].cursor, Mode.DELTA))
    assert len(titles(rest)) < 1200
    assert {*titles(found[: marks[0]]), *titles(rest)} == set(titles(found))


def test_a_redirect_is_no_hit(wiki):
    wiki.add("Old valves", redirect=True)
    wiki.add("Valves")
    hits = wiki.connector().search("valves", 5)
    assert [(hit.title, hit.summary) for hit in hits] == [("Valves", "Valves it's")]
