"""Going through to a tool: resolved at the click, one launch recorded, never for who only looks."""

import datetime as dt

import pytest
from flask import Response

from app.activity import launches
from app.connectors import registry
from app.connectors.base import Capabilities, Link, Proof, Quadrant, Spec
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording
from app.models import Activity, ClusterMember, Connection, ItemPresence
from tests.support.queries import count_queries


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law", url="https://sim.example.org/ohm?x=1&y=2")
    session.commit()
    return item


@pytest.fixture
def blog(make, session):
    return connected(make, session, "wordpress", "https://blog.example.org")


@pytest.fixture
def post(make, session, blog):
    item = make.item(
        "A post", tool=blog.tool, external_id="7", url="https://blog.example.org/2026/old-slug"
    )
    session.commit()
    return item


@pytest.fixture
def chat(make, session, monkeypatch):
    """Connect a chat whose links are what the test puts into `Chat.links`."""
    monkeypatch.setattr(registry, "CONNECTORS", (*registry.CONNECTORS, Chat))
    monkeypatch.setattr(launches, "CONNECTORS", (*launches.CONNECTORS, Chat))
    monkeypatch.setattr(Chat, "made", Link("https://chat.test/c/1", "chatty://c/1"))
    return connected(make, session, "chatty", "https://chat.test")


@pytest.fixture
def channel(make, session, chat):
    item = make.item(
        "#pumps",
        kind="channel",
        tool=chat.tool,
        url="https://share.chat.test/c/1",
        app_url="chatty://c/1",
    )
    session.commit()
    return item


class Chat:
    spec = Spec(
        kind="chatty",
        name="Chatty",
        summary=Wording("Channels."),
        family="chat",
        quadrants=(Quadrant.ENGAGE,),
        settings=type(
            "Settings",
            (ToolSettings,),
            {
                "__annotations__": {"token": str},
                "token": setting(Wording("Token"), Ask.SECRET, needed=True),
            },
        ),
        capabilities=Capabilities(),
        proof=Proof.DOCUMENTED,
        source="this test",
        hosts=frozenset({"links.chat.test"}),
        schemes=frozenset({"chatty", "javascript", "https"}),
    )
    made = Link("https://chat.test/c/1")

    def __init__(self, settings, http):
        self.settings = settings

    def check(self):
        yield from ()

    def link(self, external_id, stored):
        return self.made


def connected(make, session, kind, address):
    tool = make.tool(kind, kind.capitalize())
    row = Connection(
        tool=tool, kind=kind, settings={"address": address}, enabled=True, created_at=make.now
    )
    session.add(row)
    session.flush()
    return row


def known(session, item, presence, **values):
    values.setdefault("since", dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC))
    session.add(ItemPresence(item_id=item.id, presence=presence, **values))
    session.commit()


def recorded(session):
    return session.query(Activity).filter_by(verb="launched").count()


def test_it_leads_to_the_item_in_its_tool(as_employee, item):
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, page.location) == (303, "https://sim.example.org/ohm?x=1&y=2")


def test_it_makes_the_address_anew_from_the_stable_id(as_employee, post):
    assert as_employee.get(f"/go/{post.id}").location == "https://blog.example.org/?p=7"


def test_it_leads_to_the_app_where_that_is_asked_for(as_employee, channel):
    assert as_employee.get(f"/go/{channel.id}?in=app").location == "chatty://c/1"
    assert as_employee.get(f"/go/{channel.id}").location == "https://chat.test/c/1"


def test_it_leads_to_the_web_where_there_is_no_app(as_employee, post):
    assert as_employee.get(f"/go/{post.id}?in=app").location == "https://blog.example.org/?p=7"


