"""What sitemaps and pages look like in the wild, and what becomes of them."""

import gzip

import httpx
import pytest

from app.connectors.base import Checkpoint, ErrorKind, Fail, Mode, Presence, SourceError, Upsert
from app.connectors.mapping import apply
from app.connectors.pages import about_page, sitemap_entries
from app.connectors.tools.sitemap import Sitemap
from tests.support.tools.sitemap import NAMESPACE, FakeSitemap, described

URLSET = f'<urlset xmlns="{NAMESPACE}"><url><loc>https://site.test/a</loc></url></urlset>'


@pytest.fixture
def site():
    return FakeSitemap()


def swept(site, **settings):
    return list(site.connector(**settings).pull(None, Mode.SWEEP))


def since(site, events):
    return list(site.connector().pull(events[-1].cursor, Mode.DELTA))


def ids(events):
    return [event.external_id for event in events if isinstance(event, Upsert)]


def fields(page):
    return apply(Sitemap.spec.mapping, {**about_page(page.encode()), "url": "https://x"}).fields


def test_a_course_is_read_with_what_it_says(site):
    found = fields(
        described(
            "Torque",
            "https://schema.org/Course",
            timeRequired="PT1H30M",
            inLanguage="de",
            datePublished="2026-11-01",
        )
    )
    assert (found["kind"], found["source_kind"], found["minutes"]) == ("course", "Course", 90)
    assert (found["language"], str(found["published"])) == ("de", "2026-11-01")


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("VideoObject", "video"),
        (["Thing", "Article"], "article"),
        ("Event", "event"),
        ("Book", "book"),
        ("PodcastEpisode", "podcast"),
        ("LearningResource", "article"),
    ],
)
def test_each_type_has_its_kind(type_, kind):
    assert fields(described("Torque", type_))["kind"] == kind


def test_a_page_without_json_ld_is_read_by_its_head():
    page = (
        "<html lang=fr><title>Site | Page</title><meta property=og:title content='R&amp;D <Q>'>"
        "<meta name=Description content='About &lt;it&gt;'>"
        '<script type="application/ld+json">{broken</script><h1>x</h1>'
    )
    found = fields(page)
    assert (found["title"], found["summary"]) == ("R&amp;D &lt;Q&gt;", "About &lt;it&gt;")
    assert (found["kind"], found["language"]) == ("article", "fr")


def test_text_of_json_ld_that_is_encoded_once_more_is_read_as_markup():
    assert fields(described("R&amp;D"))["title"] == "R&amp;D"
    assert fields(described("R&D <Intro>"))["title"] == "R&amp;D &lt;Intro&gt;"


def test_a_list_of_courses_gives_the_first(site):
    page = (
        '<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":'
        '"ListItem","item":{"@type":"Course","name":["First"]}}]}</script>'
    )
    assert fields(page)["title"] == "First"


def test_only_pages_below_the_address_that_robots_may_read_come_in(site):
    site.add("A")
    site.add("Private", "private/b")
    site.add("Category", "category/c")
    site.pages["https://site.test/learning"] = {"title": "X", "status": 200, "at": site.now}
    site.pages["https://elsewhere.test/learn/d"] = {"title": "Y", "status": 200, "at": site.now}
    assert ids(swept(site, leave_out="/category/\n")) == ["https://site.test/learn/0001"]
    asked = {str(request.url) for request in site.requests}
    assert not any("private" in one or "elsewhere" in one for one in asked)


def test_more_pages_than_the_limit_are_said_and_prove_nothing(site):
    for number in range(5):
        site.add(f"Page {number}")
    events = swept(site, most="3")
    assert len(ids(events)) == 3
    assert [one.error.kind for one in events if isinstance(one, Fail)] == [ErrorKind.PARTIAL]


def test_a_page_that_cannot_be_read_fails_and_the_others_come_in(site):
    first, broken, last = (site.add(f"Page {number}") for number in range(3))
    site.pages[broken]["status"] = 500
    events = swept(site)
    assert ids(events) == [first, last]
    assert [one.what for one in events if isinstance(one, Fail)] == [broken]


def test_a_site_that_breaks_down_ends_the_sweep(site):
    for number in range(5):
        page = site.add(f"Page {number}")
        site.pages[page]["status"] = 500
    with pytest.raises(SourceError):
        swept(site)


