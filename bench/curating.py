"""Time and SQL statements of the pages of curators, in a portal that is as large as they get.

    python bench/curating.py [--items 100000] [--pins 500] [--requests 15]

makes a portal of made-up items, people and activity, a role page with that many pins, a playlist
of a hundred steps that five hundred people follow, care and checked links for every item, and asks
for each page as an administrator, who may see all of them. The floor is the page that needs nothing
of the database beside the reader: `/notices/choices`.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask, g, template_rendered  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402
from sqlalchemy import insert  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from app import migrations  # noqa: E402
from app.auth import service as auth  # noqa: E402
from app.auth.login import lifetimes  # noqa: E402
from app.clock import now  # noqa: E402
from app.config import Config  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.models import (  # noqa: E402
    Activity,
    Assignment,
    Item,
    ItemCare,
    ItemRole,
    ItemSkill,
    Kind,
    LinkCheck,
    Person,
    PersonRole,
    Pin,
    Playlist,
    PlaylistWeek,
    ProblemReport,
    Progress,
    Role,
    RolePage,
    Section,
    Skill,
    Step,
    Suggestion,
    Tool,
    audience_of,
)
from app.web.unit_of_work import queries_so_far  # noqa: E402

PEOPLE, TOOLS, ROLES, SKILLS, STEPS, FOLLOWERS = 5_000, 12, 20, 200, 100, 500
SECTIONS = 20
KINDS = [kind.value for kind in Kind]
STATES = ["live"] * 96 + ["gone", "moved", "hidden", "flaky"]
FLOOR = "/notices/choices"
PAGES = {
    "overview": "/curate",
    "role page, to read": "/roles/role-0",
    "role page, to edit": "/curate/roles/role-0",
    "playlists": "/curate/playlists",
}


def main() -> None:
    """Make the portal and print a row for each page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pins", type=int, default=500)
    parser.add_argument("--requests", type=int, default=15)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "FOYER_DATA_DIR": folder,
            "FOYER_LOG_LEVEL": "ERROR",
            "FOYER_RATE_LIMITS": "0",
        }
        app = create_app(Config.from_env(environ))
        database = app.extensions["foyer"].database
        migrations.upgrade(database.engine)
        with database.transaction() as session:
            _fill(session, wanted.items, wanted.pins, random.Random(7))
        database.analyse()
        client = _signed_in(app)
        floor = _median(client, FLOOR, wanted.requests)
        print(f"{wanted.items:,} items, {wanted.pins} pins; floor {floor:.1f} ms")
        print(f"{'page':30}{'ms':>8}{'ratio':>8}{'SQL':>5}{'KB':>7}")
        for name, address in PAGES.items():
            _row(app, client, name, address, floor, wanted.requests)


def _fill(session: Session, items: int, pins: int, chance: random.Random) -> None:
    at = datetime.now(UTC)
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
    _put(session, ProblemReport, [_report(n, at) for n in range(1, 101)])
    _put(session, Suggestion, [_suggestion(n, at) for n in range(100)])
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
    """Make the page of the first role, published and as a draft."""
    for published in (True, False):
        page = RolePage(
            role_id=1, title="For role 0", audience_id=audience, published=published, curator_id=1
        )
        page.sections = [Section(title=f"Section {n}", position=n) for n in range(SECTIONS)]
        session.add(page)
        session.flush()
        _put(
            session,
            Pin,
            [
                {
                    "section_id": page.sections[n % SECTIONS].id,
                    "item_id": 1 + 7 * n,
                    "position": n // SECTIONS,
                    "note": "Begin with this one.",
                    "pinned_by_id": 1,
                    "pinned_at": at - timedelta(days=60),
                }
                for n in range(pins)
            ],
        )


def _playlist(session: Session, audience: int, at: datetime, today: date) -> None:
    playlist = Playlist(
        slug="welcome", title="Welcome", days=60, role_id=1, owner_id=1, audience_id=audience
    )
    session.add(playlist)
    session.flush()
    weeks = [{"playlist_id": playlist.id, "number": n, "title": f"Week {n}"} for n in range(1, 10)]
    _put(session, PlaylistWeek, weeks)
    steps = [
        Step(playlist_id=playlist.id, item_id=3 + 11 * n, position=n, due_day=1 + n // 2)
        for n in range(STEPS)
    ]
    session.add_all(steps)
    given = [
        Assignment(
            playlist_id=playlist.id,
            person_id=n + 1,
            starts_on=today - timedelta(days=n % 90),
            assigned_at=at,
        )
        for n in range(FOLLOWERS)
    ]
    session.add_all(given)
    session.flush()
    done = [
        {"assignment_id": each.id, "step_id": step.id, "done_at": at}
        for n, each in enumerate(given)
        for step in steps[: n % STEPS]
    ]
    _put(session, Progress, done)


def _signed_in(app: Flask) -> FlaskClient:
    with app.test_request_context(), app.extensions["foyer"].database.transaction() as session:
        person = session.get(Person, 1)
        token = auth.start_session(
            session, person, method="bench", user_agent="", lifetimes=lifetimes(), now=now()
        )
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


def _row(
    app: Flask, client: FlaskClient, name: str, address: str, floor: float, requests: int
) -> None:
    asked: list[int] = []

    def note(_app: Flask, **_rest: Any) -> None:
        asked.append(queries_so_far() if g else 0)

    with template_rendered.connected_to(note, app):
        answer = client.get(address, follow_redirects=True)
    if answer.status_code != 200:
        print(f"{name:30} answered {answer.status_code}")
        return
    ms = _median(client, address, requests)
    kilobytes = len(answer.data) / 1024
    print(f"{name:30}{ms:8.1f}{ms / floor:7.1f}x{asked[-1]:5}{kilobytes:7.0f}", flush=True)


def _median(client: FlaskClient, address: str, times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(address, follow_redirects=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
