"""No page that curators or new hires have names what its reader may not know of.

Random worlds as in `test_audience.py`, with drafts, versions, playlists, links, care, reports and
notices. Curators know what they see and what the roles see for which pages and playlists are.
"""

import random

import pytest
from sqlalchemy import func

from app.activity import service as activity
from app.care.tending import tend
from app.curation import publishing
from app.curation.drafts import make_draft
from app.errors import Wording
from app.models import (
    Audience,
    LinkCheck,
    NoticeKind,
    Pin,
    ProblemReport,
    Role,
    RolePage,
    Section,
    Status,
    Step,
    Verb,
)
from app.models.playlists import new_key
from app.notices.service import tell
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from app.playlists import feeds, versions
from app.playlists.drafts import Author
from app.playlists.versions import Moving

TOKENS = ("everyone", "role:red", "role:blue", "dept:field", "dept:office", "group:pilot")
ROLES = frozenset({"role:red", "role:blue"})
DAYS = (1, 2, 3, 9, 12, 15, 20, 21)
WORLDS = 1
MANY_WORLDS = 8


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        count = MANY_WORLDS if metafunc.config.getoption("--long") else WORLDS
        metafunc.parametrize("seed", range(count))


@pytest.fixture
def chance(seed):
    return random.Random(seed)


@pytest.fixture
def reader(make):
    """Return the curator who looks: of the field, and no pilot."""
    return make.person("Jonas Weber", access="curator", department="field")


@pytest.fixture
def items(make, chance):
    """Return items of two tools; every title is a word that stands nowhere else."""
    tools = [make.tool("learn"), make.tool("films")]
    skills = [make.skill("alpha"), make.skill("beta")]
    make.group("pilot", [make.person("Pia Pilot", department="office")])
    found = [
        make.item(
            f"Zqx{number:03}w",
            tool=chance.choice(tools),
            audience=[chance.choice(TOKENS)],
            kind=chance.choice(["course", "video", "channel"]),
            skills=chance.sample(skills, 1),
            summary=f"About Zqx{number:03}w",
        )
        for number in range(24)
    ]
    for item in chance.sample(found, 4):
        item.status, item.successor_id = Status.RETIRED.value, chance.choice(found).id
        if item.successor_id == item.id:
            item.successor_id = None
    return found


@pytest.fixture
def pages(make, session, chance, items, reader, now):
    """Return the roles' slugs: each page has two versions and a draft that differs."""
    for slug in ("red", "blue"):
        page = make.role_page(make.role(slug), sections=("First", "Then"), curator_id=reader.id)
        sections = session.query(Section).filter_by(page_id=page.id).all()
        for item in chance.sample(items, 12):
            make.pin(chance.choice(sections), item, note=f"note on {item.title}")
        for more in range(2):
            draft = make_draft(session, page.id, by=reader.id, now=now)
            _changed(session, chance, draft, items, more)
            if more == 0:
                _publish(session, draft, reader, now)
    return ("red", "blue")


def _changed(session, chance, draft, items, more):
    """Let somebody who knows everything change pins of a draft."""
    pins = session.query(Pin).join(Section).filter(Section.page_id == draft).all()
    gone, written, put = chance.sample(pins, 3)
    written.note = f"{more} of {_title(items, written.item_id)}"
    there = {pin.item_id for pin in pins}
    put.item_id = next(item.id for item in chance.sample(items, 24) if item.id not in there)
    put.note = f"{more} for {_title(items, put.item_id)}"
    session.delete(gone)
    session.flush()


def _title(items, item_id):
    return next(item.title for item in items if item.id == item_id)


def _publish(session, draft, reader, now):
    page = session.get(RolePage, draft, populate_existing=True)
    publishing.publish(
        session, page.role_id, revision=page.revision, by=reader.id, now=now, note="as it is"
    )


@pytest.fixture
def playlist(make, session, chance, items, reader, now):
    """Return a playlist of two versions and a draft that differs, each step with a note."""
    channels = [item for item in items if item.kind == "channel"]
    made = make.playlist(
        chance.sample(items, 8), days=28, due_days=DAYS, channel_id=chance.choice(channels).id
    )
    _noted(session, made, items)
    author = Author(id=reader.id, tokens=frozenset(TOKENS), now=now)
    for more in range(2):
        draft = versions.begin_draft(session, made.slug, author=author)
        steps = session.query(Step).filter_by(playlist_id=draft.id).all()
        taken = {step.item_id for step in steps}
        gone, other = chance.sample(steps, 2)
        other.item_id = next(one.id for one in chance.sample(items, 24) if one.id not in taken)
        draft.channel_id = chance.choice(channels).id
        session.delete(gone)
        _noted(session, draft, items, more)
        if more == 0:
            versions.publish(
                session,
                made.slug,
                moving=Moving.ALL,
                why="",
                revision=draft.revision,
                author=author,
            )
    return made


