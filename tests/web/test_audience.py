"""No page shows a title, an address or a count of what its reader may not see.

Random worlds of people, items, role pages, playlists and activity; every page that an employee can
open is read in each of them.
"""

import random

import pytest

from app.activity import service as activity
from app.models import Audience, Role, Section, Verb
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from tests.support.pages import text_of

TOKENS = ["everyone", "role:red", "role:blue", "dept:field", "dept:office", "group:pilot"]
WORLDS = 6
MANY_WORLDS = 60


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        count = MANY_WORLDS if metafunc.config.getoption("--long") else WORLDS
        metafunc.parametrize("seed", range(count))


@pytest.fixture
def chance(seed):
    return random.Random(seed)


@pytest.fixture
def people(make, chance):
    """Return six people of random roles and departments, some of them pilots."""
    roles = [make.role("red"), make.role("blue")]
    people = [
        make.person(
            roles=chance.sample(roles, chance.randint(0, 2)),
            department=chance.choice(["field", "office", None]),
        )
        for _ in range(6)
    ]
    make.group("pilot", people[:2])
    return people


@pytest.fixture
def items(make, chance):
    """Return items with random audiences; every title is a word that stands nowhere else."""
    kinds = ["course", "video", "channel", "event"]
    skills = [make.skill("alpha"), make.skill("beta")]
    items = [
        make.item(
            f"Zqx{number:03}w",
            audience=chance.sample(TOKENS[1:], chance.randint(1, 2))
            if chance.random() < 0.6
            else ["everyone"],
            kind=chance.choice(kinds),
            skills=chance.sample(skills, 1),
            status=chance.choice(["live", "live", "live", "retired"]),
        )
        for number in range(24)
    ]
    for item in items:
        item.channel_id = chance.choice(items).id
    return items


@pytest.fixture
def world(make, session, chance, people, items, now):
    """Fill the world: pins, playlists and what everybody did, also with what they may not see."""
    for slug in ("red", "blue"):
        role = session.query(Role).filter_by(slug=slug).one()
        page = make.role_page(role, audience=chance.choice([["everyone"], ["role:red"]]))
        section = session.query(Section).filter_by(page_id=page.id).one()
        for item in chance.sample(items, 6):
            make.pin(section, item, note=f"note on {item.title}")
    playlist = make.playlist(chance.sample(items, 8), audience=[chance.choice(TOKENS)])
    for person in people:
        make.assignment(playlist, person)
        for item in chance.sample(items, 6):
            activity.record(session, person.id, item.id, chance.choice(list(Verb)), now=now)
            activity.save(session, person.id, item.id, now=now)
    return playlist


def addresses(items, playlist):
    """Return every page an employee can open in this world."""
    fixed = [
        "/",
        "/for-you",
        "/for-you?minutes=30",
        "/why",
        "/discover",
        "/discover?q=zqx",
        "/discover?kind=channel",
        "/role",
    ]
    fixed += ["/roles", "/roles/red", "/roles/blue", "/playlists", f"/playlists/{playlist.slug}"]
    fixed += ["/library", "/library/history"]
    fixed += ["/suggest?q=zqx", "/suggest?q=alpha", "/suggest?q=red"]
    fixed += ["/why?item=zqx", *(f"/why?item={item.id}" for item in items)]
    each = [f"/items/{item.id}{rest}" for item in items for rest in ("", "/report", "/why")]
    return fixed + each + [f"/go/{item.id}" for item in items]


def test_it_shows_nobody_what_is_not_for_them(
    session, sign_in, index_now, chance, people, items, world
):
    reader = chance.choice(people)
    tokens = audience_tokens(with_roles_and_groups(session, reader.id))
    hidden = [item for item in items if not tokens & audience_set(session, item)]
    client = sign_in(reader)
    index_now()
    leaks = [
        (address, item.title)
        for address in addresses(items, world)
        for text in [client.get(address).html.replace(f'"{address}"', "")]
        for item in hidden
        if item.title in text
        or f'"/items/{item.id}"' in text
        or f'"/go/{item.id}"' in text
        or f'"/go/{item.id}?' in text
    ]
    assert leaks == []


def test_it_counts_only_what_the_reader_may_see(session, sign_in, index_now, chance, people, items):
    """The kinds' counts leave out their own filter, so together they count everything."""
    reader = chance.choice(people)
    tokens = audience_tokens(with_roles_and_groups(session, reader.id))
    seen = [i for i in items if tokens & audience_set(session, i) and i.status == "live"]
    client = sign_in(reader)
    index_now()
    page = client.get("/discover?kind=course")
    labels = [label for label in page.all("label") if "facet_kind_" in markup(label)]
    counts = [text_of(span) for label in labels for span in label.iter("span")][1::2]
    assert sum(map(int, counts)) == len(seen)


def markup(label):
    """Return the ids of the fields in a label, as one text."""
    return " ".join(field.get("id") or "" for field in label.iter("input"))


def audience_set(session, item):
    """Return the tokens of the item's audience."""
    return session.get(Audience, item.audience_id).as_set()