@pytest.mark.parametrize(
    "app_url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "other://c/1",
        "chatty://c/ 1",
        "chatty://c/1\r\nSet-Cookie: x=y",
        "chatty:\\\\evil",
        "https://evil.example",
        "chatty:",
    ],
)
def test_it_starts_no_app_but_that_of_the_tool(as_employee, channel, monkeypatch, app_url):
    monkeypatch.setattr(Chat, "made", Link("https://chat.test/c/1", app_url))
    assert as_employee.get(f"/go/{channel.id}?in=app").location == "https://chat.test/c/1"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/c/1",
        "https://chat.test.evil.example/c/1",
        "https://chat.test@evil.example/",
        "http://chat.test/c/1",
        "https://chat.test:8443/c/1",
        "http://links.chat.test/c/1",
        "https://links.chat.test:8443/c/1",
        "//evil.example",
        "javascript:alert(1)",
        "chatty://c/1",
        "",
    ],
)
def test_it_falls_back_to_what_was_kept(as_employee, channel, monkeypatch, address):
    monkeypatch.setattr(Chat, "made", Link(address))
    assert as_employee.get(f"/go/{channel.id}").location == "https://share.chat.test/c/1"


def test_it_may_lead_to_a_host_that_the_connector_names(as_employee, channel, monkeypatch):
    monkeypatch.setattr(Chat, "made", Link("https://links.chat.test/c/1"))
    assert as_employee.get(f"/go/{channel.id}").location == "https://links.chat.test/c/1"


def test_it_leads_to_what_was_kept_when_the_settings_cannot_be_read(
    as_employee, channel, chat, session
):
    chat.settings = {"address": "nowhere"}
    session.commit()
    assert as_employee.get(f"/go/{channel.id}").location == "https://share.chat.test/c/1"


def test_it_never_follows_a_kept_address_that_is_none(as_employee, item, session):
    item.url = "javascript:alert(1)"
    session.commit()
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, recorded(session)) == (410, 0)
    assert page.text("h1") == "This item has no address that can be opened"


def test_it_lets_a_room_above_launch_a_kind_of_tool(app, as_employee, post, session):
    def launcher(_session, viewer, item, connection):
        return Response(f"{viewer.name}: {item.title} in {connection.kind}")

    launches.offer(app, {"wordpress": launcher})
    page = as_employee.get(f"/go/{post.id}")
    assert page.html == "Amara Okafor: A post in wordpress"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert recorded(session) == 1


def test_it_records_one_launch(as_employee, item, session):
    as_employee.get(f"/go/{item.id}")
    assert recorded(session) == 1


def test_it_tells_no_cache_and_no_tool_of_the_click(as_employee, item):
    headers = as_employee.get(f"/go/{item.id}").headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_it_records_nothing_for_a_head_request(as_employee, item, session):
    as_employee.http.head(f"/go/{item.id}")
    assert recorded(session) == 0


@pytest.mark.parametrize("header", ["Purpose", "Sec-Purpose", "X-Moz"])
def test_it_records_nothing_for_a_prefetch(as_employee, item, session, header):
    as_employee.get(f"/go/{item.id}?in=app", headers={header: "prefetch"})
    assert recorded(session) == 0


def test_it_knows_nothing_of_items_for_others(as_employee, make, session):
    hidden = make.item(audience=["group:pilot"])
    session.commit()
    assert as_employee.get(f"/go/{hidden.id}").status == 404


def test_it_asks_the_database_once_more_than_for_the_item(app, as_employee, channel):
    as_employee.get(f"/go/{channel.id}")
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_employee.get(f"/go/{channel.id}")
    reads = [one for one in sent if one.startswith("SELECT") and "FROM item" in one]
    about_items = [one for one in reads if "progress" not in one]
    assert len(about_items) == 2


def test_it_says_that_an_item_has_been_retired(as_employee, item, session):
    item.status = "retired"
    session.commit()
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, page.text("h1")) == (410, "This item has been retired")


@pytest.mark.parametrize("status", ["live", "retired"])
def test_it_says_that_the_tool_hides_an_item(as_employee, item, session, status):
    item.status = status
    known(session, item, "hidden")
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, page.text("h1")) == (410, "This item is hidden at the moment")
    assert "since 3 November" in page.words


def test_it_says_since_when_an_item_is_gone(as_employee, item, session):
    item.status = "retired"
    known(session, item, "gone")
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, page.text("h1")) == (410, "This item is no longer there")
    assert "since 3 November" in page.words


@pytest.mark.parametrize("doubt", [{"presence": "unknown"}, {"presence": "gone", "held": True}])
def test_it_opens_an_item_of_which_nothing_is_decided(as_employee, item, session, doubt):
    known(session, item, **doubt)
    assert as_employee.get(f"/go/{item.id}").status == 303


