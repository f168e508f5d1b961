"""Watches a session for what changes in the tables that curators and administrators keep.

It hears of rows that the session flushes and of UPDATE and DELETE statements on whole entities,
and says of each row which fields had which value before and after. Secrets are only "changed".
"""

import json
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.dml import Delete, Update
from sqlalchemy.sql.elements import KeyedColumnElement

from app.audit.content import line
from app.db import Base
from app.models import (
    Assignment,
    AssignmentRule,
    CareRule,
    ClusterDecision,
    GroupMember,
    Identity,
    IdentityProvider,
    Item,
    ItemCare,
    Person,
    PersonRole,
    Pin,
    Playlist,
    PlaylistWeek,
    PlaylistWithdrawal,
    ProblemReport,
    RankingChoice,
    RolePage,
    RoleSkill,
    ScimClient,
    ScimToken,
    Section,
    SigningKey,
    Step,
    Suggestion,
    SynonymGroup,
    Tool,
)

WATCHED: tuple[type[Base], ...] = (
    RolePage,
    RoleSkill,
    Section,
    Pin,
    Playlist,
    PlaylistWeek,
    Step,
    Suggestion,
    Assignment,
    AssignmentRule,
    PlaylistWithdrawal,
    Person,
    PersonRole,
    GroupMember,
    Identity,
    IdentityProvider,
    ScimClient,
    ScimToken,
    SigningKey,
    Tool,
    Item,
    ItemCare,
    CareRule,
    ProblemReport,
    ClusterDecision,
    SynonymGroup,
    RankingChoice,
)
MOST_ROWS = 20
_LONGEST = 200
_SILENT = frozenset({"created_at", "updated_at", "tended_at", "reasons", "urgency", "removed"})
_SECRET_ENDINGS = ("_hash", "_sealed")
_CHANGED = {"before": "…", "after": "changed"}
_UNKNOWN = "…"
Key = tuple[type[Base], tuple[Any, ...]]
Values = dict[str, Any]


class Changes:
    """What has changed in one session since it is watched."""

    def __init__(self, session: Session) -> None:
        """Begin to watch the session; it is watched as long as it lives."""
        self._session = session
        self._before: dict[Key, Values | None] = {}  # None for a row that was not there
        self._left_out = 0
        event.listen(session, "after_flush", self._flushed)
        event.listen(session, "do_orm_execute", self._executed)

    def told(self) -> list[dict[str, Any]]:
        """Return each changed row with what was done to it, field by field, and how many more."""
        self._session.flush()
        now = self._rows_now()
        found = [_told(key, before, now.get(key)) for key, before in self._before.items()]
        rows = [one for one in found if one]
        left_out = self._left_out + max(0, len(rows) - MOST_ROWS)
        more = [{"row": f"{left_out} more", "did": "changed", "fields": {}}] if left_out else []
        return rows[:MOST_ROWS] + more

    def _flushed(self, session: Session, _context: object) -> None:
        for row in (*session.new, *session.dirty, *session.deleted):
            if isinstance(row, WATCHED):
                mapper = inspect(type(row))
                key = (type(row), tuple(mapper.primary_key_from_instance(row)))
                self._remember(key, None if row in session.new else _values_before(row))

    def _executed(self, state: ORMExecuteState) -> None:
        """Read the rows that an UPDATE or DELETE is about to change.

        A statement that only locks says so itself, with the option `changes_nothing`.
        """
        statement, mapper = state.statement, state.bind_mapper
        if mapper is None or not isinstance(statement, Update | Delete):
            return
        if mapper.class_ not in WATCHED or state.execution_options.get("changes_nothing"):
            return
        wanted = select(mapper.local_table).limit(MOST_ROWS + 1)
        if statement.whereclause is not None:
            wanted = wanted.where(statement.whereclause)
        with state.session.no_autoflush:
            rows = state.session.execute(wanted).mappings().all()
        for row in rows:
            identity = tuple(row[column.name] for column in mapper.primary_key)
            self._remember((mapper.class_, identity), dict(row))

    def _remember(self, key: Key, before: Values | None) -> None:
        """Keep the oldest value that is known of each field."""
        if key not in self._before:
            if len(self._before) >= 2 * MOST_ROWS:
                self._left_out += 1
                return
            self._before[key] = before
        elif (known := self._before[key]) is not None:
            self._before[key] = (before or {}) | known

    def _rows_now(self) -> dict[Key, Values]:
        """Read what has become of the rows: one statement for each table."""
        found: dict[Key, Values] = {}
        for kind in dict.fromkeys(kind for kind, _ in self._before):
            mapper = inspect(kind)
            first = {identity[0] for of, identity in self._before if of is kind}
            wanted = select(mapper.local_table).where(mapper.primary_key[0].in_(first))
            for row in self._session.execute(wanted).mappings():
                identity = tuple(row[column.name] for column in mapper.primary_key)
                found[kind, identity] = dict(row)
        return found


def _values_before(row: Base) -> Values:
    """Return the values of a row's columns as they were before it was changed."""
    state = inspect(row)
    values: Values = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes():
            values[attribute.columns[0].name] = next(iter(history.deleted or ()), _UNKNOWN)
        elif history.unchanged:
            values[attribute.columns[0].name] = history.unchanged[0]
    return values


def _told(key: Key, before: Values | None, after: Values | None) -> dict[str, Any] | None:
    """Return what became of a row; None when it is as it was."""
    kind, identity = key
    did = "changed" if before and after else "removed" if before else "added"
    known = set(after or before or ()) if did != "changed" else set(before or ())
    fields = {}
    for column in inspect(kind).local_table.columns:
        old, new = (before or {}).get(column.name), (after or {}).get(column.name)
        if column.name in known and old != new and not _is_noise(column):
            pair = {"before": _short(old), "after": _short(new)}
            fields[column.name] = _CHANGED if _is_secret(column) else pair
    if not fields and (did == "changed" or before == after):
        return None
    return {"row": _named(kind, identity, after or before or {}), "did": did, "fields": fields}


def _is_noise(column: KeyedColumnElement[Any]) -> bool:
    return column.primary_key or column.name in _SILENT


def _is_secret(column: KeyedColumnElement[Any]) -> bool:
    return bool(column.info.get("secret")) or column.name.endswith(_SECRET_ENDINGS)


def _named(kind: type[Base], identity: tuple[Any, ...], values: Values) -> str:
    name = values.get("name") or values.get("title") or ""
    label = f"{kind.__tablename__.replace('_', ' ')} {'/'.join(map(str, identity))}"
    return line(f"{label} “{name}”" if name else label, _LONGEST)


def _short(value: Any) -> str:
    """Return a value in at most 200 letters."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return line(str(value), _LONGEST)
