"""What the pages about tools show, made ready: small facts in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from app.connectors.base import Connector, Harvests, LaunchKind, Proof, ReportsActivity, Spec
from app.connectors.registry import CONNECTORS, connector_for
from app.errors import Wording
from app.harvest import accounts, health
from app.harvest.health import Health
from app.models import Connection, Item, Tool
from app.tools import previews, queries
from app.tools.advice import NEEDS_SETTINGS, what_to_do
from app.tools.forms import INTERVALS, QUADRANTS, SWEEPS
from app.tools.previews import Sample
from app.tools.progress import Progress
from app.tools.runs import RunFacts, run_facts
from app.web.addresses import public_address
from app.web.errors import translated

_RUNS = 8
_URGENT = frozenset({"danger", "warn"})
_HELD = 20


@dataclass(frozen=True, slots=True)
class ListedTool:
    """One tool on the list."""

    slug: str
    name: str
    kind_name: str
    connected: bool
    running: bool
    state: Wording
    look: str
    icon: str
    error: str
    advice: str
    live: int
    retired: int
    last_ok_at: datetime | None
    next_run_at: datetime | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTool:
    """A tool's own page."""

    lead: str
    address: str
    harvests: bool = False
    reports: bool = False
    checked: bool = False
    tried: bool = False
    settled: bool = False
    probes: Sequence[Mapping[str, Any]] = ()
    sample: Sequence[Sample] = ()
    rhythm: str = ""
    progress: Progress | None = None
    reading: bool = False
    runs: Sequence[RunFacts] = ()
    held: int = 0
    held_items: Sequence[Item] = ()
    state: str = ""
    look: str = "plain"
    icon: str = ""
    error: str = ""
    advice: str = ""
    needs_settings: bool = False
    live: int = 0
    retired: int = 0
    hidden: int = 0
    last_ok_at: datetime | None = None
    next_run_at: datetime | None = None
    unknown_accounts: int = 0
    unknown_words: Sequence[Any] = ()
    abilities: Sequence[str] = ()
    proof: str = ""
    beside: Sequence[str] = ()


def listed(session: Session, *, now: datetime) -> list[ListedTool]:
    """Return every tool: those that need somebody first, then the connected, then the others."""
    states = {one.tool_id: one for one in health.of_all(session, now=now)}
    rows = [_listed(row, states.get(row.id)) for row in queries.tools(session)]
    return sorted(rows, key=lambda row: (not row.connected, row.look not in _URGENT))


def shelves() -> list[tuple[str, list[Spec]]]:
    """Return the kinds that can be connected, by the first quadrant of each."""
    return [
        (str(choice.label), sorted(found, key=lambda spec: translated(spec.name).casefold()))
        for choice in QUADRANTS
        if (found := [c.spec for c in CONNECTORS if c.spec.quadrants[0].value == choice.value])
    ]


def seen_tool(
    session: Session,
    tool: Tool,
    connection: Connection | None,
    *,
    waited_for: Progress | None = None,
    now: datetime,
) -> SeenTool:
    """Return what a tool's own page shows; `waited_for` is the reading that it begins with."""
    connector = connector_for(connection.kind) if connection else None
    if connection is None or connector is None:
        return SeenTool(lead=tool.description, address=tool.home_url or "")
    state = next(one for one in health.of_all(session, now=now) if one.id == connection.id)
    runs = [run_facts(one) for one in queries.runs(session, connection.id, _RUNS)]
    held, held_items = queries.held_items(session, tool.id, _HELD)
    return SeenTool(
        lead=translated(connector.spec.name),
        address=str(connection.settings.get("address", "")),
        harvests=issubclass(connector, Harvests),
        reports=issubclass(connector, ReportsActivity),
        checked=_is_checked(connection),
        tried=any(run.done for run in runs),
        settled=connection.enabled or state.last_ok_at is not None,
        probes=previews.probes(connection.probes),
        sample=previews.samples(connection, connector.spec)[:3],
        rhythm=_rhythm(connection),
        progress=waited_for,
        reading=state.running,
        runs=runs,
        held=held,
        held_items=held_items,
        **_state(state),
        advice=what_to_do(state.error_kind, enabled=state.enabled),
        needs_settings=state.error_kind in NEEDS_SETTINGS,
        unknown_accounts=accounts.how_many_wait(session, connection.id),
        unknown_words=connection.unknown_words or (),
        abilities=tuple(_abilities(connector)),
        proof=proof(connector.spec),
        beside=_BESIDE.get(connection.kind, ()),
    )


