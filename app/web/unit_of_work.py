"""One database session per request: committed once if the answer is good, else rolled back."""

from collections.abc import Callable

from flask import Flask, Response, current_app, g
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.config import Config
from app.db import Database
from app.vault import Vault

_EXTENSION = "foyer"


class Resources:
    """What one running application holds: settings, database, vault, and what follows a commit."""

    def __init__(self, config: Config, database: Database) -> None:
        """Keep the parts; the factory fills `after_commit` and `checks`."""
        self.config = config
        self.database = database
        self.vault = Vault(config.secret_key)
        self.after_commit: list[Callable[[Session], None]] = []
        self.checks: dict[str, Callable[[], bool]] = {}


def resources() -> Resources:
    """Return what the current application holds."""
    found: Resources = current_app.extensions[_EXTENSION]
    return found


def config() -> Config:
    """Return the current application's settings."""
    return resources().config


def db_session() -> Session:
    """Return the session of this request, opening it at the first call."""
    if "db_session" not in g:
        g.db_session = resources().database.sessions()
    session: Session = g.db_session
    return session


def queries_so_far() -> int:
    """Return how many SQL statements this request has sent."""
    return int(g.get("queries", 0))


def init_app(app: Flask, parts: Resources) -> None:
    """Give the application its resources and the commit at the end of each request."""
    app.extensions[_EXTENSION] = parts
    event.listen(parts.database.engine, "before_cursor_execute", _count)
    app.after_request(_commit)
    app.teardown_appcontext(_close)


def _count(*_args: object) -> None:
    if g:
        g.queries = g.get("queries", 0) + 1


def _commit(response: Response) -> Response:
    session: Session | None = g.get("db_session")
    if session is None:
        return response
    if response.status_code >= 400:
        session.rollback()
        return response
    try:
        session.commit()
    except SQLAlchemyError as error:
        session.rollback()
        return current_app.make_response(current_app.handle_user_exception(error))
    for follow in resources().after_commit:
        follow(session)
    return response


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("db_session", None)
    if session is not None:
        session.close()
