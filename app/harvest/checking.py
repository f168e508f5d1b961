"""Tries a connection while an administrator waits: every capability, and a look at a few items."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

import httpx

from app.connectors.base import (
    Connector,
    ErrorKind,
    Harvests,
    Mode,
    Probe,
    SourceError,
    Upsert,
)
from app.connectors.http import Meter
from app.errors import Wording
from app.harvest.reaching import Parts, reached
from app.harvest.reading import understood
from app.models import Connection
from app.models.sentence import parts_of

PATIENCE = timedelta(seconds=25)
ONE_ANSWER = timedelta(seconds=8)
SAMPLE = 5


def check(parts: Parts, connection_id: int) -> list[Probe]:
    """Try the tool, keep what was found with the connection, and return the probes.

    At most 25 seconds, nothing is brought in. What goes wrong is a probe that failed, never an
    error. The network is asked outside of any transaction.
    """
    with parts.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        session.expunge(connection)
    probes, sample = _tried(parts, connection)
    with parts.database.transaction() as session:
        row = session.get_one(Connection, connection_id)
        row.checked_at = parts.now()
        row.probes = _json([_kept(probe) for probe in probes])
        row.sample = _json([{"external_id": one.external_id, "raw": one.raw} for one in sample])
    return probes


def _tried(parts: Parts, connection: Connection) -> tuple[list[Probe], list[Upsert]]:
    probes: list[Probe] = []
    sample: list[Upsert] = []
    what = Wording("Connection")
    try:
        with reached(parts, connection, Meter(stop=_deadline())) as tool:
            tool.http.client.timeout = httpx.Timeout(ONE_ANSWER.total_seconds())
            with understood(tool):
                probes += tool.connector.check()
                if all(probe.ok or not probe.needed for probe in probes):
                    what = Wording("A look at its items")
                    sample += _sample(tool.connector)
    except SourceError as error:
        probes.append(Probe(what, ok=False, why=error.sentence))
    return probes, sample


def _sample(connector: Connector) -> list[Upsert]:
    if not isinstance(connector, Harvests):
        return []
    found = (event for event in connector.pull(None, Mode.SWEEP) if isinstance(event, Upsert))
    return list(islice(found, SAMPLE))


def _deadline() -> Callable[[], None]:
    ends_at = time.monotonic() + PATIENCE.total_seconds()

    def stop() -> None:
        if time.monotonic() > ends_at:
            raise SourceError(
                ErrorKind.PARTIAL, Wording("It takes too long to answer; try again later.")
            )

    return stop


def _kept(probe: Probe) -> dict[str, object]:
    return {
        "what": parts_of(probe.what),
        "ok": probe.ok,
        "why": parts_of(probe.why),
        "needed": probe.needed,
    }


def _json(value: object) -> Any:
    """Return the value as JSON knows it: numbers, texts, lists and objects."""
    return json.loads(json.dumps(value, default=str))
