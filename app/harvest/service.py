"""Writes of the administrator to connections: made, changed, switched, ended. None commits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.catalogue import clusters
from app.catalogue import service as catalogue
from app.catalogue.records import tool_slug
from app.connectors.base import Connector, Spec
from app.connectors.mapping import Rule
from app.connectors.settings import ToolSettings, read_settings, secret_names
from app.errors import Conflict, Invalid, Wording
from app.models import Connection, Cursor, Item, PersonalAccount, Status, Stream, Tool
from app.vault import Vault

_KEPT = "kept"
_PLACE = ("address", "tenant", "team", "accounts_client_id")
_PLACES = frozenset({"name", "position", "quadrants"})
_RHYTHM = frozenset(
    {"private", "minutes_between", "days_between_sweeps", "people_by", "people_domain"}
)


def connect(
    session: Session,
    vault: Vault,
    kind: type[Connector],
    values: Mapping[str, object],
    *,
    name: str,
    private: bool,
    tool: Tool | None = None,
    now: datetime,
) -> Connection:
    """Connect a tool, switched off: a new one by this name, or one whose items are there already.

    Raises Invalid naming each setting that is wrong, Conflict when the tool is connected already.
    """
    settings, secrets = _settled(vault, kind.spec, values, {})
    tool = tool or _new_tool(session, kind.spec, name, str(settings["address"]))
    if session.scalar(select(Connection.id).where(Connection.tool_id == tool.id)):
        raise Conflict("This tool is connected already.")
    found = Connection(
        tool_id=tool.id,
        kind=kind.spec.kind,
        settings=settings,
        secrets=secrets,
        private=private,
        minutes_between=kind.spec.minutes_between,
        people_by=kind.spec.account_kinds[0].value if kind.spec.account_kinds else "",
        created_at=now,
        tool=tool,
    )
    session.add(found)
    session.flush()
    return found


def resettle(
    session: Session,
    vault: Vault,
    connection: Connection,
    spec: Spec,
    values: Mapping[str, object],
) -> None:
    """Change the connector's settings; an empty secret stays as it is.

    The tool is read again soon. At another address nothing is known of what was read, and secrets
    that were kept are not sent to another host: they are asked for again. Nor are people's own
    tokens: their accounts are forgotten, as they are where another app is named for them. A run
    under way ends, for it reads what was meant before. Raises Invalid naming each wrong setting.
    """
    before = str(connection.settings.get("address", ""))
    place = _place_of_accounts(connection)
    same = _origin(str(values.get("address") or "")) == _origin(before)
    kept = connection.secrets if same else {}
    _ask_again(values, connection.secrets.keys() - kept.keys())
    settings, secrets = _settled(vault, spec, values, kept)
    connection.settings, connection.secrets = settings, secrets
    if _place_of_accounts(connection) != place:
        session.execute(
            delete(PersonalAccount).where(PersonalAccount.connection_id == connection.id)
        )
    if settings.get("address") != before:
        session.execute(delete(Cursor).where(Cursor.connection_id == connection.id))
        connection.swept_at = None
    _end_run(connection)
    connection.checked_at, connection.probes = None, []
    connection.next_run_at = None
    session.flush()


def replan(session: Session, connection: Connection, values: Mapping[str, object]) -> None:
    """Change when a tool is read, how it names people, and whether it stands in our network."""
    for name in _RHYTHM & values.keys():
        setattr(connection, name, values[name])
    session.flush()


def place(session: Session, tool: Tool, values: Mapping[str, object]) -> None:
    """Change a tool's name, its place among duplicates and on the map."""
    before = tool.position
    for name in _PLACES & values.keys():
        setattr(tool, name, values[name])
    session.flush()
    if tool.position != before:
        clusters.prefer_again(session, tool.id)