def _noted(session, playlist, items, more=0):
    for step in session.query(Step).filter_by(playlist_id=playlist.id):
        step.key = step.key or new_key()
        step.note = f"{more} note on {_title(items, step.item_id)}"
    session.flush()


@pytest.fixture
def people(make, session, chance, items, playlist, reader, now):
    """Let people follow the playlist, use items, report them, and hear of them."""
    roles = session.query(Role).all()
    found = [
        make.person(roles=chance.sample(roles, min(1, len(roles))), department="field")
        for _ in range(6)
    ]
    for person in [*found, reader]:
        make.assignment(versions.newest(session, playlist.slug), person, assigned_by_id=reader.id)
        for item in chance.sample(items, 6):
            activity.record(session, person.id, item.id, chance.choice(list(Verb)), now=now)
            session.add(
                ProblemReport(
                    item_id=item.id,
                    reporter_id=person.id,
                    problem="outdated",
                    note=f"about {item.title}",
                    reported_at=now,
                )
            )
    for number, item in enumerate(items):
        session.add(
            LinkCheck(
                item_id=item.id,
                state=chance.choice(["gone", "hidden", "moved", "flaky"]),
                next_at=now,
                since=now,
                moved_to=f"https://learn.example.org/new/{number}",
            )
        )
        told = Wording("“%(title)s” is gone.", title=item.title)
        tell(
            session,
            [reader.id],
            NoticeKind.CONTENT,
            key=f"gone:{item.id}",
            sentence=told,
            now=now,
            item_id=item.id,
        )
    session.flush()
    tend(session, [item.id for item in items], now=now)
    return found


def addresses(session, items, playlist, people):
    """Return the pages that a curator can open in this world, and the calendar."""
    found = ["/curate", "/curate/review", "/curate/links", "/curate/readers", "/curate/duplicates"]
    found += ["/curate/tools/report", "/curate/tools/report.csv", "/curate/care/rules"]
    found += [f"/curate/tools/{slug}/report{end}" for slug in ("learn", "films") for end in _ENDS]
    for slug in ("red", "blue"):
        page = f"/curate/roles/{slug}"
        found += [f"{page}{rest}" for rest in _OF_PAGES]
        found += [f"{page}/preview?as=person:{person.id}" for person in people[:2]]
        found.append(f"{page}/preview?as=role:blue")
    desk = f"/curate/playlists/{playlist.slug}"
    found += [f"{desk}{rest}" for rest in _OF_PLAYLISTS]
    draft = session.query(func.max(Step.playlist_id)).scalar_subquery()
    keys = session.query(Step.key).filter(Step.playlist_id == draft)
    found += [f"{desk}/draft/steps/{key}" for (key,) in keys]
    found += [f"/curate/pins/{pin.id}/settings" for pin in session.query(Pin)]
    for item in items:
        found += [f"/curate/items/{item.id}{rest}" for rest in ("", "/care", "/retire")]
        found += [f"/curate/links/{item.id}", f"/curate/pin?item={item.id}", f"/items/{item.id}"]
    found += ["/curate/items/1/retire?q=zqx", "/notices", "/suggestions", "/calendar", "/"]
    return [*found, f"/playlists/{playlist.slug}", "/playlists"]


_ENDS = ("", ".csv")
_OF_PAGES = ("", "/publish", "/preview", "/suggestions", "/history", "/history/1", "/history/2")
_OF_PLAYLISTS = (
    "",
    "/draft",
    "/draft/publish",
    "/draft/items?q=zqx",
    "/people?q=person",
    "/rules/new?role=1",
    "/versions/1",
    "/versions/2",
    "/cohort",
)


def test_no_page_names_what_a_curator_may_not_know_of(
    app, session, sign_in, index_now, items, pages, playlist, people, reader, now
):
    tokens = audience_tokens(with_roles_and_groups(session, reader.id)) | ROLES
    hidden = [item for item in items if not tokens & _audience(session, item)]
    assert 2 < len(hidden) < len(items)
    token = feeds.make(session, reader.id, now=now)
    client = sign_in(reader)
    index_now()
    wanted = [*addresses(session, items, playlist, people), f"/calendar/{token}.ics"]
    leaks, opened = [], 0
    for address in wanted:
        answer = client.http.get(address)
        opened += answer.status_code == 200
        text = answer.get_data(as_text=True).replace(f'"{address}"', "")
        leaks += [(address, item.title) for item in hidden if _is_named(item, text)]
        assert answer.status_code in {200, 302, 303, 404}, (address, answer.status_code)
    assert leaks == []
    assert opened > 80


def _is_named(item, text):
    return (
        item.title in text or f'/items/{item.id}"' in text or f'"/curate/items/{item.id}/' in text
    )


def _audience(session, item):
    return session.get(Audience, item.audience_id).as_set()
