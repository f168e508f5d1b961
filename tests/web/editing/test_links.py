"""Pinning from anywhere: items, pasted addresses, the bookmarklet; pages are read safely."""

import socket
from urllib.parse import urlsplit

import pytest

from app.activity import service as activity
from app.catalogue.clusters import catch_up
from app.models import Activity, Connection, IndexOutbox, Item, Pin, RolePage, Section
from tests.support.factories import NOW
from tests.support.queries import count_queries
from tests.support.sites import HERE, Site

PAGE = b"""<!doctype html><html lang="en"><head><title>Flow meters</title>
<meta name="description" content="All about them."></head><body></body></html>"""


@pytest.fixture
def site(app, monkeypatch):
    """Return a web server that Foyer reaches under a name, as a public one."""
    app.extensions["foyer-reading-hosts"] = (HERE,)
    ask = socket.getaddrinfo

    def asked(host, *args, **how):
        place = "127.0.0.1" if host == HERE else "10.0.0.7" if host == "inside.example" else host
        return ask(place, *args, **how) if place[0].isdigit() else [(2, 1, 6, "", ("8.8.8.8", 1))]

    monkeypatch.setattr("app.outbound.transport.socket.getaddrinfo", asked)
    site = Site()
    site.says("/guide", PAGE, Content_Type="text/html")
    yield site
    site.close()


@pytest.fixture
def section(make, session):
    """Return the section of a page that any curator may change."""
    make.role_page(make.role("technician", "Technician"))
    session.commit()
    return session.query(Section).one()


def form_of(page):
    """Return what the page's largest form would send."""
    form = max(page.all("form"), key=lambda each: len(list(each.iter())))
    data = {}
    for field in form.iter():
        if field.tag == "textarea":
            data[field.get("name")] = (field.text or "").strip()
        elif field.tag == "select":
            chosen = [o for o in field.iter("option") if o.get("selected") is not None]
            data[field.get("name")] = chosen[0].get("value") if chosen else ""
        elif field.tag == "input":
            data[field.get("name")] = field.get("value") or ""
    return data


def links(session):
    session.expire_all()
    return session.query(Item).filter(Item.external_id.startswith("link:")).all()


def test_a_pasted_address_becomes_an_item_as_the_curator_corrects_it(
    as_curator, site, section, session
):
    url = site.url("/guide")
    page = as_curator.post("/curate/pin/read", {"url": url})
    assert page.by_id("field_title").get("value") == "Flow meters"
    assert page.by_id("field_summary").text.strip() == "All about them."
    assert links(session) == []
    data = form_of(page) | {"title": "Flow meters, well told", "minutes": "12",
                            "section": str(section.id), "note": "Short and true"}  # fmt: skip
    page = as_curator.post("/curate/pin/link", data | {"skill_added": "Measurement"})
    [item] = links(session)
    assert (item.title, item.minutes, item.url) == ("Flow meters, well told", 12, url)
    assert page.location == "/curate/roles/technician"
    assert session.query(IndexOutbox).filter_by(item_id=item.id).count()
    [pin] = session.query(Pin).filter_by(item_id=item.id)
    assert pin.note == "Short and true"
    assert "Links" in as_curator.get(f"/items/{item.id}").words


def test_the_same_address_finds_it_again(as_curator, site, session):
    url = site.url("/guide")
    as_curator.post("/curate/pin/link", form_of(as_curator.post("/curate/pin/read", {"url": url})))
    [item] = links(session)
    page = as_curator.post("/curate/pin/read", {"url": f"{url}?utm_source=mail"})
    assert (page.status, page.location) == (303, f"/curate/pin?item={item.id}")
    as_curator.post("/curate/pin/link", {"url": url, "title": "Again", "kind": "video",
                                         "language": "en"})  # fmt: skip
    assert [each.title for each in links(session)] == ["Flow meters"]


def test_a_pasted_address_finds_the_item_of_a_tool(as_curator, make, session):
    item = make.item("Pumps", url="https://learn.example.org/pumps/7")
    catch_up(session)
    session.commit()
    for url in ("https://www.learn.example.org/pumps/7/", f"http://127.0.0.1:8000/items/{item.id}"):
        page = as_curator.get(f"/curate/pin?url={url}")
        assert "in the catalogue already" in page.words
        assert "Pumps" in page.words


def test_an_item_that_the_curator_may_not_see_is_not_told_of(as_curator, make, session):
    make.item("Board papers", url="https://learn.example.org/board", audience=("group:board",))
    catch_up(session)
    session.commit()
    page = as_curator.get("/curate/pin?url=https://learn.example.org/board")
    assert "Board papers" not in page.words
    assert "does not know this page yet" in page.words


def test_a_get_reads_no_page_and_changes_nothing(as_curator, site, session):
    page = as_curator.get(f"/curate/pin?url={site.url('/guide')}&title=%3Cb%3EMine%3C/b%3E")
    assert page.text("h1") == "<b>Mine</b>"
    assert (site.requests, links(session)) == ([], [])


def test_a_page_belongs_to_the_tool_whose_home_it_stands_under(as_curator, make, site, session):
    handbook = make.tool("handbook", "Handbook", home_url=site.url("/"))
    session.commit()
    url = site.url("/guide")
    as_curator.post("/curate/pin/link", form_of(as_curator.post("/curate/pin/read", {"url": url})))
    assert links(session)[0].tool_id == handbook.id


