"""Server-side time and SQL statements of the pages, against rendering the same HTML alone.

    python bench/pages.py CATALOGUE_JSONL [--items 100000] [--requests 60]

builds a portal with the sample company and the given catalogue (multiplied to `--items` when that
is more), asks for each page as a sample person, and prints the ratio of its median time to the
floor: the same template with the same data already in hand, without database, search index,
recommender or session.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask, g, template_rendered  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402

from app.access import Permission  # noqa: E402
from app.auth import service as auth  # noqa: E402
from app.auth.login import lifetimes  # noqa: E402
from app.clock import now  # noqa: E402
from app.config import Config  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.models import Person  # noqa: E402
from app.web import guard  # noqa: E402
from app.web.unit_of_work import queries_so_far  # noqa: E402

PAGES = {
    "home": ("/", 5, 12),
    "search, no words": ("/discover", 4, 6),
    "search, two words": ("/discover?q=data+analysis", 4, 6),
    "search, filtered": ("/discover?q=python&kind=course&kind=video&level=beginner", 4, 6),
    "search, nothing found": ("/discover?q=xyzzyqwfp", None, None),
    "item": ("/items/{item}", None, 11),
    "role page": ("/role", None, None),
    "playlists": ("/playlists", None, None),
    "library": ("/library", None, None),
}


def main() -> None:
    """Build the portal and print a row for each page."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "FOYER_DATA_DIR": folder,
            "FOYER_DEMO": "1",
            "FOYER_LOG_LEVEL": "ERROR",
            "FOYER_RATE_LIMITS": "0",
        }
        _build(arguments, Path(folder), environ)
        app = create_app(Config.from_env(environ))
        client, item = _signed_in(app)
        print(f"{'page':24}{'ms':>8}{'floor ms':>10}{'ratio':>8}{'budget':>8}", end="")
        print(f"{'SQL':>5}{'budget':>8}{'KB':>7}")
        for name, (address, most, queries) in PAGES.items():
            _row(app, client, name, address.format(item=item), most, queries, arguments.requests)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--requests", type=int, default=60)
    return parser.parse_args()


def _build(arguments: argparse.Namespace, folder: Path, environ: dict[str, str]) -> None:
    items = folder / "items.jsonl"
    count = _multiplied(arguments.catalogue, items, arguments.items)
    print(f"{count} items and the sample company")
    for command in (
        ["migrate"],
        ["demo", "reset"],
        ["import", "items", str(items)],
        ["reindex"],
        ["train"],
    ):
        subprocess.run(
            [sys.executable, "-m", "app.cli", *command],
            cwd=ROOT,
            env=os.environ | environ,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _multiplied(source: Path, target: Path, wanted: int) -> int:
    """Write the catalogue's rows, and copies under other ids and titles until there are enough."""
    rows = [json.loads(line) for line in source.read_text().splitlines()]
    total = max(wanted, len(rows))
    with target.open("w") as file:
        for number in range(total):
            row = dict(rows[number % len(rows)])
            copy = number // len(rows)
            if copy:
                row |= {"id": f"{row['id']}#{copy}", "title": f"{row['title']} part {copy}"}
            file.write(json.dumps(row) + "\n")
    return total


def _signed_in(app: Flask) -> tuple[FlaskClient, int]:
    with app.test_request_context(), app.extensions["foyer"].database.transaction() as session:
        person = session.query(Person).filter(Person.access == "employee").first()
        token = auth.start_session(
            session, person, method="bench", user_agent="", lifetimes=lifetimes(), now=now()
        )
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client, 100


def _row(
    app: Flask,
    client: FlaskClient,
    name: str,
    address: str,
    most: float | None,
    queries: int | None,
    requests: int,
) -> None:
    rendered: list[tuple[Any, dict[str, Any]]] = []
    asked: list[int] = []

    def note(_app: Flask, template: Any, context: dict[str, Any], **_rest: Any) -> None:
        rendered.append((template, context))
        asked.append(queries_so_far() if g else 0)

    with template_rendered.connected_to(note, app):
        answer = client.get(address, follow_redirects=True)
        client.get(address, follow_redirects=True)
    if answer.status_code != 200:
        print(f"{name:24} answered {answer.status_code}")
        return
    page = _median(lambda: client.get(address), requests)
    floor = _floor(app, *rendered[-1], requests)
    budgets = (f"{most:.0f}x" if most else "-", str(queries or "-"))
    print(
        f"{name:24}{page:8.1f}{floor:10.1f}{page / floor:7.1f}x{budgets[0]:>8}"
        f"{asked[-1]:5}{budgets[1]:>8}{len(answer.data) / 1024:7.0f}"
    )


def _floor(app: Flask, template: Any, context: dict[str, Any], requests: int) -> float:
    app.view_functions["bare"] = lambda: template.render(context)
    if "bare" not in guard.ROUTES:
        guard.ROUTES["bare"] = Permission.PUBLIC
        app._got_first_request = False
        app.add_url_rule("/bare", "bare", app.view_functions["bare"])
    visitor = app.test_client()
    return _median(lambda: visitor.get("/bare"), requests)


def _median(work: Callable[[], Any], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
