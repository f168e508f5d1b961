"""Real servers in the words of the contract: each as a tool whose items come, change and go.

The servers speak of titles, aliases and pages; a harvest speaks of external ids. A world turns the
one into the other, knows from the server itself (never through the connector) which items a reader
should find, and names the settings with which it is connected, and those that are wrong.

`page` names what a connector asks for at once, and so few that a pull has several checkpoints.
`change` renames one item and, where the tool knows places, puts it into another.
`hidden` and `deleted` are what becomes known of an item that was hidden or deleted: a Presence, or
None where the tool does not tell at all.
"""

import datetime as dt
import itertools

from app.connectors import registry
from app.connectors.base import Presence
from app.connectors.http import Http
from app.connectors.settings import read_settings, secret_names
from tests.support.servers.ralph import statement

NEW = "Changed & new"
TOOLS = "app.connectors.tools"
_NUMBERS = itertools.count(1)


class World:
    """One real server as one kind of tool sees it."""

    kind = ""
    server = ""
    wrong = None
    page = None
    hidden = None
    deleted = Presence.GONE
    restores = False

    def __init__(self, server):
        self.at = server

    def settings(self):
        return {"address": self.at.url}

    def begin(self):
        """Bring the server to where each test begins."""
        self.at.reset()

    end = begin

    def fresh(self):
        """Let the server say what is so now, where it keeps its answers for a while."""

    @classmethod
    def spec(cls):
        return registry.connector_for(cls.kind).spec

    @property
    def secrets(self):
        """Return the secrets among the settings, which nothing may tell."""
        names = secret_names(self.spec().settings)
        return [value for name, value in self.settings().items() if name in names]

    def connector(self, client, **other):
        """Return the connector as a process that has just started would have it."""
        self.fresh()
        kind = registry.connector_for(self.kind)
        settings = read_settings(kind.spec.settings, {**self.settings(), **other})
        http = Http(
            settings.address,
            client,
            hosts=kind.spec.hosts,
            secrets=self.secrets,
            sleep=lambda _seconds: None,
        )
        return registry.connected(kind, settings, http)


class MediaWikiWorld(World):
    kind = "mediawiki"
    server = "mediawiki"
    wrong = "password", "0" * 32
    page = f"{TOOLS}.mediawiki._MOST", 3
    restores = True

    def settings(self):
        return super().settings() | {"user": self.at.bot_user, "password": self.at.bot_password}

    def live(self):
        asked = {"list": "allpages", "apfilterredir": "nonredirects", "aplimit": 500}
        found = self.at.api(action="query", **asked)["query"]["allpages"]
        return {str(page["pageid"]) for page in found}

    def change(self):
        self.at.move("Pressure valve", NEW)
        return str(self.at.ids["Pressure valve"])

    def add(self):
        return str(self.at.write("Lathe", "How to turn."))

    def delete(self):
        self.at.delete("Spare parts")
        return str(self.at.ids["Spare parts"])

    def restore(self):
        self.at.restore("Spare parts")


class WordPressWorld(World):
    kind = "wordpress"
    server = "wordpress"
    wrong = "password", "wrong wrong wrong"
    page = f"{TOOLS}.wordpress._PAGE", 6
    hidden = Presence.HIDDEN
    restores = True

    def settings(self):
        password = self.at.application_passwords["editor"]
        return super().settings() | {"user": "editor", "password": password}

    def rows(self):
        return [
            row
            for kind in ("posts", "pages")
            for row in self.at.http.get(f"/wp-json/wp/v2/{kind}?per_page=100").json()
        ]

    def live(self):
        return {str(row["id"]) for row in self.rows() if not row["content"]["protected"]}

    def change(self):
        self.at.change("Reading a gauge", title=NEW, slug="moved")
        return str(self.at.ids["Reading a gauge"])

    def add(self):
        return str(self.at.add("A lathe"))

    def delete(self):
        self.at.trash("New lathe arrived")
        return str(self.at.ids["New lathe arrived"])

    def restore(self):
        self.at.change("New lathe arrived", status="publish")

    def hide(self):
        self.at.hide("Gloves reviewed")
        return str(self.at.ids["Gloves reviewed"])

    def show(self):
        self.at.change("Gloves reviewed", status="publish")


