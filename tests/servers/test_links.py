"""Link health over real servers: ten things deleted, ten moved, ten hidden, and the rest well.

Each check of the cycle is told to the servers as they are; only our own clock is moved on.
"""

import pytest
from sqlalchemy import select

from app.activity.launches import door_to, link_to
from app.connectors.base import Mode
from app.links.checking import over_the_network as by_address
from app.links.queries import TO_LOOK_AT
from app.models import Item, LinkCheck, Tool
from tests.servers.test_harvests import Reading
from tests.support.factories import Factory
from tests.support.links import Checking
from tests.support.servers.worlds import (
    KolibriWorld,
    MatrixWorld,
    MediaWikiWorld,
    WikiSitemap,
    WordPressWorld,
)

SYSTEMS = (MediaWikiWorld, WordPressWorld, KolibriWorld, MatrixWorld, WikiSitemap)
DELETED = {
    "mediawiki": ("Spare parts", "Café rules", "Shift handover"),
    "wordpress": ("New lathe arrived", "Torque made easy", "安全第一"),
    "kolibri": ("Earthing", "Ventile prüfen"),
    "matrix": ("linked-guests", "linked-guides"),
}
HIDDEN = {
    "wordpress": (
        "Gloves reviewed",
        "Café opens at six",
        "Lockout in pictures",
        "C++ at the press",
    ),
    "kolibri": ("Burns", "Low voltage", "Störung melden"),
    "matrix": ("cafe", "rnd", "night-shift"),
}
MOVED = {
    "mediawiki": ("Pressure valve", "Relief valve", "Überdruck"),
    "kolibri": ("Cuts", "Guards and fences"),
    "matrix": ("press",),
}
MOVED_ADDRESSES = (
    "Reading a gauge",
    "Welding course in May",
    "Ten lessons from 2026",
    "Meet the night shift",
)


class Connected(Reading):
    """A harvest whose tool is named after its world, so that several stand side by side."""

    def __init__(self, database, world):
        self.world = world
        super().__init__(database, world)

    def another_tool(self, slug=""):
        return super().another_tool(self.world.kind)


class Links(Checking):
    """Checks of several tools, whose items are called by tool and id."""

    def rows(self):
        with self.database.sessions() as session:
            found = select(Tool.slug, Item.external_id, LinkCheck).join(Item.tool).join(LinkCheck)
            return {f"{slug} {key}": row for slug, key, row in session.execute(found)}

    def states(self):
        return {key: row.state for key, row in self.rows().items()}

    def flagged(self):
        """Return what wants a look, by its state."""
        states = self.states()
        wanted = {state: {key for key in states if states[key] == state} for state in TO_LOOK_AT}
        return {state.value: keys for state, keys in wanted.items() if keys}

    def opens(self):
        """Return where a click on each item leads."""
        with self.database.sessions() as session:
            rows = session.execute(select(Item, Tool.slug).join(Tool, Tool.id == Item.tool_id))
            return {
                f"{slug} {item.external_id}": link_to(door_to(session, item)).url
                for item, slug in rows
            }


@pytest.fixture
def worlds(request):
    """Return all servers as they were at their start, by their kind, and leave them so."""
    found = {kind.kind: kind(request.getfixturevalue(kind.server)) for kind in SYSTEMS}
    for each in found.values():
        each.begin()
    for alias in DELETED["matrix"]:
        found["matrix"].at.add(alias, alias.title())
    yield found
    matrix = found["matrix"].at
    for alias in HIDDEN["matrix"]:
        matrix.show(alias)
    matrix.rename("press", "Press brake")
    for alias in DELETED["matrix"]:
        matrix.rooms.pop(alias, None)
    for each in found.values():
        each.end()


def checking_of(database, *worlds):
    """Return the checks of everything that these servers have."""
    for world in worlds:
        Connected(database, world).go(Mode.SWEEP)
    found = Links(database)
    found.make_client = lambda _hosts: by_address(["127.0.0.1"])
    found.enrol()
    return found


