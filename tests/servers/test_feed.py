"""The connector for feeds against those of WordPress 6.1 and DokuWiki."""

import pytest

from app import outbound
from app.connectors.base import Checkpoint, ErrorKind, Mode, SourceError, Upsert
from app.connectors.http import Http
from app.connectors.mapping import apply, text_of
from app.connectors.settings import read_settings
from app.connectors.tools.feed import Feed, Settings


@pytest.fixture
def connect():
    with outbound.client(private_hosts=["127.0.0.1"]) as client:

        def connected(address):
            http = Http(address, client, sleep=lambda _seconds: None)
            return Feed(read_settings(Settings, {"address": address}), http)

        yield connected


def pulled(connector, cursor=None):
    return list(connector.pull(cursor, Mode.DELTA))


def upserts(events):
    return [event for event in events if isinstance(event, Upsert)]


@pytest.mark.parametrize("path", ["/feed/", "/feed/atom/", "/?feed=rss2"])
def test_the_newest_posts_of_a_blog_are_read(wordpress, connect, path):
    wordpress.reset()
    found = upserts(pulled(connect(wordpress.url + path)))
    assert len(found) == 10
    titles = [text_of(one.raw["title"]) for one in found]
    assert "Welding course in May" in titles
    item = apply(Feed.spec.mapping, found[titles.index("Welding course in May")].raw).fields
    assert (str(item["published"]), item["kind"]) == ("2026-10-14", "article")
    assert item["url"] == f"{wordpress.url}/welding-course-in-may/"
    assert text_of(item["summary"]).startswith("Twelve seats, two days.")


def test_titles_of_a_blog_arrive_as_text(wordpress, connect):
    wordpress.reset()
    wordpress.change('R&D <Intro> "Q"', date_gmt="2026-11-19T08:00:00")
    titles = [
        text_of(one.raw["title"]) for one in upserts(pulled(connect(f"{wordpress.url}/feed")))
    ]
    wordpress.reset()
    assert any(title.startswith("R&D") and title.endswith("“Q”") for title in titles)


def test_an_unchanged_feed_answers_304_and_a_new_post_is_read(wordpress, connect):
    wordpress.reset()
    connector = connect(f"{wordpress.url}/feed/")
    events = pulled(connector)
    again = pulled(connector, events[-1].cursor)
    wordpress.add("A new press", content="It presses.")
    found = pulled(connector, events[-1].cursor)
    wordpress.reset()
    assert [type(one) for one in again] == [Checkpoint]
    assert "A new press" in [one.raw["title"] for one in upserts(found)]
    assert all(one in found for one in upserts(events)[:-1])


@pytest.mark.parametrize("form", ["rss", "rss1", "rss2", "atom", "atom1"])
def test_the_pages_of_a_wiki_are_read_in_each_of_its_forms(dokuwiki, connect, form):
    dokuwiki.reset()
    address = f"{dokuwiki.url}/feed.php?linkto=current&type={form}"
    found = {one.external_id: one for one in upserts(pulled(connect(address)))}
    assert f"{dokuwiki.url}/doku.php?id=tools:lathe" in found
    assert not any("hr:" in external_id for external_id in found)
    assert all(one.ok for one in connect(address).check())


def test_an_error_page_with_status_200_is_no_empty_feed(dokuwiki, connect):
    dokuwiki.reset()
    dokuwiki.delete("tools:lathe")
    with pytest.raises(SourceError) as caught:
        pulled(connect(f"{dokuwiki.url}/feed.php"))
    dokuwiki.reset()
    assert caught.value.kind is ErrorKind.SCHEMA