class KolibriWorld(World):
    kind = "kolibri"
    server = "kolibri"
    wrong = "password", "wrong"
    page = f"{TOOLS}.kolibri._PAGE", 3
    hidden = Presence.HIDDEN

    def settings(self):
        return super().settings() | {"user": self.at.user, "password": self.at.password}

    def live(self):
        answer = self.at.http.get("/api/public/v2/contentnode/?max_results=500").json()
        return {row["id"] for row in answer["results"] if row["kind"] not in {"topic", "channel"}}

    def change(self):
        self.at.move("Cuts", "Machines")
        self.at.change("Cuts", title=NEW)
        return self.at.ids["Cuts"]

    def add(self):
        return self.at.add("Safety at work", "Machines", "Lathe")

    def delete(self):
        self.at.delete("Earthing")
        return self.at.ids["Earthing"]

    def hide(self):
        self.at.hide("Burns")
        return self.at.ids["Burns"]

    def show(self):
        self.at.show("Burns")


class MatrixWorld(World):
    """A home server takes seconds to begin anew; so what a test makes or changes is undone."""

    kind = "matrix"
    server = "synapse"
    wrong = "token", "syt_d3Jvbmc_wrong_000000"
    page = f"{TOOLS}.matrix.Matrix._listed.__defaults__", (5,)
    hidden = Presence.HIDDEN

    def __init__(self, server):
        super().__init__(server)
        self.undone = []

    def settings(self):
        return super().settings() | {"token": self.at.token}

    def begin(self):
        self.guest = self.made("guest")

    def made(self, name):
        """Make a room that is out of the list again when the test ends."""
        alias = f"{name}-{next(_NUMBERS)}"
        self.at.add(alias, name.title())
        self.undone.append(lambda: self._forget(alias))
        return alias

    def _forget(self, alias):
        if alias in self.at.rooms:
            self.at.hide(alias)
            del self.at.rooms[alias]

    def end(self):
        for undo in self.undone:
            undo()
        self.undone.clear()

    def live(self):
        answer = self.at.ask("GET", "/_matrix/client/v3/publicRooms")
        return {room["room_id"] for room in answer["chunk"] if "room_type" not in room}

    def change(self):
        self.at.rename("press", NEW)
        self.undone.append(lambda: self.at.rename("press", "Press brake"))
        return self.at.rooms["press"]

    def add(self):
        return self.at.rooms[self.made("lathe")]

    def delete(self):
        self.at.delete(self.guest)
        return self.at.rooms.pop(self.guest)

    def hide(self):
        self.at.hide("cafe")
        self.undone.append(self.show)
        return self.at.rooms["cafe"]

    def show(self):
        self.at.show("cafe")


class BlogFeed(WordPressWorld):
    """The ten newest posts: one that falls out, or is trashed, is only not among them any more."""

    kind = "feed"
    wrong = page = hidden = deleted = None
    restores = False

    def settings(self):
        return {"address": f"{self.at.url}/feed/"}

    def live(self):
        rows = self.at.http.get("/wp-json/wp/v2/posts?per_page=10").json()
        return {row["guid"]["rendered"] for row in rows}

    def _newest(self):
        return self.at.http.get("/wp-json/wp/v2/posts?per_page=1").json()[0]

    def change(self):
        found = self._newest()
        self.at.rest("POST", f"posts/{found['id']}", json={"title": NEW}).raise_for_status()
        return found["guid"]["rendered"]

    def add(self):
        super().add()
        return self._newest()["guid"]["rendered"]

    def delete(self):
        found = self._newest()
        self.at.rest("DELETE", f"posts/{found['id']}").raise_for_status()
        return found["guid"]["rendered"]


