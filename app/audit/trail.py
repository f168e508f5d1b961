"""Notes what a request did for the audit log, and writes it when the request ends.

Every change that a curator or an administrator makes is noted by itself, with the rows that
changed; views add what only they know. What was done commits with the request or not at all; what
was refused is kept even though the request is rolled back.
"""

import logging
from dataclasses import replace
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.access import Permission
from app.audit import service
from app.audit.changes import Changes
from app.audit.service import Event, Outcome
from app.models import Item, Person, Playlist, Section
from app.web.guard import ROUTES
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer_or_none

log = logging.getLogger(__name__)
_BY_ITSELF = frozenset({Permission.CURATE, Permission.ADMINISTER})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NAMED = {table.__tablename__: table for table in (Item, Person, Playlist, Section)}


def note(
    action: str,
    *,
    subject: str = "",
    outcome: Outcome = "done",
    actor: str = "",
    actor_id: int | None = None,
    **details: Any,
) -> None:
    """Note something for the audit log; without an `actor` it is the reader who did it.

    What is noted twice in one request, of the same subject or once without one, is one entry.
    """
    reader = None if actor else viewer_or_none()
    event = Event(
        action=action,
        outcome=outcome,
        subject=subject,
        actor=reader.name if reader else actor or "somebody not signed in",
        actor_id=reader.id if reader else actor_id,
        address=request.remote_addr or "",
        request_id=g.get("request_id", ""),
        details=details,
    )
    noted: list[Event] = g.setdefault("audit_events", [])
    for place, earlier in enumerate(noted):
        if _is_same(earlier, event):
            noted[place] = _merged(earlier, event)
            return
    noted.append(event)


def init_app(app: Flask) -> None:
    """Write the notes at the end of each request.

    Must be installed after the unit of work, which commits, and after the guard and whatever else
    answers in a view's place, so that only what a view did counts as done.
    """
    app.before_request(_watch)
    app.after_request(_write)


def _watch() -> None:
    """Watch what a curator's or an administrator's request changes."""
    permission = ROUTES.get(request.endpoint or "")
    if request.method not in _SAFE_METHODS and permission in _BY_ITSELF:
        g.audit_changes = Changes(db_session())


def _write(response: Response) -> Response:
    changes: Changes | None = g.pop("audit_changes", None)
    if response.status_code >= 400:
        _keep_refusals()
        return response
    try:
        if changes is not None:
            _note_by_itself(changes)
        if events := g.pop("audit_events", []):
            service.append(db_session(), events, now=clock.now())
    except SQLAlchemyError as error:
        db_session().rollback()
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _keep_refusals() -> None:
    """Write what was refused in a transaction of its own, since the request's is rolled back."""
    refused = [event for event in g.pop("audit_events", []) if event.outcome == "refused"]
    if not refused:
        return
    db_session().rollback()
    try:
        with resources().database.transaction() as own:
            service.append(own, refused, now=clock.now())
    except SQLAlchemyError:
        log.exception("a refusal could not be written into the audit log")


def _note_by_itself(changes: Changes) -> None:
    """Note the request with what it changed; what the view noted itself gets the changes too."""
    action = str(request.endpoint)
    told = changes.told()
    details: dict[str, Any] = {"rows": told} if told else {}
    noted: list[Event] = g.get("audit_events", [])
    own = [event for event in noted if event.outcome == "done"]
    same = next((event for event in own if event.action == action), None)
    found = same or next((event for event in own if _room(event.action) == _room(action)), None)
    if found is None:
        note(action, subject=_subject(), **details)
    else:
        given = {**found.details, **details}
        better = replace(found, subject=found.subject or _subject(), details=given)
        noted[noted.index(found)] = better


def _subject() -> str:
    """Name what the request's address is about: "page field-engineer", "pin 12"."""
    named = (_named(name, value) for name, value in (request.view_args or {}).items())
    return ", ".join(named)


def _named(argument: str, value: Any) -> str:
    """Return an argument in words, with the name of the row it stands for if there is one."""
    kind = argument.removesuffix("_id").removesuffix("slug").strip("_")
    table = _NAMED.get(kind)
    row = db_session().get(table, value) if table and isinstance(value, int) else None
    name = getattr(row, "name", None) or getattr(row, "title", None)
    text = f"{kind} {value}".strip()
    return f"{text} “{name}”" if name else text


def _room(action: str) -> str:
    return action.partition(".")[0]


def _is_same(earlier: Event, later: Event) -> bool:
    return (
        (earlier.action, earlier.outcome) == (later.action, later.outcome)
        and (earlier.actor_id == later.actor_id or later.actor_id is None)
        and (earlier.subject == later.subject or not (earlier.subject and later.subject))
    )


def _merged(earlier: Event, later: Event) -> Event:
    details = {**earlier.details, **later.details}
    return replace(earlier, subject=earlier.subject or later.subject, details=details)
