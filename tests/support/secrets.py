"""A world full of secrets, and for each reader the same world without what is hidden from them.

Whoever may not see an item must be told the same whether it exists or not. So the two worlds have
to answer alike, and nobody has to know how an answer comes about.
"""

import re
import shutil
from dataclasses import dataclass, field
from datetime import timedelta

from rapidfuzz.distance import OSA

from app.auth import service as auth
from app.config import Config
from app.factory import create_app
from app.models import Expertise, ItemState, PersonRole, Role, Section
from tests.support.factories import NOW, Factory
from tests.support.pages import PageClient

TOKENS = ("role:engineer", "role:planner", "dept:service", "dept:sales", "group:pilot", "everyone")
KINDS = ("course", "video", "channel")
ITEMS = 30
_DAY = timedelta(days=1)
_TOKEN = re.compile(r"[\w-]+\.[\w-]{6}\.[\w-]{27}|(?<=name=\"slate\" value=\")[\w=-]+")
_NUMBER_OF_MINE = re.compile(r"(/searches/(?:recent/)?|search_)\d+")


@dataclass(frozen=True)
class Secret:
    """An item whose title and skill hold a word that stands nowhere else, nor is like another."""

    id: int
    word: str
    kind: str
    tool: str
    minutes: int
    audience: frozenset[str]


@dataclass(frozen=True)
class Somebody:
    """A kind of reader: their tokens, what they may do, and whether they search to pin."""

    tokens: frozenset[str]
    role: str = ""
    department: str = ""
    access: str = "employee"
    pins: bool = False

    @property
    def sees(self):
        """Return the tokens by which they search."""
        return self.tokens | ({"role:engineer"} if self.pins else set())


@dataclass
class Reader:
    """Somebody's browser in the whole world, and in the one without what is hidden from them."""

    somebody: Somebody
    items: list[Secret]
    section: int
    whole: PageClient
    trimmed: PageClient
    hidden: list[Secret] = field(init=False)

    def __post_init__(self):
        """Note what must stay unknown."""
        self.hidden = [one for one in self.items if not one.audience & self.somebody.sees]

    def both(self, method, url, **options):
        """Return what the two worlds answer, as text, without what differs from time to time."""
        return tuple(_read(world, method, url, options) for world in (self.whole, self.trimmed))

    def said(self, method, url, **options):
        """Return what the whole world answers."""
        return _read(self.whole, method, url, options)

    @property
    def worlds(self):
        """Return the applications of both worlds."""
        return self.whole.app, self.trimmed.app

    def learns(self, text, asked=""):
        """Return the hidden items that an answer gives away, though they were not asked for."""
        return [
            one
            for one in self.hidden
            if f"/items/{one.id}?" in text
            or f'/items/{one.id}"' in text
            or (one.word not in asked and one.word in text.casefold())
        ]


PEOPLE = (
    Somebody(frozenset({"everyone"})),
    Somebody(frozenset({"everyone", "role:engineer"}), role="engineer"),
    Somebody(
        frozenset({"everyone", "role:planner", "dept:service"}),
        role="planner",
        department="Service",
    ),
    Somebody(frozenset({"everyone", "dept:sales"}), department="Sales", access="curator"),
    Somebody(frozenset({"everyone", "group:pilot"}), access="admin"),
    Somebody(
        frozenset({"everyone", "dept:sales"}), department="Sales", access="curator", pins=True
    ),
)


def words(random, number):
    """Invent words of which none is a beginning of another, or like it."""
    found = []
    while len(found) < number:
        letters = (random.choice("bcdfghjklmnpqrtvwxz") + random.choice("aiu") for _ in range(4))
        word = "".join(letters) + "q"
        if all(OSA.distance(word, other) > 4 for other in found):
            found.append(word)
    return found


def secrets(random):
    """Return what there is in the whole world."""
    return [
        Secret(
            number,
            word,
            random.choice(KINDS),
            f"tool{number % 7}",
            random.choice((5, 20, 45, 90)),
            frozenset(random.sample(TOKENS, random.randint(1, 2))),
        )
        for number, word in enumerate(words(random, ITEMS), start=1)
    ]


