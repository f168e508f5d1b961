"""Flask-Login bound to our session rows: who reads now, and how a browser is signed in and out."""

import logging
from datetime import datetime, timedelta

from flask import Flask, g, request, session
from flask_login import LoginManager, login_user, logout_user
from sqlalchemy.exc import OperationalError

from app import clock
from app.access import Viewer
from app.audit import trail
from app.auth import service
from app.errors import NotFound
from app.models import Person
from app.web.unit_of_work import config, db_session, resources
from app.web.viewer import viewer_or_none

log = logging.getLogger(__name__)
manager = LoginManager()
_PATIENCE = timedelta(milliseconds=250)


def init_app(app: Flask) -> None:
    """Let Flask-Login read the reader from the session row that the cookie's token names."""
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(0)
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)
    app.teardown_appcontext(_keep_alive)


def lifetimes() -> service.Lifetimes:
    """Return how long sessions live here."""
    settings = config()
    return service.Lifetimes(
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_max_hours),
    )


def sign_in(person: Person, method: str, origin: service.Origin = service.HERE) -> None:
    """Sign the browser in under a new token; nothing of an earlier visit lives on."""
    now = clock.now()
    earlier = viewer_or_none()
    if earlier:
        service.end_session(db_session(), earlier.session_id)
    token = service.start_session(
        db_session(),
        person,
        method=method,
        user_agent=request.user_agent.string,
        lifetimes=lifetimes(),
        now=now,
        address=request.remote_addr or "",
        origin=origin,
    )
    _carry(service.viewer_of(db_session(), token, now=now))
    trail.note("auth.sign_in", method=method)


def prove(session_id: int, *, at: datetime) -> None:
    """Write down that this session's person showed who they are, and give it a new token."""
    token = service.prove(db_session(), session_id, at=at)
    _carry(service.viewer_of(db_session(), token, now=clock.now()))


def sign_out(reader: Viewer) -> None:
    """End the session row and forget the cookie."""
    service.end_session(db_session(), reader.session_id)
    logout_user()
    session.clear()


def _carry(reader: Viewer | None) -> None:
    """Let the browser carry the reader's new token, and nothing from before it."""
    if reader is None:
        raise NotFound("This person can no longer sign in.")
    session.clear()
    login_user(reader)


def _load(token: str) -> Viewer | None:
    reader = service.viewer_of(db_session(), token, now=clock.now())
    if reader and service.is_stale(reader, now=clock.now()):
        g.stale_reader = reader
    return reader


def _keep_alive(_error: BaseException | None) -> None:
    """Write that the reader was here, once the page is out; a busy database may refuse."""
    reader: Viewer | None = g.pop("stale_reader", None)
    if reader is None:
        return
    try:
        with resources().database.transaction(patience=_PATIENCE) as own:
            service.keep_alive(own, reader, lifetimes=lifetimes(), now=clock.now())
    except OperationalError:
        log.warning("a session could not be kept alive just now")
