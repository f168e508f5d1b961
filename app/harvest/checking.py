"""Tries a connection while an administrator waits: every capability, and a look at a few items."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
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
from app.harvest.fit import brief, is_id, name_of
from app.harvest.reaching import Parts, Reached, reached
from app.harvest.reading import understood
from app.harvest.turns import Turns
from app.models import Connection
from app.models.sentence import parts_of

PATIENCE = timedelta(seconds=25)
ONE_ANSWER = timedelta(seconds=8)
SAMPLE = 5
AT_ONCE = 2
_turns = Turns(AT_ONCE)


def check(parts: Parts, connection_id: int) -> list[Probe]:
    """Try the tool, keep what was found with the connection, and return the probes.

    At most 25 seconds, nothing is brought in. What goes wrong is a probe that failed, never an
    error. The network is asked outside of any transaction. Of one process two wait for tools at
    once, so that tools which hang leave threads to everybody else; a third is told so.
    """
    with _turns.one() as mine:
        if not mine:
            why = Wording("Other tools are being tried at this moment. Try again in a minute.")
            return [Probe(Wording("Connection"), ok=False, why=why)]
        return _checked(parts, connection_id)


def _checked(parts: Parts, connection_id: int) -> list[Probe]:
    with parts.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        session.expunge(connection)
    probes, sample = _tried(parts, connection)
    with parts.database.transaction() as session:
        row = session.get(Connection, connection_id)
        if row is not None:  # it may have been disconnected meanwhile
            row.checked_at = parts.now()
            row.probes = [_kept(probe) for probe in probes]
            row.sample = sample
    return probes


def _tried(parts: Parts, connection: Connection) -> tuple[list[Probe], list[object]]:
    probes: list[Probe] = []
    sample: list[object] = []
    what = Wording("Connection")
    try:
        with reached(parts, connection, Meter(stop=_deadline())) as tool:
            tool.http.client.timeout = httpx.Timeout(ONE_ANSWER.total_seconds())
            with understood(tool):
                probes += (_clean(tool, probe) for probe in tool.connector.check())
                if all(probe.ok or not probe.needed for probe in probes):
                    what = Wording("A look at its items")
                    sample += _sample(tool)
    except SourceError as error:
        probes.append(Probe(what, ok=False, why=error.sentence))
    return probes, sample


def _clean(tool: Reached, probe: Probe) -> Probe:
    return replace(probe, why=tool.cleaned(probe.why) if probe.why else None)


def _sample(tool: Reached) -> list[object]:
    """Return a few raw records, short, and without the secrets that a tool may write into them."""
    connector: Connector = tool.connector
    if not isinstance(connector, Harvests):
        return []
    found = (event for event in connector.pull(None, Mode.SWEEP) if isinstance(event, Upsert))
    return [
        {
            "external_id": one.external_id if is_id(one.external_id) else name_of(one.external_id),
            "raw": brief(one.raw, hide=tool.http.redacted),
        }
        for one in islice(found, SAMPLE)
    ]


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
        "what": _plain(parts_of(probe.what)),
        "ok": probe.ok,
        "why": _plain(parts_of(probe.why)),
        "needed": probe.needed,
    }


def _plain(parts: object) -> Any:
    """Return the parts of a sentence as JSON knows them: numbers, texts, lists and objects."""
    return json.loads(json.dumps(parts, default=str))
