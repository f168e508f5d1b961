"""Measures a harvest of each real server beside what the server itself can give.

    python bench/harvest.py [KIND …] [--items N]

Each server is started on loopback, as the tests start it, and filled with N items or what it has.
The named floor is the server's own: the very requests of the sweep, sent again one after another
and their answers read and dropped. The harvest is the whole way: asked, read, mapped, checked,
compared, written to SQLite with keys, clusters and the index's outbox. `unchanged` is a second
sweep, which writes no row of the catalogue. Needs `make test`'s servers (`make servers`).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from app import clock, migrations
from app.connectors.base import Did, Mode, ReportsActivity
from app.connectors.http import Http
from app.connectors.registry import connector_for
from app.db import Database
from app.harvest import service
from app.harvest.reaching import Parts, over_the_network, reached
from app.harvest.running import run
from app.models import Connection
from app.vault import Vault
from tests.support.servers.kolibri import Kolibri
from tests.support.servers.mediawiki import MediaWiki
from tests.support.servers.ralph import Ralph, statement
from tests.support.servers.synapse import Synapse
from tests.support.servers.wordpress import WordPress

Settings = dict[str, object]


def mediawiki(server: Any, count: int) -> Settings:
    """Write so many pages; return how the wiki is reached."""
    for number in range(count):
        server.write(f"Bench page {number}", f"What page {number} says, in a sentence or two.")
    return {"address": server.url, "user": server.bot_user, "password": server.bot_password}


def wordpress(server: Any, count: int) -> Settings:
    """Write so many posts; return how the site is reached."""
    for number in range(count):
        server.add(f"Bench post {number}", content=f"What post {number} says.")
    return {"address": server.url}


def kolibri(server: Any, count: int) -> Settings:
    """Add so many resources; return how the library is reached."""
    for number in range(count):
        server.add("Safety at work", "Machines", f"Bench resource {number}")
    return {"address": server.url, "user": server.user, "password": server.password}


def synapse(server: Any, _count: int) -> Settings:
    """Take the rooms that are there; return how they are reached."""
    return {"address": server.url, "token": server.token}


def ralph(server: Any, count: int) -> Settings:
    """Write so many statements; return how the store is reached."""
    server.write(
        [
            statement(n, "ada", "completed", f"bench-{n}", "2026-11-10T08:00:00.000Z")
            for n in range(count)
        ]
    )
    return {"address": server.url + "/xAPI", "user": server.user, "password": server.password}


SERVERS: dict[str, tuple[type, Callable[[Any, int], Settings]]] = {
    "kolibri": (Kolibri, kolibri),
    "lrs": (Ralph, ralph),
    "matrix": (Synapse, synapse),
    "mediawiki": (MediaWiki, mediawiki),
    "wordpress": (WordPress, wordpress),
}


def main() -> None:
    """Measure the servers that were asked for, or all."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("kinds", nargs="*", default=[])
    asked.add_argument("--items", type=int, default=300)
    options = asked.parse_args()
    for kind in options.kinds or SERVERS:
        server_class, fill = SERVERS[kind]
        with tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder:
            inside = Path(folder) / "server"
            inside.mkdir()
            with server_class(inside) as server:
                print(measured(kind, fill(server, options.items), Path(folder)))


def measured(kind: str, settings: Settings, folder: Path) -> str:
    """Return one line about a server: items a second, and the ratio to the floor."""
    sent: list[httpx.Request] = []
    with _connected(kind, settings, folder, sent) as (parts, connection_id):
        first, took = _timed(lambda: run(parts, connection_id, Mode.SWEEP))
        asked, sent_again = list(sent), _floor(sent)
        again, unchanged = _timed(lambda: run(parts, connection_id, Mode.SWEEP))
        told = _statements(parts, connection_id)
    if first.state != "done":
        return f"{kind}: {first.state}: {first.error}"
    items = first.counts.get("new", 0) or told
    return (
        f"{kind}: {items} items in {took:.2f} s ({items / took:.0f} a second), "
        f"{len(asked)} requests; the server alone {sent_again:.2f} s "
        f"({items / sent_again:.0f} a second): {took / sent_again:.2f}x. "
        f"Unchanged: {unchanged:.2f} s, {again.counts.get('changed', 0)} changed"
    )


@contextmanager
def _connected(
    kind: str, settings: Settings, folder: Path, sent: list[httpx.Request]
) -> Iterator[tuple[Parts, int]]:
    database, vault = Database(f"sqlite:///{folder / 'foyer.db'}"), Vault("bench")
    migrations.upgrade(database.engine)
    connector = connector_for(kind)
    if connector is None:
        raise SystemExit(f"there is no connector for {kind}")

    def noting(*args: Any) -> Http:
        http = over_the_network(*args)
        http.client.event_hooks["request"].append(sent.append)
        return http

    parts = Parts(database, vault, make_http=noting)
    with database.transaction() as session:
        made = service.connect(
            session, vault, connector, settings, name=kind, private=True, now=clock.now()
        )
        made.people_by = made.people_by if kind == "lrs" else ""
        connection_id = made.id
    try:
        yield parts, connection_id
    finally:
        database.close()


def _statements(parts: Parts, connection_id: int) -> int:
    """Return how many statements about people the tool tells, where it tells any."""
    with parts.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        session.expunge(connection)
    with reached(parts, connection) as tool:
        if not isinstance(tool.connector, ReportsActivity):
            return 0
        return sum(isinstance(event, Did) for event in tool.connector.activity(None, ()))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def _floor(sent: list[httpx.Request]) -> float:
    """Send the same requests again, one after another, and drop what they answer."""
    with httpx.Client(trust_env=False, timeout=60) as plain:
        began = time.perf_counter()
        for one in sent:
            headers = {k: v for k, v in one.headers.items() if k not in {"host", "content-length"}}
            plain.request(one.method, one.url, headers=headers, content=one.content).read()
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
