"""Asks the tools themselves for their items, which know better than any address.

Only tools that answer for single items are asked. A feed or a file lists what is elsewhere, so that
being listed there says nothing of a link. What a tool cannot say is asked of the address; but where
the tool refuses to answer at all, an address that answers 404 may only be hidden, so nothing is
concluded from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.connectors.base import Harvests, LaunchKind, Presence, SourceError
from app.connectors.http import Meter
from app.errors import Wording
from app.harvest import breakers, reaching
from app.harvest.reading import understood
from app.links.answers import Found
from app.links.pace import Pace, host_of
from app.links.states import Finding
from app.models import Connection

AT_ONCE = 50
NOT_BY_ADDRESS = Wording("Only a launch of the tool opens it, which Foyer does not try.")
_LISTS_OTHERS = frozenset({"drop", "feed"})
_FINDINGS: Mapping[Presence, tuple[Finding, Wording]] = {
    Presence.LIVE: (Finding.LIVE, Wording("The tool says that it is there.")),
    Presence.MOVED: (Finding.MOVED, Wording("The tool says that it has moved.")),
    Presence.HIDDEN: (Finding.HIDDEN, Wording("The tool says that readers may not open it.")),
    Presence.GONE: (Finding.MISSING, Wording("The tool says that it is not there.")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool says of its items, by external id; what it cannot say is missing.

    With `trouble` it did not answer, and nothing is known; `passing` says that it may answer
    later. `by_address` says whether what is not known may be asked of the addresses.
    """

    found: Mapping[str, Found]
    trouble: SourceError | None = None
    by_address: bool = True


def asks_tools(parts: reaching.Parts, connection: Connection | None) -> bool:
    """Tell whether a tool that is connected so answers for single items."""
    kind = parts.connector_for(connection.kind) if connection else None
    return kind is not None and issubclass(kind, Harvests) and kind.spec.kind not in _LISTS_OTHERS


def opens_by_address(parts: reaching.Parts, connection: Connection | None) -> bool:
    """Tell whether the items of a tool open by an address that can be asked for."""
    kind = parts.connector_for(connection.kind) if connection else None
    return kind is None or LaunchKind.URL in kind.spec.capabilities.launches


def asked(
    parts: reaching.Parts,
    connection: Connection,
    external_ids: Sequence[str],
    pace: Pace,
    ending: Callable[[], None],
) -> Told:
    """Ask a tool for some of its items, at the pace of its host; raise HostRests while it rests."""
    turns = _Turns(pace, host_of(str(connection.settings.get("address", ""))), ending)
    if not _may_ask(parts, connection.id):
        return Told({}, by_address=False)
    try:
        with reaching.reached(parts, connection, Meter(stop=turns.next)) as tool:
            if not isinstance(tool.connector, Harvests):
                return Told({})
            with understood(tool):
                presences = tool.connector.probe(external_ids)
    except SourceError as error:
        _note(parts, connection.id, failed=error.passing)
        return Told({}, trouble=error, by_address=False)
    finally:
        turns.end()
    _note(parts, connection.id, failed=False)
    return Told({one: _found(presence) for one, presence in presences.items() if _knows(presence)})


def _knows(presence: Presence) -> bool:
    return presence in _FINDINGS


def _found(presence: Presence) -> Found:
    finding, said = _FINDINGS[presence]
    return Found(finding=finding, said=said)


def _may_ask(parts: reaching.Parts, connection_id: int) -> bool:
    with parts.database.transaction() as session:
        return breakers.may_ask(session, connection_id, now=parts.now())


def _note(parts: reaching.Parts, connection_id: int, *, failed: bool) -> None:
    with parts.database.transaction() as session:
        if failed:
            breakers.failed(session, connection_id, now=parts.now())
        else:
            breakers.succeeded(session, connection_id)


class _Turns:
    """Takes a turn at the tool's host before each request, and gives the one before it back."""

    def __init__(self, pace: Pace, host: str, ending: Callable[[], None]) -> None:
        self._pace, self._host, self._ending = pace, host, ending
        self._holds = False

    def next(self) -> None:
        self._ending()
        self.end()
        self._pace.take(self._host)
        self._holds = True

    def end(self) -> None:
        if self._holds:
            self._pace.give_back(self._host, troubled=False)
            self._holds = False