def test_without_lastmod_a_delta_reads_every_page(site):
    site.dated = False
    page = site.add("A")
    events = swept(site)
    site.tick(600)
    assert ids(since(site, events)) == [page]


def test_a_page_no_longer_listed_is_asked_for(site):
    listed, unlisted, gone, hidden = (site.add(f"Page {number}") for number in range(4))
    site.remove(gone)
    site.hide(hidden)
    asked = [listed, unlisted, gone, hidden]
    assert list(site.connector().probe(asked).values()) == [
        Presence.LIVE,
        Presence.LIVE,
        Presence.GONE,
        Presence.HIDDEN,
    ]


def test_a_site_that_answers_to_any_address_proves_nothing_of_unlisted_pages(site):
    listed = site.add("Listed")

    def answers_always(request):
        answer = site.handle(request)
        return httpx.Response(200, html="<p>Hm?") if answer.status_code == 404 else answer

    found = site.connector(answers_always).probe([listed, f"{site.address}/old"])
    assert list(found.values()) == [Presence.LIVE, Presence.UNKNOWN]


def test_a_page_that_leads_to_a_sign_in_is_hidden(site):
    page = site.add("A")

    def leads_away(request):
        if str(request.url) == page:
            return httpx.Response(302, headers={"Location": "/login"})
        if request.url.path == "/login":
            return httpx.Response(200, html="<input type=password>")
        return site.handle(request)

    assert site.connector(leads_away).probe([page]) == {page: Presence.HIDDEN}


def test_an_index_of_sitemaps_is_followed_once_each(site):
    page = site.add("A")
    index = f'<sitemapindex xmlns="{NAMESPACE}">{{}}</sitemapindex>'
    maps = "".join(
        f"<sitemap><loc>https://site.test/{name}</loc></sitemap>"
        for name in ("index.xml", "sitemap.xml", "sitemap.xml")
    )
    asked = []

    def indexed(request):
        asked.append(request.url.path)
        if request.url.path == "/index.xml":
            return httpx.Response(200, content=index.format(maps))
        return site.handle(request)

    assert ids(site.connector(indexed, sitemap="/index.xml").pull(None, Mode.SWEEP)) == [page]
    assert asked.count("/index.xml") == asked.count("/sitemap.xml") == 1


def test_a_sitemap_of_another_host_is_not_fetched(site):
    with pytest.raises(SourceError) as caught:
        swept(site, sitemap="https://elsewhere.test/map.xml")
    assert caught.value.kind is ErrorKind.CONFIG


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        URLSET[:60].encode(),
        gzip.compress(URLSET.encode(), mtime=0)[:-12],
        b"\x1f\x8bnonsense",
        f'<!DOCTYPE x [<!ENTITY a "b">]>{URLSET}'.encode(),
        f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>{URLSET}'.encode("utf-16"),
        gzip.compress(b" " * 52_500_000, mtime=0),
    ],
)
def test_what_is_no_sitemap_is_refused(body):
    with pytest.raises(SourceError) as caught:
        sitemap_entries(body)
    assert caught.value.kind is ErrorKind.SCHEMA


def test_a_sitemap_of_tags_alone_is_not_parsed():
    with pytest.raises(SourceError):
        sitemap_entries(b"<urlset>" + b"<a/>" * 2_000_001 + b"</urlset>")


def test_a_sitemap_with_extensions_is_read():
    image = (
        '<image:image xmlns:image="x"><image:loc>https://site.test/i.png</image:loc></image:image>'
    )
    body = URLSET.replace("</url>", f"<lastmod> 2026-11-01 </lastmod>{image}</url>")
    assert sitemap_entries(body.encode()) == (False, [("https://site.test/a", "2026-11-01")])


def test_a_sweep_keeps_its_place_by_the_address_it_read_last(site):
    for number in range(60):
        site.add(f"Page {number}")
    events = swept(site)
    mark = next(one for one in events if isinstance(one, Checkpoint))
    site.remove("https://site.test/learn/0001")
    rest = ids(site.connector().pull(mark.cursor, Mode.SWEEP))
    assert rest == [f"https://site.test/learn/{number:04}" for number in range(26, 61)]
