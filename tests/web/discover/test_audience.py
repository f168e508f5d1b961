"""No reader learns of what is not meant for them: no title, no skill, no link, no count."""

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models import Role, Section
from tests.support.pages import PageClient, text_of

TOKENS = ("role:engineer", "role:planner", "dept:service", "dept:sales", "group:pilot", "everyone")
KINDS = ("course", "video", "channel")
ITEMS = 30
one_world = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Secret:
    """An item whose title and skill hold a word that stands nowhere else."""

    id: int
    word: str
    kind: str
    audience: frozenset[str]


@dataclass
class Reader:
    """Somebody with tokens, and the same somebody's browser."""

    tokens: frozenset[str]
    client: PageClient
    pins: bool


@dataclass
class World:
    """Everything there is, readers of every sort, and a section of the engineers' page."""

    items: list[Secret]
    readers: list[Reader]
    section: int

    def expected(self, reader, arguments):
        """Return what the reader may find with these words, whatever its kind."""
        pinning = reader.pins and arguments.get("pin_to")
        tokens = reader.tokens | ({"role:engineer"} if pinning else set())
        words = arguments["q"].split()
        return [
            item
            for item in self.items
            if item.audience & tokens
            and all(word in {"common", item.word} for word in words if word[0] != "-")
            and f"-{item.word}" not in words
        ]


def a_secret(make, random, number):
    word = f"zq{chr(97 + number // 26)}{chr(97 + number % 26)}k"
    audience = frozenset(random.sample(TOKENS, random.randint(1, 2)))
    kind = random.choice(KINDS)
    skill = make.skill(f"skill-{word}")
    item = make.item(f"Common {word}", kind=kind, audience=audience, skills=[skill])
    return Secret(item.id, word, kind, audience)


@pytest.fixture
def readers(make, sign_in):
    """Return a reader for every token, two of whom may pin."""
    engineer, planner = make.role("engineer"), make.role("planner")
    people = {
        ("everyone",): make.person(),
        ("everyone", "role:engineer"): make.person(roles=[engineer]),
        ("everyone", "role:planner", "dept:service"): make.person(
            roles=[planner], department="Service"
        ),
        ("everyone", "dept:sales"): make.person(department="Sales", access="curator"),
        ("everyone", "group:pilot"): make.person(access="admin"),
    }
    make.group("pilot", [people["everyone", "group:pilot"]])
    return [
        Reader(frozenset(tokens), sign_in(person), person.access in {"curator", "admin"})
        for tokens, person in people.items()
    ]


@pytest.fixture
def world(make, session, readers, index_now):
    """Return thirty items of random audiences, some of them pinned, all of them indexed."""
    random = Random(7)
    items = [a_secret(make, random, number) for number in range(ITEMS)]
    engineer = session.query(Role).filter_by(slug="engineer").one()
    page = make.role_page(engineer, audience=("role:engineer",))
    section = session.query(Section).filter_by(page_id=page.id).one()
    for item in items[:8]:
        make.pin(section, item)
    index_now()
    return World(items, readers, section.id)


@st.composite
def questions(draw):
    """Draw words, among them ones that nobody may find, and what narrows or pins."""
    word = f"zq{draw(st.sampled_from('ab'))}{draw(st.sampled_from('abcdefgh'))}"
    text = draw(st.sampled_from(["", "common", f"{word}k", f"{word}j", f"common -{word}k"]))
    kinds = draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=2))
    sort = draw(st.sampled_from(["relevance", "title"]))
    return {"q": text, "kind": kinds, "sort": sort, "page": draw(st.integers(1, 2))}


def counted(page, facet):
    """Return a facet's counts by value, those that are not zero."""
    boxes = page.all("input", type="checkbox", name=facet)
    found = {box.get("value"): int(text_of(label_of(page, box)[-1])) for box in boxes}
    return {value: count for value, count in found.items() if count}


def label_of(page, box):
    """Return the spans beside a checkbox."""
    return next(label for label in page.root.iter("label") if box in list(label)).findall("span")


@one_world
@given(question=questions(), who=st.integers(0, 4), pins=st.booleans())
def test_it_gives_nothing_away(world, question, who, pins):
    reader = world.readers[who]
    arguments = question | ({"pin_to": world.section} if pins else {})
    page = reader.client.get("/discover", query_string=arguments)
    matching = world.expected(reader, arguments)
    kinds = question["kind"] or KINDS
    total = sum(item.kind in kinds for item in matching)
    if question["q"]:
        assert page.text("h1").startswith(f"{total} result" if total else "Nothing found")
    assert counted(page, "kind") == Counter(item.kind for item in matching)
    shown = [item for item in matching if item.kind in kinds]
    assert set(counted(page, "skill")) <= {f"skill-{item.word}" for item in shown}
    for item in hidden_from(world, reader, arguments):
        assert f"/items/{item.id}" not in page.links()
        assert item.word in question["q"] or item.word not in page.html


@one_world
@given(
    text=st.sampled_from(["common", "zq", "skill", "zqa", "zqb", "zqac", "skill-zqbd"]),
    who=st.integers(0, 4),
)
def test_it_suggests_nothing_that_is_hidden(world, text, who):
    reader = world.readers[who]
    page = reader.client.htmx(f"/suggest?q={text}", "suggestions")
    assert page.all("a", role="option")
    for item in hidden_from(world, reader, {}):
        assert f"/items/{item.id}" not in page.links()
        assert item.word in text or item.word not in page.html


def hidden_from(world, reader, arguments):
    """Return what the reader must not learn of."""
    known = world.expected(reader, arguments | {"q": ""})
    return [item for item in world.items if item not in known]