def remap(session: Session, connection: Connection, rules: Sequence[Rule] | None) -> None:
    """Read the tool's fields by these rules from now on, or by the connector's own.

    Everything is read again soon, for what is in the catalogue was read by the old ones. A run
    under way ends, lest it pass for that.
    """
    _end_run(connection)
    connection.mapping = None if rules is None else [rule.as_json() for rule in rules]
    connection.unknown_words = []
    connection.swept_at = None
    connection.next_run_at = None
    half_swept = Cursor.connection_id == connection.id, Cursor.stream == Stream.SWEEP.value
    session.execute(delete(Cursor).where(*half_swept))
    session.flush()


def switch(session: Session, connection: Connection, *, on: bool, now: datetime) -> None:
    """Read the tool by itself from now on, the first time at once; or let it rest."""
    connection.enabled = on
    connection.next_run_at = now if on else None
    if not on:
        _end_run(connection)
    session.flush()


def want_stop(session: Session, connection: Connection) -> None:
    """Ask the run under way to end after what it is reading now."""
    connection.stop_wanted = True
    session.flush()


def disconnect(session: Session, connection: Connection, *, keep_items: bool, now: datetime) -> int:
    """Forget how a tool is reached, its secrets and its runs; return how many items retire.

    What people did stays. Connected again, the items are recognised by the tool's own ids.
    """
    retired: list[int] = []
    if not keep_items:
        live = Item.tool_id == connection.tool_id, Item.status == Status.LIVE.value
        retired = list(session.scalars(select(Item.id).where(*live)))
        session.execute(
            update(Item).where(*live).values(status=Status.RETIRED.value, updated_at=now)
        )
        catalogue.queue_for_index(session, retired, now=now)
    session.execute(delete(Connection).where(Connection.id == connection.id))
    return len(retired)


def _place_of_accounts(connection: Connection) -> list[object]:
    """Return what people's own accounts in this tool hang on: where it is, and by which app."""
    return [connection.settings.get(name) or "" for name in _PLACE]


def _end_run(connection: Connection) -> None:
    connection.stop_wanted = connection.running_until is not None


def _settled(
    vault: Vault, spec: Spec, values: Mapping[str, object], sealed: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the plain settings, checked, and the secrets sealed; raise Invalid."""
    names = secret_names(spec.settings)
    typed = {name: str(values.get(name) or "").strip() for name in names}
    there = {name: text or (_KEPT if sealed.get(name) else "") for name, text in typed.items()}
    settings = read_settings(spec.settings, {**values, **there})
    _check_host(settings)
    plain = {
        name: getattr(settings, name) for name in settings.__dataclass_fields__ if name not in names
    }
    kept = {
        name: vault.seal(text) if text else sealed.get(name, "") for name, text in typed.items()
    }
    return plain, {name: text for name, text in kept.items() if text}


def _ask_again(values: Mapping[str, object], names: Iterable[str]) -> None:
    """Raise Invalid for secrets that were kept for another host and are not given anew."""
    missing = [name for name in sorted(names) if not str(values.get(name) or "").strip()]
    if missing:
        again = Wording("It was given for another host. Please give it again for this one.")
        raise Invalid(dict.fromkeys(missing, again))


def _origin(address: str) -> tuple[str, str | None, int | None]:
    """Return the scheme, host and port of an address; of one that is none, nothing."""
    try:
        parts = urlsplit(address.strip())
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return "", None, None


def _check_host(settings: ToolSettings) -> None:
    """Raise Invalid for an address without a host, or with a user name in it."""
    try:
        parts = urlsplit(settings.address)
        bad = not parts.hostname or "@" in parts.netloc or parts.port == 0
    except ValueError:
        bad = True
    if bad:
        raise Invalid({"address": Wording("An address has a host, and no user name in it.")})


def _new_tool(session: Session, spec: Spec, name: str, address: str) -> Tool:
    wanted = tool_slug(name)
    if not wanted:
        raise Invalid({"name": Wording("The name needs letters.")})
    taken = set(session.scalars(select(Tool.slug).where(Tool.slug.startswith(wanted[:70]))))
    slug = next(
        one
        for one in (wanted, *(f"{wanted[:70]}-{number}" for number in range(2, 1000)))
        if one not in taken
    )
    made = Tool(slug=slug, name=name, kind=spec.family, home_url=address)
    session.add(made)
    session.flush()
    return made
