"""The contract between Foyer and a kind of tool: what a connector says of itself, and what it does.

A connector is a class in `app.connectors.tools` with a `spec`, made with its settings and the HTTP
client of the host. It implements the capability protocols of what its tool has, and no more::

    Connector        check                  every tool
    Harvests         pull, probe            its items become ours
    ReportsActivity  activity               what people did there
    Searches         search                 answers a question live
    Launches         link                   the address that opens an item, made without asking
    Posts            post                   says something in one of its channels
    AsksAsPerson     search_as, …           answers a person with their own token (`personal.py`)

It yields events and raises `SourceError`. The host owns everything else: connections, retries,
secrets, rows, schedules, mapping, clusters and the breaker. A connector never sees a table, never
sleeps, never reads the clock and never logs.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from app.connectors.mapping import Rule
from app.connectors.settings import ToolSettings
from app.errors import FoyerError, Wording

OVERLAP = timedelta(minutes=2)
SPENT = "#spent"


class Quadrant(StrEnum):
    """What a tool is for in the company's learning, as the ecosystem map draws it."""

    DELIVER = "deliver"
    CREATE = "create"
    ENGAGE = "engage"
    MEASURE = "measure"


class Proof(StrEnum):
    """What a connector has been tried against."""

    REAL = "real"
    DOCUMENTED = "documented"


class Mode(StrEnum):
    """What a pull reads: what changed since the cursor, or everything there is."""

    DELTA = "delta"
    SWEEP = "sweep"


class Presence(StrEnum):
    """Whether an item can be opened in its tool, as far as the tool tells."""

    LIVE = "live"
    MOVED = "moved"
    HIDDEN = "hidden"
    GONE = "gone"
    UNKNOWN = "unknown"


class LaunchKind(StrEnum):
    """How an item is opened."""

    URL = "url"
    LTI13 = "lti13"


class ErrorKind(StrEnum):
    """What kind of trouble a tool makes, which says what the host does about it."""

    CONFIG = "config"
    AUTH_EXPIRED = "auth_expired"
    AUTH_INVALID = "auth_invalid"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    TRANSIENT = "transient"
    SCHEMA = "schema"
    CURSOR_INVALID = "cursor_invalid"
    PARTIAL = "partial"


PASSING = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.TRANSIENT})


class SourceError(FoyerError):
    """A tool did not do what it was asked; `kind` says what that means, the sentence says it.

    `retry_after` is what the tool itself asked for, or None.
    """

    def __init__(
        self, kind: ErrorKind, sentence: Wording, *, retry_after: timedelta | None = None
    ) -> None:
        """Keep the kind, the sentence for the administrator, and how long to wait."""
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.retry_after = retry_after

    @property
    def passing(self) -> bool:
        """Tell whether the same request may well succeed later, without anybody's doing."""
        return self.kind in PASSING


@dataclass(frozen=True, slots=True)
class Upsert:
    """An item as the tool describes it: `raw` is JSON-like, with the tool's own names.

    `external_id` is stable in the tool. The mapping turns `raw` into the fields of an import.
    """

    external_id: str
    raw: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Delete:
    """The tool itself says that an item is gone, or hidden from readers."""

    external_id: str
    presence: Presence = Presence.GONE


@dataclass(frozen=True, slots=True)
class Fail:
    """One item, or a range of them, could not be read; the others were."""

    what: str
    error: SourceError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before this event is read; `cursor` goes on after it.

    `complete` ends a pull: everything there was to read has been yielded, and the cursor is where
    the next delta begins. No event follows it.
    """

    cursor: bytes
    complete: bool = False


class AccountKind(StrEnum):
    """By what a tool names people."""

    EMAIL = "email"
    USERNAME = "username"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Account:
    """A person as a tool names them; `home` is the homePage of an xAPI account, else empty."""

    kind: AccountKind
    name: str
    home: str = ""


@dataclass(frozen=True, slots=True)
class Did:
    """Something that a person did in the tool.

    `id` is the tool's own for the statement, stable. The item is named by its external id in this
    tool or, where the tool speaks about others' items, by its `address`. `verb` is `launched`,
    `completed`, `rated` or `spent`; `value` is the stars (1 to 5) of what was rated and the seconds
    of what was spent, else None. `progress` is a share from 0 to 1, or None. A statement that tells
    of time beside something else is two: the id of the one about the time ends in `SPENT`.
    """

    id: str
    account: Account
    verb: str
    at: datetime
    external_id: str = ""
    address: str = ""
    progress: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A statement that the tool takes back (xAPI: voided), by its id, with the time it told of."""

    id: str


