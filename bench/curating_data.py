"""A portal as large as curators' pages get: made-up items, people and activity, and what they make.

`bench/curating.py` measures it.
"""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.care.tending import tend_all
from app.curation.content import to_json
from app.curation.laying import content_of
from app.db import Database
from app.models import (
    Activity,
    Assignment,
    AssignmentRule,
    CareRule,
    Item,
    ItemCare,
    ItemRole,
    ItemSkill,
    ItemState,
    Kind,
    LinkCheck,
    Notice,
    NoticeKind,
    Person,
    PersonRole,
    Pin,
    Playlist,
    PlaylistWeek,
    ProblemReport,
    Progress,
    Role,
    RolePage,
    RolePageVersion,
    Section,
    Skill,
    Step,
    Suggestion,
    Tool,
    audience_of,
)
from app.playlists.drafts import Author
from app.playlists.versions import Moving, begin_draft, publish

PEOPLE, TOOLS, ROLES, SKILLS, STEPS, FOLLOWERS = 5_000, 12, 20, 200, 100, 500
SECTIONS, VERSIONS, NOTICES = 20, 10, 300
KINDS = [kind.value for kind in Kind]
STATES = ["live"] * 96 + ["gone", "moved", "hidden", "flaky"]


def fill(database: Database, items: int, pins: int) -> None:
    """Fill an empty database, and let the job look after all items."""
    at = datetime.now(UTC)
    with database.transaction() as session:
        _fill(session, items, pins, at, random.Random(7))
    database.analyse()
    tend_all(database, now=at)
    database.analyse()


def _fill(session: Session, items: int, pins: int, at: datetime, chance: random.Random) -> None:
    today = at.date()
    everyone = audience_of(session).id
    _put(session, Tool, [{"slug": f"tool-{n}", "name": f"Tool {n}"} for n in range(TOOLS)])
    _put(session, Role, [{"slug": f"role-{n}", "name": f"Role {n}"} for n in range(ROLES)])
    _put(session, Skill, [{"slug": f"skill-{n}", "name": f"Skill {n}"} for n in range(SKILLS)])
    _put(session, Person, [_person(n, at, today) for n in range(PEOPLE)])
    held = [{"person_id": n + 1, "role_id": n % ROLES + 1} for n in range(PEOPLE)]
    _put(session, PersonRole, held)
    _put(session, Item, [_item(n, everyone, at, chance) for n in range(items)])
    ids = range(1, items + 1)
    _put(session, ItemSkill, [{"item_id": n, "skill_id": n % SKILLS + 1} for n in ids])
    _put(session, ItemRole, [{"item_id": n, "role_id": n % ROLES + 1} for n in ids if n % 3 == 0])
    _put(session, ItemCare, [_care(n, today, chance) for n in ids])
    _put(session, LinkCheck, [_check(n, at, chance) for n in ids])
    _put(session, Activity, [_activity(items, at, chance) for _ in range(3 * items)])
    _put(session, ItemState, [_rating(n, at) for n in range(4 * PEOPLE)])
    _put(session, ProblemReport, [_report(n, at) for n in range(1, 101)])
    _put(session, Suggestion, [_suggestion(n, at) for n in range(100)])
    _put(session, CareRule, [_rule(n, at) for n in range(40)])
    _put(session, Notice, [_notice(n, at) for n in range(NOTICES)])
    _page(session, pins, everyone, at)
    _playlist(session, everyone, at, today)


def _put(session: Session, table: type, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 10_000):
        session.execute(insert(table), rows[start : start + 10_000])


def _person(number: int, at: datetime, today: date) -> dict[str, Any]:
    return {
        "name": f"Person {number}",
        "given_name": f"P{number}",
        "email": f"p{number}@example.org",
        "access": "admin" if number == 0 else "employee",
        "started_on": today - timedelta(days=number % 400),
        "created_at": at,
    }


