"""How long a search takes while tools hang, drip, refuse or answer with garbage.

The tools are WordPress sites as far as their search goes, on loopback, in a process of their own.
The floor of the first results is the same page without any tool; the complete page is the one that
a reader without script gets, with every tool's answer in it. `closed` means that each request finds
the breakers as if nothing had failed before, which is the worst there is; else they are as they
come to stand.
"""

import json
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import delete

from app import clock, migrations
from app.auth import service as auth
from app.config import Config
from app.connectors.registry import connector_for
from app.db import Database
from app.factory import create_app
from app.harvest import service
from app.models import Breaker
from app.vault import Vault
from tests.support.factories import Factory
from tests.support.pages import PageClient

ITEMS, TIMES, TURNS, PER_TURN = 2000, 120, 6, 50
DAY = timedelta(days=1)
HANG_SECONDS, DRIP_SECONDS = 30.0, 0.1
WORDS = ("pump", "valve", "seal", "audit", "safety", "python", "budget", "team", "wiring", "noise")
FAULTS = ("hangs", "429", "garbage", "drips")


class Tool(BaseHTTPRequestHandler):
    """A site's search, well or as its port's fault has it."""

    faults: Mapping[int, str] = {}

    def do_GET(self) -> None:
        """Answer a search, or do what is wrong here."""
        fault = self.faults.get(self.server.server_address[1], "")
        if fault == "hangs":
            time.sleep(HANG_SECONDS)
            return
        body = b'{"half": [' if fault == "garbage" else self._found()
        self.send_response(429 if fault == "429" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "drips":
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                time.sleep(DRIP_SECONDS)
            return
        self.wfile.write(body)

    def _found(self) -> bytes:
        asked = parse_qs(urlsplit(self.path).query).get("search", [""])[0]
        port = self.server.server_address[1]
        rows = [
            {"id": port * 10 + n, "title": f"{asked} {n}", "url": f"http://127.0.0.1:{port}/?p={n}"}
            for n in range(3)
        ]
        return json.dumps(rows).encode()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def measure(work: Path, requests: int) -> Iterator[str]:
    """Give the figures of both settings."""
    first, floor = [], []
    faulty = ("", "", *FAULTS)
    with _portal(work / "none", ()) as plain, _portal(work / "six", faulty) as portal:
        for _ in range(TURNS):
            floor += plain.times("/discover", TIMES // TURNS)
            first += portal.times("/discover", TIMES // TURNS)
        whole = portal.times("/discover/live", TIMES // 2, closed=True)
        settled = portal.times("/discover/live", TIMES)
    ratio = statistics.median(first) / statistics.median(floor)
    yield f"page without tools: {_shown(floor)}"
    yield f"6 tools, 4 with a fault, first results: {_shown(first)}, {ratio:.2f}x"
    yield f"6 tools, 4 with a fault, complete page, breakers closed: {_shown(whole)}"
    yield f"6 tools, 4 with a fault, complete page, breakers as they stand: {_shown(settled)}"
    yield from _under_load(work, requests)


def _under_load(work: Path, requests: int) -> Iterator[str]:
    """Compare 8 good tools with 4 good ones, in turns, and look what is left of the others."""
    good: list[float] = []
    bad: list[float] = []
    half = ("", "", "", "", "hangs", "hangs", "drips", "garbage")
    with _portal(work / "good", ("",) * 8) as plain, _portal(work / "half", half) as portal:
        plain.times("/discover/live", TURNS)
        portal.times("/discover/live", TURNS)
        before = _held()
        for _ in range(requests // PER_TURN):
            good += plain.times("/discover/live", PER_TURN)
            bad += portal.times("/discover/live", PER_TURN)
        after = _grown(before)
    yield f"8 tools, {len(good)} complete pages: {_shown(good)}"
    yield f"8 tools, 4 with a fault, {len(bad)} complete pages: {_shown(bad)}; {after}"


class Portal:
    """A portal with tools, and a reader in it."""

    def __init__(self, client: PageClient, database: Database) -> None:
        """Keep who reads."""
        self._client, self._database, self._asked = client, database, 0

    def times(self, path: str, number: int, *, closed: bool = False) -> list[float]:
        """Ask so many questions, none of them twice; return the seconds that each page took."""
        took = []
        for _ in range(number):
            if closed:
                with self._database.transaction() as session:
                    session.execute(delete(Breaker))
            self._asked += 1
            words = f"{WORDS[self._asked % len(WORDS)]}+{self._asked}"
            began = time.perf_counter()
            answer = self._client.http.get(f"{path}?q={words}")
            took.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            answer.close()
        return took


@contextmanager
def _portal(folder: Path, faults: Sequence[str]) -> Iterator[Portal]:
    config = Config.from_env(
        {
            "FOYER_DATA_DIR": str(folder),
            "FOYER_SECRET_KEY": "bench",
            "FOYER_RATE_LIMITS": "0",
            "FOYER_LOG_LEVEL": "ERROR",
        }
    )
    database = Database(config.database_url)
    migrations.upgrade(database.engine)
    with _tools(faults) as ports:
        token = _filled(database, Vault(config.secret_key), ports)
        app = create_app(config)
        with app.extensions["foyer"].database.transaction() as session:
            app.extensions["foyer-index"].rebuild(session, lambda _count: None)
        client = PageClient(app)
        with client.http.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        found = Portal(client, database)
        found.times("/discover", 10)
        yield found
        app.extensions["foyer"].database.close()
        database.close()


def _filled(database: Database, vault: Vault, ports: Sequence[int]) -> str:
    """Make items, a reader and the connections; return what the reader's cookie carries."""
    now = clock.now()
    with database.transaction() as session:
        make = Factory(session)
        make.tool()
        for n in range(ITEMS):
            title = f"{WORDS[n % len(WORDS)]} {WORDS[n // 7 % len(WORDS)]} {n}"
            make.item(title, summary=f"What {title} is about, in a sentence.")
        person = make.person("Bench Reader")
        lifetimes = auth.Lifetimes(idle=DAY, longest=DAY)
        token = auth.start_session(
            session, person, method="test", user_agent="bench", lifetimes=lifetimes, now=now
        )
        kind = connector_for("wordpress")
        if kind is None:
            raise SystemExit("there is no connector for wordpress")
        for number, port in enumerate(ports):
            settings: dict[str, Any] = {"address": f"http://127.0.0.1:{port}"}
            made = service.connect(
                session, vault, kind, settings, name=f"Site {number}", private=True, now=now
            )
            made.enabled = True
    return str(token)


@contextmanager
def _tools(faults: Sequence[str]) -> Iterator[list[int]]:
    """Serve a tool for each fault in a process of its own; give their ports."""
    if not faults:
        yield []
        return
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(faults, theirs), daemon=True)
    process.start()
    yield ours.recv()
    process.terminate()
    process.join()


class Server(ThreadingHTTPServer):
    """Serves a tool; whoever hangs up on it is no news."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


def _serve(faults: Sequence[str], told: Any) -> None:
    servers = [Server(("127.0.0.1", 0), Tool) for _ in faults]
    ports = [one.server_address[1] for one in servers]
    Tool.faults = dict(zip(ports, faults, strict=True))
    for one in servers:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    told.send(ports)
    threading.Event().wait()


def _held() -> tuple[int, int]:
    """Count this process's threads and sockets, once questions under way have ended."""
    time.sleep(3)
    sockets = 0
    for open_file in Path("/proc/self/fd").iterdir():
        try:
            sockets += str(open_file.readlink()).startswith("socket:")
        except FileNotFoundError:
            continue
    return threading.active_count(), sockets


def _grown(before: tuple[int, int]) -> str:
    threads, sockets = _held()
    return f"threads {before[0]} then {threads}, sockets {before[1]} then {sockets}"


def _shown(took: Sequence[float]) -> str:
    ordered = sorted(one * 1000 for one in took)
    p50, p95 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95))
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {ordered[-1]:.0f} ms"
