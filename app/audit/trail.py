"""Notes what a request did for the audit log, and writes it when the request ends.

What was done commits with the request or not at all; what was refused is kept even though the
request is rolled back.
"""

from typing import Any

from flask import Flask, Response, g, request

from app import clock
from app.audit import service
from app.audit.service import Event, Outcome
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer_or_none


def note(
    action: str,
    *,
    subject: str = "",
    outcome: Outcome = "done",
    actor: str = "",
    actor_id: int | None = None,
    **details: Any,
) -> None:
    """Note something for the audit log; without an `actor` it is the reader who did it."""
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
    g.setdefault("audit_events", []).append(event)


def init_app(app: Flask) -> None:
    """Write the notes at the end of each request; must be installed after the unit of work."""
    app.after_request(_write)


def _write(response: Response) -> Response:
    events: list[Event] = g.pop("audit_events", [])
    if response.status_code < 400:
        if events:
            service.append(db_session(), events, now=clock.now())
        return response
    refused = [event for event in events if event.outcome == "refused"]
    if refused:
        db_session().rollback()
        with resources().database.transaction() as own:
            service.append(own, refused, now=clock.now())
    return response