Event = Upsert | Delete | Fail | Checkpoint | Did | Withdrawn


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether one thing that the connector claims works; `why` says what to do where it does not.

    `what` names it: "Sign-in", "Courses", "Hidden courses". A probe that is not `needed` warns.
    """

    what: Wording
    ok: bool
    why: Wording | None = None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a live search: enough to show and to recognise it, as text without markup."""

    external_id: str
    title: str
    url: str
    kind: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where an item opens: the web address and, beside it, one that starts the tool's app."""

    url: str
    app_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a connector can do; `per_user_trim` means: what it finds depends on who asks.

    `own_accounts` tells that people can have it asked with a token of their own.
    `tombstones` tells that a delta names what was deleted. Without `sweep` absence proves nothing
    and no item is ever taken away because it was not seen.
    """

    delta: bool = False
    sweep: bool = True
    tombstones: bool = False
    live_search: bool = False
    activity: bool = False
    per_user_trim: bool = False
    own_accounts: bool = False
    launches: frozenset[LaunchKind] = frozenset({LaunchKind.URL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What Foyer knows of a kind of tool before it is connected.

    `family` is the tool's kind for readers (lms, wiki, chat, …). `hosts` are hosts beside that of
    the address to which requests may go, with what they are told. `schemes` are the app schemes
    that its links may have beside https. `source` names what the wire format is built from: the
    version of the real server, or the vendor's documentation.
    """

    kind: str
    name: str
    summary: Wording
    family: str
    quadrants: tuple[Quadrant, ...]
    settings: type[ToolSettings]
    capabilities: Capabilities
    proof: Proof
    source: str
    mapping: tuple[Rule, ...] = ()
    hosts: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset()
    account_kinds: tuple[AccountKind, ...] = ()
    minutes_between: int = 60
    set_up: tuple[Wording, ...] = field(default=())


@runtime_checkable
class Connector(Protocol):
    """Every kind of tool: what it is, and whether it works with these settings."""

    spec: ClassVar[Spec]

    def check(self) -> Iterator[Probe]:
        """Try everything the connector claims; yield one probe each, and raise nothing."""


@runtime_checkable
class Harvests(Protocol):
    """A tool whose items are brought into the catalogue."""

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield what there is from the cursor on, checkpoints between, a complete one at the end.

        Without a cursor a pull begins anew. Raises SourceError; the host then goes on from the
        last checkpoint. A connector without `delta` is only asked for sweeps.
        """

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Return for each of these items whether it is there; UNKNOWN where the tool cannot say."""


@runtime_checkable
class ReportsActivity(Protocol):
    """A tool that tells what people did in it."""

    def activity(
        self, cursor: bytes | None, people: Collection[Account]
    ) -> Iterator[Did | Withdrawn | Fail | Checkpoint]:
        """Yield what people did since the cursor; `people` are those whom Foyer knows.

        A tool that is asked person by person asks for these; others tell of everybody.
        """


@runtime_checkable
class Searches(Protocol):
    """A tool that answers a question while a reader waits."""

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Return at most `limit` hits for the words, the tool's best first; raises SourceError."""


@runtime_checkable
class Launches(Protocol):
    """A tool whose items have addresses that can be made again from a stable id."""

    def link(self, external_id: str, stored: Link) -> Link:
        """Return where the item opens now; `stored` is what the last harvest kept."""


@runtime_checkable
class Posts(Protocol):
    """A tool in whose channels Foyer can say something."""

    def post(self, external_id: str, text: str, key: str) -> None:
        """Say a text in a channel; the same `key` twice is said once. Raises SourceError."""


def packed(**values: object) -> bytes:
    """Return a cursor that holds these JSON values."""
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def unpacked(cursor: bytes, *names: str, **kinds: type) -> dict[str, Any]:
    """Return what a cursor holds; raise SourceError(CURSOR_INVALID) unless all names are there.

    `kinds` are names with the kind of value that they must have: `unpacked(cursor, page=int)`.
    """
    try:
        values = json.loads(cursor)
    except (ValueError, RecursionError):
        values = None
    if not (
        isinstance(values, dict)
        and {*names, *kinds} <= set(values)
        and all(type(values[name]) is kind for name, kind in kinds.items())
    ):
        raise _unusable()
    return values


def text_in(values: Mapping[str, object], name: str) -> str:
    """Return a text of a cursor; raise SourceError(CURSOR_INVALID) for anything else."""
    found = values.get(name)
    if isinstance(found, str):
        return found
    raise _unusable()


def number_in(values: Mapping[str, object], name: str) -> int:
    """Return a number of a cursor, 0 or more; raise SourceError(CURSOR_INVALID) for all else."""
    found = values.get(name)
    if isinstance(found, int) and not isinstance(found, bool) and found >= 0:
        return found
    raise _unusable()


def _unusable() -> SourceError:
    return SourceError(
        ErrorKind.CURSOR_INVALID, Wording("What was kept of the last reading cannot be used.")
    )