def test_it_opens_an_item_that_a_curator_declared_live(as_employee, item, session):
    item.locked = ["status"]
    known(session, item, "hidden")
    assert as_employee.get(f"/go/{item.id}").status == 303


def test_it_offers_the_same_in_other_tools_to_those_who_may_see_it(
    as_employee, item, make, session
):
    twin = make.item("Ohm's law in the library")
    secret = make.item("Ohm's law for pilots", audience=["group:pilot"])
    for member in (item, twin, secret):
        session.add(ClusterMember(item_id=member.id, cluster_id=item.id))
    known(session, item, "gone")
    page = as_employee.get(f"/go/{item.id}")
    assert page.texts("h3") == ["Ohm's law in the library"]
    assert "pilots" not in page.html


def test_it_offers_what_is_like_it(as_employee, item, make, session):
    skill = make.skill("electronics")
    item.skills, item.status = [skill], "retired"
    make.item("Series circuits", skills=[skill])
    session.commit()
    assert "Series circuits" in as_employee.get(f"/go/{item.id}").texts("h3")


def test_it_lets_the_reader_tell_the_curator(as_employee, item, session):
    known(session, item, "gone")
    assert f"/items/{item.id}/report" in as_employee.get(f"/go/{item.id}").links()


def test_it_takes_a_visitor_there_after_sign_in(visitor, item):
    assert visitor.get(f"/go/{item.id}").location == f"/sign-in?next=/go/{item.id}"


class TestVia:
    """From which kind of page something was opened: a word of a closed list, or none."""

    def via(self, session):
        return session.query(Activity).filter_by(verb="launched").one().via

    @pytest.mark.parametrize(
        "word", ["search", "home", "item", "role-page", "playlist", "library", "mail"]
    )
    def test_it_keeps_where_the_reader_was(self, as_employee, item, session, word):
        assert as_employee.get(f"/go/{item.id}?via={word}").status == 303
        assert self.via(session) == word

    @pytest.mark.parametrize(
        "word", ["", "SEARCH", "https://evil.example", "search,home", "x" * 99]
    )
    def test_it_keeps_no_other_word(self, as_employee, item, session, word):
        assert as_employee.get(f"/go/{item.id}?via={word}").status == 303
        assert self.via(session) == ""

    def test_it_keeps_it_on_the_way_to_an_app(self, as_employee, channel, session):
        assert as_employee.get(f"/go/{channel.id}?via=search&in=app").location == "chatty://c/1"
        assert self.via(session) == "search"

    def test_it_keeps_it_through_sign_in(self, visitor, item):
        page = visitor.get(f"/go/{item.id}?via=mail")
        assert page.location == f"/sign-in?next=/go/{item.id}?via%3Dmail"

    @pytest.mark.parametrize(
        ("page", "word"),
        [
            ("/discover?q=ohm", "search"),
            ("/", "home"),
            ("/roles/field-engineer", "role-page"),
            ("/playlists/first-weeks", "playlist"),
            ("/library/history", "library"),
            ("/items/3", "item"),
            ("/settings", "item"),
        ],
    )
    def test_the_button_of_an_item_carries_the_page_before(self, as_employee, item, page, word):
        seen = as_employee.get(f"/items/{item.id}", headers={"Referer": "http://localhost" + page})
        assert f"/go/{item.id}?via={word}" in seen.links()

    @pytest.mark.parametrize("page", ["http://evil.example/discover", "http://[", "mailto:x"])
    def test_another_site_is_no_page_of_ours(self, as_employee, item, page):
        seen = as_employee.get(f"/items/{item.id}", headers={"Referer": page})
        assert f"/go/{item.id}?via=item" in seen.links()

    def test_an_item_found_by_searching_is_opened_as_found(
        self, as_employee, item, session, index_now
    ):
        index_now()
        results = as_employee.get("/discover?q=ohm")
        [address] = {link for link in results.links() if link.startswith("/items/")}
        seen = as_employee.get(address, headers={"Referer": "http://localhost/discover?q=ohm"})
        [go] = [link for link in seen.links() if link.startswith("/go/")]
        as_employee.get(go)
        assert self.via(session) == "search"