def test_but_not_to_a_tool_that_is_read_by_itself(as_curator, make, site, session):
    handbook = make.tool("handbook", "Handbook", home_url=site.url("/"))
    session.add(Connection(tool_id=handbook.id, kind="wordpress", settings={}, created_at=NOW))
    session.commit()
    url = site.url("/guide")
    as_curator.post("/curate/pin/link", form_of(as_curator.post("/curate/pin/read", {"url": url})))
    assert links(session)[0].tool_id != handbook.id


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://inside.example/",
        "https://2130706433/",
        "https://vendor.example:8443/",
        "http://vendor.example/",
    ],
)
def test_private_places_are_not_reached(as_curator, site, url):
    page = as_curator.post("/curate/pin/read", {"url": url})
    assert page.status == 200
    assert "could not be read" in page.words
    assert page.by_id("field_url").get("value") == url
    assert site.requests == []


def test_a_redirect_to_a_private_place_is_not_followed(as_curator, site):
    site.redirects("/away", "https://10.0.0.1/secret")
    page = as_curator.post("/curate/pin/read", {"url": site.url("/away")})
    assert "could not be read" in page.words
    assert [path for path, _ in site.requests] == ["/away"]


def test_a_page_without_end_is_given_up(as_curator, site):
    site.pages["/huge"] = (200, {"Content-Type": "text/html"}, (b"x" * 65536 for _ in range(200)))
    page = as_curator.post("/curate/pin/read", {"url": site.url("/huge")})
    assert "sends more than" in page.words


def test_what_is_no_page_or_not_there_is_filled_in_by_hand(as_curator, site):
    site.says("/sheet-of-pumps.pdf", b"%PDF", Content_Type="application/pdf")
    page = as_curator.post("/curate/pin/read", {"url": site.url("/sheet-of-pumps.pdf")})
    assert page.by_id("field_title").get("value") == "sheet of pumps"
    page = as_curator.post("/curate/pin/read", {"url": site.url("/nothing")})
    assert "answers with the status 404" in page.words


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "https://a b/",
            "https://me:pw@a.example/", ""]
)  # fmt: skip
def test_what_is_no_web_address_is_refused_in_words(as_curator, url):
    page = as_curator.post("/curate/pin/read", {"url": url})
    assert page.status == 422
    assert page.by_id("field_url").get("value") == url
    assert not [link for link in page.links() if link.startswith(("javascript", "data"))]


def test_a_form_with_a_fault_comes_back_filled(as_curator, session):
    page = as_curator.post(
        "/curate/pin/link",
        {"url": "https://a.example/x", "title": "", "summary": "Mine", "kind": "video",
         "language": "de", "minutes": "soon", "skill_added": "New one"},
    )  # fmt: skip
    assert page.status == 422
    assert page.by_id("field_summary").text.strip() == "Mine"
    assert page.by_id("field_minutes").get("value") == "soon"
    assert page.by_id("field_skills").get("value") == "New one"
    assert links(session) == []


def test_an_item_is_pinned_to_a_draft(as_curator, as_employee, make, section, session):
    item = make.item("Pumps")
    session.commit()
    page = as_curator.get(f"/items/{item.id}")
    [where] = [link for link in page.links() if link.startswith("/curate/pin?item=")]
    assert "Technician" in as_curator.get(where).html
    page = as_curator.post(
        f"/curate/items/{item.id}/pin", {"section": str(section.id), "note": "Why"}
    )
    assert page.location == "/curate/roles/technician"
    [pin] = session.query(Pin)
    draft = session.query(RolePage).join(Section).filter(Section.id == pin.section_id).one()
    assert (pin.item_id, pin.note, draft.published) == (item.id, "Why", False)
    assert "Pumps" not in as_employee.get("/roles/technician").words
    assert "Pinned already for Technician" in as_curator.get(where).words


def test_through_htmx_it_is_pinned_in_its_place(as_curator, make, section, session):
    item = make.item("Pumps")
    session.commit()
    page = as_curator.htmx(f"/curate/pin?item={item.id}", f"pin_{item.id}")
    assert [form.get("action") for form in page.all("form")] == [f"/curate/items/{item.id}/pin"]
    page = as_curator.post(
        f"/curate/items/{item.id}/pin", {"section": str(section.id)}, htmx_target=f"pin_{item.id}"
    )
    assert "Pinned in “First things” of the draft" in page.words


def test_only_pages_that_one_may_change_are_offered(as_curator, make, session, section):
    other = make.person("Mia Chen", access="curator")
    make.role_page(make.role("chef", "Chef"), curator_id=other.id)
    item = make.item("Pumps")
    session.commit()
    html = as_curator.get(f"/curate/pin?item={item.id}").html
    assert "Technician" in html
    assert "Chef" not in html


def test_where_to_pin_takes_as_many_queries_for_many_pages(app, as_curator, make, section, session):
    item = make.item("Pumps")
    session.commit()
    engine = app.extensions["foyer"].database.engine
    with count_queries(engine) as few:
        as_curator.get(f"/curate/pin?item={item.id}")
    for _ in range(20):
        make.role_page(sections=("One", "Two"))
    session.commit()
    with count_queries(engine) as many:
        as_curator.get(f"/curate/pin?item={item.id}")
    assert len(many) == len(few) <= 7


def test_the_bookmarklet_only_opens_foyer(as_curator, as_employee):
    page = as_curator.get("/curate/bookmarklet")
    [script] = [link for link in page.links() if link.startswith("javascript:")]
    assert "/curate/pin?url=" in script
    assert urlsplit(script).scheme == "javascript"
    assert as_employee.get("/curate/bookmarklet").status == 404


def test_an_item_made_of_a_link_opens(as_curator, as_employee, site, session):
    url = site.url("/guide")
    as_curator.post("/curate/pin/link", form_of(as_curator.post("/curate/pin/read", {"url": url})))
    [item] = links(session)
    assert as_employee.get(f"/go/{item.id}").location == url
    assert session.query(Activity).count() == 1
    assert activity.VIA