class Builder:
    """Builds worlds, each in a folder of its own."""

    def __init__(self, empty, folder):
        self._empty, self._folder = empty, folder
        self._apps = []

    def close(self):
        """Let go of all databases."""
        for app in self._apps:
            app.extensions["foyer"].database.close()

    def world(self, items, **environ):
        """Return an application that knows these items, and a client for each of the readers."""
        data = self._folder / f"world-{len(self._apps)}"
        data.mkdir()
        shutil.copy(self._empty, data / "foyer.db")
        settings = {"FOYER_DATA_DIR": str(data), "FOYER_SECRET_KEY": "for tests only"}
        app = create_app(Config.from_env(settings | {"FOYER_RATE_LIMITS": "0"} | environ))
        self._apps.append(app)
        database = app.extensions["foyer"].database
        with database.transaction() as session:
            people, section = _filled(Factory(session), session, items)
            keys = [_signed_in(session, person) for person in people]
        with database.transaction() as session:
            app.extensions["foyer-index"].rebuild(session, lambda count: None)
        return app, section, [_client(app, key) for key in keys]

    def readers(self, items):
        """Return every reader with both of their worlds."""
        _, section, clients = self.world(items)
        found = []
        for at, somebody in enumerate(PEOPLE):
            visible = [one for one in items if one.audience & somebody.sees]
            _, same, others = self.world(visible)
            assert same == section
            found.append(Reader(somebody, items, section, clients[at], others[at]))
        return found


def _filled(make, session, items):
    """Make people, pages, pins and what people did; what is of an item only with the item."""
    roles = {slug: make.role(slug) for slug in ("engineer", "planner")}
    people = [
        make.person(
            f"Reader {at}",
            roles=[roles[one.role]] if one.role else [],
            department=one.department or None,
            access=one.access,
        )
        for at, one in enumerate(PEOPLE)
    ]
    make.group("pilot", [one for one in people if one.access == "admin"])
    experts = [make.person(f"Expert {at}", shares_expertise=True) for at in range(2)]
    session.add_all(
        [PersonRole(person_id=one.id, role_id=roles["engineer"].id, position=0) for one in experts]
    )
    page = make.role_page(
        session.query(Role).filter_by(slug="engineer").one(), audience=("role:engineer",)
    )
    section = session.query(Section).filter_by(page_id=page.id).one()
    common = make.skill("common", "Commonality")
    tools = {}
    for one in items:
        slug = one.tool
        tools[slug] = tools.get(slug) or make.tool(slug, f"Tool {slug}", id=int(slug[4:]) + 1)
        _add(make, session, one, tools[slug], roles, common, section, experts)
    session.flush()
    return people, section.id


def _add(make, session, one, tool, roles, common, section, experts):
    item = make.item(
        f"Common {one.word}",
        id=one.id,
        tool=tool,
        external_id=str(one.id),
        kind=one.kind,
        minutes=one.minutes,
        audience=one.audience,
        url=f"https://learn.example.org/{one.id}",
        content_hash=f"{one.id:064}",
        skills=[make.skill(f"skill-{one.word}", f"Skill {one.word}"), common],
        roles=[roles["engineer"]] if one.id % 3 == 0 else [],
    )
    if one.id <= 8:
        make.pin(section, item, position=one.id)
    for at, expert in enumerate(experts):
        if one.id % 2 == at:
            session.add(ItemState(person_id=expert.id, item_id=item.id, done_at=NOW))
            for skill in item.skills:
                known = session.get(Expertise, (expert.id, skill.id))
                if known:
                    known.finished += 1
                else:
                    session.add(Expertise(person_id=expert.id, skill_id=skill.id, finished=1))
                    session.flush()


def _signed_in(session, person):
    return auth.start_session(
        session,
        person,
        method="test",
        user_agent="test",
        lifetimes=auth.Lifetimes(idle=_DAY, longest=_DAY),
        now=NOW,
    )


def _client(app, key):
    client = PageClient(app)
    with client.http.session_transaction() as cookie:
        cookie["_user_id"] = key
        cookie["_fresh"] = True
    return client


def _read(client, method, url, options):
    if method == "post":
        options = options | {"data": {**options.get("data", {}), "csrf_token": client.csrf_token()}}
    response = getattr(client.http, method)(url, **options)
    text = response.get_data(as_text=True)
    response.close()
    assert response.status_code < 400, text
    return _NUMBER_OF_MINE.sub("mine", _TOKEN.sub("token", text))
