"""Whether this process lives, and whether it can serve: for load balancers and start scripts."""

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.web.unit_of_work import db_session

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> ResponseReturnValue:
    """Answer that the process lives, without asking anything else."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer 200 when database and search index can serve, else 503 and which cannot."""
    checks = {
        "database": _database_answers(),
        "index": current_app.extensions["foyer-index"].ready(),
    }
    good = all(checks.values())
    return jsonify(ready=good, checks=checks), 200 if good else 503


def _database_answers() -> bool:
    try:
        db_session().execute(text("SELECT 1 FROM person LIMIT 1"))
    except Exception:
        current_app.logger.exception("the database does not answer")
        return False
    return True