def _item(number: int, audience: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    changed = at - timedelta(days=chance.randrange(1500))
    return {
        "tool_id": number % TOOLS + 1,
        "external_id": f"i{number}",
        "kind": KINDS[number % len(KINDS)],
        "title": f"Item {number} about skill {number % SKILLS}",
        "summary": "What it is about, in a sentence that is as long as they are. " * 3,
        "url": f"https://tool-{number % TOOLS}.example.org/{number}",
        "minutes": 5 + number % 90,
        "audience_id": audience,
        "locked": [],
        "content_hash": f"{number:064}",
        "created_at": changed,
        "updated_at": changed,
    }


def _care(number: int, today: date, chance: random.Random) -> dict[str, Any]:
    return {
        "item_id": number,
        "owner_id": number % 50 + 1,
        "review_on": today + timedelta(days=chance.randrange(-30, 700)),
        "by_hand": [],
    }


def _check(number: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "item_id": number,
        "state": chance.choice(STATES),
        "since": at,
        "checked_at": at,
        "next_at": at + timedelta(hours=chance.randrange(300)),
    }


def _activity(items: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "person_id": chance.randrange(PEOPLE) + 1,
        "verb": chance.choice(("launched", "launched", "completed", "viewed")),
        "item_id": int(items * chance.random() ** 3) + 1,
        "at": at - timedelta(minutes=chance.randrange(500_000)),
    }


def _rating(number: int, at: datetime) -> dict[str, Any]:
    return {
        "person_id": number % PEOPLE + 1,
        "item_id": 1 + number // 20,
        "stars": 1 + number // 20 % 5,
        "why_stars": "It shows the old pump." if number % 40 == 0 else "",
        "rated_at": at,
    }


def _rule(number: int, at: datetime) -> dict[str, Any]:
    return {
        "tool_id": number % TOOLS + 1,
        "kind": KINDS[number % len(KINDS)],
        "owner_id": number % 50 + 1,
        "review_months": 12,
        "made_at": at,
    }


def _notice(number: int, at: datetime) -> dict[str, Any]:
    return {
        "person_id": 1,
        "kind": NoticeKind.CONTENT.value,
        "key": f"n{number}",
        "sentence": f"Something has happened to item {number}.",
        "path": f"/items/{number + 1}",
        "item_id": number + 1,
        "at": at - timedelta(hours=number),
    }


def _report(number: int, at: datetime) -> dict[str, Any]:
    return {
        "item_id": number,
        "reporter_id": number + 1,
        "problem": "outdated",
        "note": "It shows the old pump.",
        "reported_at": at,
    }


def _suggestion(number: int, at: datetime) -> dict[str, Any]:
    return {
        "url": f"https://elsewhere.example.org/{number}",
        "title": f"Something {number}",
        "by_id": number + 1,
        "made_at": at,
    }


def _page(session: Session, pins: int, audience: int, at: datetime) -> None:
    """Make the page of the first role, published and as a draft with other notes, and versions."""
    for published in (True, False):
        page = RolePage(
            role_id=1, title="For role 0", audience_id=audience, published=published, curator_id=1
        )
        page.sections = [
            Section(key=f"section-{n}", title=f"Section {n}", position=n) for n in range(SECTIONS)
        ]
        session.add(page)
        session.flush()
        ids = [section.id for section in page.sections]
        _put(session, Pin, [_pin(n, ids, published, at) for n in range(pins)])
        if published:
            _versions(session, page.id, at)


def _pin(number: int, section_ids: list[int], published: bool, at: datetime) -> dict[str, Any]:
    return {
        "section_id": section_ids[number % SECTIONS],
        "item_id": 1 + 7 * number,
        "position": number // SECTIONS,
        "note": "Begin with this one." if published or number % 5 else "Look at this one first.",
        "pinned_by_id": 1,
        "pinned_at": at - timedelta(days=60),
    }


def _versions(session: Session, page_id: int, at: datetime) -> None:
    content = to_json(content_of(session, page_id))
    rows = [
        {
            "role_id": 1,
            "number": n + 1,
            "content": content,
            "note": "Looked through.",
            "published_at": at - timedelta(days=30 * (VERSIONS - n)),
            "published_by_id": 1,
        }
        for n in range(VERSIONS)
    ]
    _put(session, RolePageVersion, rows)


def _playlist(session: Session, audience: int, at: datetime, today: date) -> None:
    """Make a playlist with followers, its versions, a rule, and a draft of the next version."""
    playlist = Playlist(
        slug="welcome", title="Welcome", days=60, role_id=1, owner_id=1, audience_id=audience
    )
    session.add(playlist)
    session.flush()
    weeks = [{"playlist_id": playlist.id, "number": n, "title": f"Week {n}"} for n in range(1, 10)]
    _put(session, PlaylistWeek, weeks)
    steps = [
        Step(
            key=f"step-{n}",
            playlist_id=playlist.id,
            item_id=3 + 11 * n,
            position=n,
            due_day=1 + n // 2,
        )
        for n in range(STEPS)
    ]
    session.add_all(steps)
    session.flush()
    _followers(session, playlist, steps, at, today)
    session.add(AssignmentRule(slug="welcome", role_id=2, started_from=today, made_at=at))
    author = Author(id=1, tokens=frozenset({"everyone"}), now=at)
    for number in range(VERSIONS):
        draft = begin_draft(session, "welcome", author=author)
        if number < VERSIONS - 1:
            moving = Moving.ALL if number == VERSIONS - 2 else Moving.KEEP
            publish(
                session,
                "welcome",
                moving=moving,
                why="Looked through.",
                revision=draft.revision,
                author=author,
            )


def _followers(
    session: Session, playlist: Playlist, steps: list[Step], at: datetime, today: date
) -> None:
    given = [
        Assignment(
            playlist_id=playlist.id,
            person_id=n + 1,
            starts_on=today - timedelta(days=(n + 20) % 90),
            assigned_at=at,
        )
        for n in range(FOLLOWERS)
    ]
    session.add_all(given)
    session.flush()
    done = [
        {"assignment_id": each.id, "step_id": step.id, "done_at": at}
        for n, each in enumerate(given)
        for step in steps[: (n + 20) % STEPS]
    ]
    _put(session, Progress, done)
