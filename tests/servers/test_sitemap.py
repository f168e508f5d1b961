"""The connector for sitemaps against those of WordPress 6.1 and DokuWiki."""

import pytest

from app import outbound
from app.connectors.base import Mode, Presence, Upsert
from app.connectors.http import Http
from app.connectors.mapping import text_of
from app.connectors.settings import read_settings
from app.connectors.tools.sitemap import Settings, Sitemap


@pytest.fixture
def connect():
    with outbound.client(private_hosts=["127.0.0.1"]) as client:

        def connected(address, **settings):
            http = Http(address, client, sleep=lambda _seconds: None)
            return Sitemap(read_settings(Settings, {"address": address, **settings}), http)

        yield connected


@pytest.fixture
def blog(wordpress):
    wordpress.reset()
    yield wordpress
    wordpress.reset()


@pytest.fixture
def wiki(dokuwiki):
    dokuwiki.reset()
    yield dokuwiki
    dokuwiki.reset()


def of_wiki(connect, wiki):
    return connect(wiki.url, sitemap="/doku.php?do=sitemap")


def upserts(events):
    return {one.external_id: one for one in events if isinstance(one, Upsert)}


def pulled(connector, mode=Mode.SWEEP, cursor=None):
    return list(connector.pull(cursor, mode))


def test_the_posts_of_a_blog_are_found_through_its_robots_txt(blog, connect):
    connector = connect(blog.url, leave_out="/category/\n/tag/\n/author/")
    assert all(one.ok for one in connector.check())
    found = upserts(pulled(connector))
    welding = found[f"{blog.url}/welding-course-in-may/"].raw
    assert text_of(welding["name"]) == "Welding course in May – Works blog"
    assert welding["language"] == "en-US"
    assert len(found) >= 16
    assert not any("/author/" in page for page in found)


def test_a_sitemap_without_lastmod_is_read_whole_by_a_delta_too(blog, connect):
    connector = connect(blog.url, leave_out="/category/\n/tag/\n/author/")
    events = pulled(connector)
    assert upserts(pulled(connector, Mode.DELTA, events[-1].cursor)) == upserts(events)


def test_a_trashed_post_is_gone_and_one_with_a_new_slug_is_there(blog, connect):
    pages = [f"{blog.url}/{slug}/" for slug in ("gloves-reviewed", "reading-a-gauge", "contact")]
    blog.trash("Gloves reviewed")
    blog.change("Reading a gauge", slug="reading-two-gauges")
    assert list(connect(blog.url).probe(pages).values()) == [
        Presence.GONE,
        Presence.LIVE,
        Presence.LIVE,
    ]


def test_the_pages_of_a_wiki_are_read_and_those_of_a_group_are_not(wiki, connect):
    found = upserts(pulled(of_wiki(connect, wiki)))
    assert len(found) == 12
    assert not any("hr:" in page for page in found)


def test_a_deleted_page_that_answers_200_is_not_called_live(wiki, connect):
    page = f"{wiki.url}/doku.php?id=tools:lathe"
    assert of_wiki(connect, wiki).probe([page]) == {page: Presence.LIVE}
    wiki.delete("tools:lathe")
    (wiki.folder / "data" / "cache" / "sitemap.xml.gz").unlink(missing_ok=True)
    found = of_wiki(connect, wiki).probe([page])[page]
    assert found in {Presence.UNKNOWN, Presence.GONE}