class BlogSitemap(WordPressWorld):
    """A sitemap without lastmod, of which every reading asks for every page; so only for some."""

    kind = "sitemap"
    wrong = None
    page = f"{TOOLS}.sitemap._KEEPS_PLACE", 2
    hidden = Presence.GONE  # a visitor is told nothing else of a private post
    others = ("/torque", "/c-", "/cafe", "/ten-", "/lockout", "/meet", "/spare", "/welding", "%")

    def settings(self):
        others = ("/category/", "/tag/", "/author/", *self.others)
        return {"address": self.at.url, "leave_out": "\n".join(others)}

    def live(self):
        found = {row["link"] for row in self.rows()} | {f"{self.at.url}/"}
        return {one for one in found if not any(part in one for part in self.others)}

    def _changed(self, title, change):
        [page] = [row["link"] for row in self.rows() if row["id"] == self.at.ids[title]]
        change()
        return page

    def change(self):
        title = "Reading a gauge"
        return self._changed(title, lambda: self.at.change(title, title=NEW))

    def add(self):
        super().add()
        return f"{self.at.url}/a-lathe/"

    def delete(self):
        return self._changed("New lathe arrived", super().delete)

    def hide(self):
        return self._changed("Gloves reviewed", super().hide)


class WikiFeed(World):
    """The latest changes of a wiki, which all of its pages are among."""

    kind = "feed"
    server = "dokuwiki"
    deleted = None

    def settings(self):
        return {"address": f"{self.at.url}/feed.php?linkto=current&type=rss2"}

    def fresh(self):
        """Forget the feed and the sitemap that the wiki made, which it keeps for a while."""
        cache = self.at.folder / "data" / "cache"
        for kept in [*cache.rglob("*.feed"), *cache.glob("sitemap.xml.gz")]:
            kept.unlink()

    def _address(self, page):
        return f"{self.at.url}/doku.php?id={page}"

    def live(self):
        found = self.at.ask("dokuwiki.getPagelist", "", {}, by=None)
        return {self._address(page["id"]) for page in found}

    def change(self):
        self.at.write("tools:lathe", f"====== {NEW} ======\nSpeeds.")
        return self._address("tools:lathe")

    def add(self):
        self.at.write("tools:saw", "====== Saw ======\nBlades.")
        return self._address("tools:saw")

    def hide(self):
        self.at.hide("safety:lockout")
        return self._address("safety:lockout")


class WikiSitemap(WikiFeed):
    """Pages that answer 200 whatever became of them: what is no longer listed is unknown."""

    kind = "sitemap"
    deleted = Presence.UNKNOWN
    page = f"{TOOLS}.sitemap._KEEPS_PLACE", 5

    def settings(self):
        return {"address": self.at.url, "sitemap": "/doku.php?do=sitemap"}

    def delete(self):
        self.at.delete("tools:press_brake")
        return self._address("tools:press_brake")


class RalphWorld(World):
    """A record store, which has no items but says what people did with those of others."""

    kind = "lrs"
    server = "ralph"
    wrong = "password", "wrong"

    def settings(self):
        address = f"{self.at.url}/xAPI"
        return {"address": address, "user": self.at.user, "password": self.at.password}

    def done(self):
        """Return the ids of the statements that say that something was begun or done."""
        told = ("launched", "completed", "passed")
        return {one["id"] for one in self.at.statements if one["verb"]["id"].endswith(told)}

    def complete(self):
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        made = statement(201, "ada", "completed", "6", now)
        self.at.add(made)
        return made["id"]


WORLDS = (
    MediaWikiWorld,
    WordPressWorld,
    KolibriWorld,
    MatrixWorld,
    BlogFeed,
    WikiFeed,
    BlogSitemap,
    WikiSitemap,
)
