"""Time and SQL statements of the pages of curators, in a portal that is as large as they get.

    python bench/curating.py [--items 100000] [--pins 500] [--requests 15] [--only playlist]
        [--folder FOLDER]

makes a portal (`bench/curating_data.py`) of made-up items, people and activity, a role page with
that many pins, published and as a draft, a playlist of a hundred steps that five hundred people
follow, care and a checked link for every item, and asks for each page as an administrator, who may
see all of them and follows the playlist. Beside the median by the clock stands that of this
process's own work, which says more on a machine that does much else; the ratio is of own work. The
floor is the page that needs nothing of the database beside the reader: `/notices/choices`. With a
folder the portal stays there, and is taken as it is the next time.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402
from sqlalchemy import event, select  # noqa: E402

from app import migrations  # noqa: E402
from app.auth import service as auth  # noqa: E402
from app.auth.login import lifetimes  # noqa: E402
from app.clock import now  # noqa: E402
from app.config import Config  # noqa: E402
from app.db import Database  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.models import Person, Pin, RolePage, Section  # noqa: E402
from app.playlists import feeds  # noqa: E402
from bench.curating_data import fill  # noqa: E402

FLOOR = "/notices/choices"
PAGES = {
    "overview": "/curate",
    "role page, to edit": "/curate/roles/role-0",
    "role page, preview": "/curate/roles/role-0/preview",
    "role page, history": "/curate/roles/role-0/history",
    "role page, one version": "/curate/roles/role-0/history/5",
    "role page, publish": "/curate/roles/role-0/publish",
    "role page, its curators": "/curate/roles/role-0/curators",
    "role page, suggestions": "/curate/roles/role-0/suggestions",
    "pin, settings": "/curate/pins/{pin}/settings",
    "item, edit": "/curate/items/5",
    "item, care": "/curate/items/5/care",
    "item, retire": "/curate/items/8/retire",
    "item, its link": "/curate/links/5",
    "pin something": "/curate/pin",
    "pin an item": "/curate/pin?item=5",
    "readers": "/curate/readers",
    "review": "/curate/review",
    "review, everybody's": "/curate/review?whose=all",
    "review, due": "/curate/review?whose=all&reason=due",
    "review, a tool": "/curate/review?whose=all&tool=tool-3",
    "review, page 20": "/curate/review?whose=all&page=20",
    "care, rules": "/curate/care/rules",
    "tools, report": "/curate/tools/report",
    "tool, report": "/curate/tools/tool-3/report",
    "tools, health": "/curate/tools",
    "links": "/curate/links",
    "links, gone": "/curate/links?state=gone",
    "links, live, a tool": "/curate/links?state=live&tool=tool-3",
    "duplicates": "/curate/duplicates",
    "playlists": "/curate/playlists",
    "playlist": "/curate/playlists/welcome",
    "playlist, draft": "/curate/playlists/welcome/draft",
    "playlist, search titles": "/curate/playlists/welcome/draft/items?q=item+skill+17",
    "playlist, a step": "/curate/playlists/welcome/draft/steps/step-50",
    "playlist, publish": "/curate/playlists/welcome/draft/publish",
    "playlist, a version": "/curate/playlists/welcome/versions/5",
    "playlist, who gets it": "/curate/playlists/welcome/people",
    "playlist, new rule": "/curate/playlists/welcome/rules/new",
    "playlist, cohort": "/curate/playlists/welcome/cohort",
    "administration": "/admin",
    "audit log": "/admin/audit",
    "reader: home": "/",
    "reader: role page": "/roles/role-0",
    "reader: playlists": "/playlists",
    "reader: playlist": "/playlists/welcome",
    "reader: calendar": "/calendar/{calendar}.ics",
    "reader: notices": "/notices",
}


def main() -> None:
    """Make the portal and print a row for each page."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "FOYER_DATA_DIR": wanted.folder or folder,
            "FOYER_LOG_LEVEL": "ERROR",
            "FOYER_RATE_LIMITS": "0",
        }
        app = create_app(Config.from_env(environ))
        database = app.extensions["foyer"].database
        migrations.upgrade(database.engine)
        with database.sessions() as session:
            is_new = session.get(Person, 1) is None
        if is_new:
            fill(database, wanted.items, wanted.pins)
        places = _places(database)
        client, sent = _signed_in(app), _Sent(database)
        floor = _medians(client, FLOOR, 2 * wanted.requests)
        size = f"{wanted.items:,} items, {wanted.pins} pins"
        print(f"{size}; floor {floor[0]:.1f} ms, own work {floor[1]:.1f} ms")
        print(f"{'page':28}{'ms':>8}{'own ms':>8}{'ratio':>8}{'SQL':>5}{'KB':>7}")
        for name, address in PAGES.items():
            if wanted.only in name:
                _row(client, sent, name, address.format(**places), floor[1], wanted.requests)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pins", type=int, default=500)
    parser.add_argument("--requests", type=int, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", default="")
    return parser.parse_args()


class _Sent:
    """Counts the statements that are sent to a database."""

    def __init__(self, database: Database) -> None:
        """Begin to count."""
        self.count = 0
        event.listen(database.engine, "before_cursor_execute", self._add)

    def _add(self, *_rest: object) -> None:
        self.count += 1


def _places(database: Database) -> dict[str, str]:
    """Return what addresses name that only this portal has: a pin of the draft, a calendar."""
    with database.transaction() as session:
        pin = session.scalar(
            select(Pin.id).join(Section).join(RolePage).where(~RolePage.published).limit(1)
        )
        return {"pin": str(pin), "calendar": feeds.make(session, 1, now=now())}


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
    client: FlaskClient, sent: _Sent, name: str, address: str, floor: float, requests: int
) -> None:
    client.get(address)
    before = sent.count
    answer = client.get(address)
    if answer.status_code != 200:
        print(f"{name:28} answered {answer.status_code} {answer.headers.get('Location', '')}")
        return
    count = sent.count - before
    ms, own = _medians(client, address, requests)
    kilobytes = len(answer.data) / 1024
    print(f"{name:28}{ms:8.1f}{own:8.1f}{own / floor:7.1f}x{count:5}{kilobytes:7.0f}", flush=True)


def _medians(client: FlaskClient, address: str, times: int) -> tuple[float, float]:
    """Return the median milliseconds by the clock and of this process's own work."""
    taken = []
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        client.get(address)
        taken.append((time.perf_counter() - began, time.process_time() - worked))
    by_clock, own = zip(*taken, strict=True)
    return statistics.median(by_clock) * 1000, statistics.median(own) * 1000


if __name__ == "__main__":
    main()