def redirect_address(spec: Spec) -> str:
    """Return the address to which the tool sends people back who connect their own accounts."""
    return public_address("mydata.callback") if spec.capabilities.own_accounts else ""


def proof(spec: Spec) -> str:
    """Return what a connector has been tried against, in words."""
    if spec.proof is Proof.REAL:
        return _("Tried against %(version)s.", version=translated(spec.source))
    return _("Built from documentation, not yet seen against the real service.")


_BESIDE: Mapping[str, tuple[str, ...]] = {"lti": ("tools/_lti.html",)}


def _listed(row: queries.ToolRow, state: Health | None) -> ListedTool:
    connector = connector_for(row.connector) if row.connector else None
    return ListedTool(
        slug=row.slug,
        name=row.name,
        kind_name=translated(connector.spec.name) if connector else _("Brought in from a file"),
        connected=connector is not None,
        running=bool(state and state.running),
        state=state.state if state else Wording("from a file"),
        look=state.look if state else "plain",
        icon=state.icon if state else "",
        error=state.error if state else "",
        advice=what_to_do(state.error_kind, enabled=state.enabled) if state else "",
        live=row.live,
        retired=row.retired,
        last_ok_at=state.last_ok_at if state else None,
        next_run_at=state.next_run_at if state else None,
        changed_at=row.changed_at,
    )


def _state(state: Health) -> dict[str, Any]:
    names = ("state", "look", "icon", "error", "live", "retired", "hidden")
    return {name: getattr(state, name) for name in (*names, "last_ok_at", "next_run_at")}


def _is_checked(connection: Connection) -> bool:
    probes = previews.probes(connection.probes)
    return bool(probes) and all(one["ok"] or not one["needed"] for one in probes)


def _rhythm(connection: Connection) -> str:
    minutes, days = connection.minutes_between, connection.days_between_sweeps
    changes = _offered(INTERVALS, minutes) or _("every %(num)s minutes", num=minutes)
    everything = _offered(SWEEPS, days) or _("every %(num)s days", num=days)
    return _(
        "Looks for changes: %(changes)s. Reads everything: %(everything)s.",
        changes=changes,
        everything=everything,
    )


def _offered(choices: Iterable[SelectChoice], value: int) -> str:
    """Return what a choice is called within a sentence; empty where it is not offered."""
    label = next((str(one.label) for one in choices if one.value == str(value)), "")
    return label[:1].lower() + label[1:]


def _abilities(connector: type[Connector]) -> Iterable[str]:
    can = connector.spec.capabilities
    if can.delta:
        yield _("Tells what has changed, so that reading is quick.")
    elif can.sweep:
        yield _("Is read as a whole each time: it does not tell what has changed.")
    if can.tombstones:
        yield _("Tells what was deleted.")
    elif can.sweep:
        yield _("What is gone is noticed when everything is read.")
    if can.activity:
        yield _("Tells what people finish there.")
    if can.live_search:
        yield _("Can be asked while somebody searches.")
    if can.per_user_trim:
        yield _("What it finds depends on who asks; only what everybody may see comes in.")
    if can.own_accounts:
        yield _("People can have it searched as themselves, with accounts of their own.")
    if LaunchKind.LTI13 in can.launches:
        yield _("Opens with LTI 1.3: people are signed in there as they arrive.")