@pytest.fixture
def checking(sqlite, worlds):
    """Return the checks of what all servers have, and of links to posts of the blog."""
    blog = worlds["wordpress"].at
    posts = blog.http.get("/wp-json/wp/v2/posts?per_page=100").json()
    links = {row["id"]: row["link"] for row in posts}
    with sqlite.transaction() as session:
        make = Factory(session)
        tool = make.tool("links", "Links")
        for title in MOVED_ADDRESSES:
            make.item(title, tool=tool, external_id=title, url=links[blog.ids[title]])
    return checking_of(sqlite, *worlds.values())


def ids(world, names):
    """Return what the items are called that the server knows by these names."""
    known = world.at.rooms if world.kind == "matrix" else world.at.ids
    return {f"{world.kind} {known[name]}" for name in names}


def change(worlds):
    """Delete, hide and move; return the ids of what was touched, by what was done."""
    wiki, blog, kolibri, matrix = (
        worlds[kind].at for kind in ("mediawiki", "wordpress", "kolibri", "matrix")
    )
    touched = {
        what: {each for kind, names in chosen.items() for each in ids(worlds[kind], names)}
        for what, chosen in (("deleted", DELETED), ("hidden", HIDDEN), ("moved", MOVED))
    }
    for title in DELETED["mediawiki"]:
        wiki.delete(title)
    for number, title in enumerate(DELETED["wordpress"]):
        (blog.delete if number else blog.trash)(title)
    for title in DELETED["kolibri"]:
        kolibri.delete(title)
    for alias in DELETED["matrix"]:
        matrix.delete(alias)
    for server, kind in ((blog, "wordpress"), (kolibri, "kolibri"), (matrix, "matrix")):
        for title in HIDDEN[kind]:
            server.hide(title)
    for number, title in enumerate(MOVED["mediawiki"]):
        wiki.move(title, f"All about {title}", redirect=bool(number))
    kolibri.move("Cuts", "Machines")
    kolibri.move("Guards and fences", "First aid")
    matrix.rename("press", "Press brakes")
    for title in MOVED_ADDRESSES:
        blog.change(title, slug=f"now-{blog.ids[title]}")
    return touched | {"readdressed": {f"links {title}" for title in MOVED_ADDRESSES}}


def test_thirty_of_thirty_are_told_apart_within_one_cycle_and_nothing_else_is(worlds, checking):
    checking.check()
    assert checking.flagged() == {}
    before, touched = checking.opens(), change(worlds)
    for world in worlds.values():
        world.fresh()
    checking.all_due()
    checking.check()
    checking.check(minutes=75)

    assert [len(keys) for keys in touched.values()] == [10, 10, 6, 4]
    assert checking.flagged() == {"gone": touched["deleted"], "hidden": touched["hidden"]}
    rows, leads = checking.rows(), checking.opens()
    assert {rows[key].state for key in touched["moved"] | touched["readdressed"]} == {"live"}
    for key in touched["readdressed"]:
        assert "moved" in [check["found"] for check in rows[key].history]
        assert leads[key] != before[key]
        assert worlds["wordpress"].at.http.get(leads[key]).status_code == 200
    wiki = worlds["mediawiki"].at
    for title in MOVED["mediawiki"]:
        assert f"All about {title}" in wiki.http.get(leads[f"mediawiki {wiki.ids[title]}"]).text


@pytest.fixture
def wiki(dokuwiki):
    found = WikiSitemap(dokuwiki)
    found.begin()
    yield found
    found.end()


def test_what_is_deleted_behind_status_200_is_never_called_gone(sqlite, wiki):
    checking = checking_of(sqlite, wiki)
    deleted, hidden = wiki.delete(), wiki.hide()
    wiki.fresh()
    for _ in range(3):
        checking.all_due()
        checking.check(hours=2)
    states = checking.states()
    assert {states[f"sitemap {deleted}"], states[f"sitemap {hidden}"]} <= {"unknown", "live"}
    assert wiki.at.http.get(deleted).status_code == 200


def test_a_wiki_that_closes_its_doors_loses_no_link(sqlite, mediawiki):
    world = MediaWikiWorld(mediawiki)
    world.begin()
    checking = checking_of(sqlite, world)
    world.at.set("$wgGroupPermissions['*']['read'] = $wgGroupPermissions['user']['read'] = false;")
    for _ in range(3):
        checking.all_due()
        checking.check(hours=8)
    world.end()
    assert checking.flagged() == {}
