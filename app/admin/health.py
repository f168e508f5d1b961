"""Whether this process lives, and whether it can serve: for load balancers and start scripts."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue

from app.web.unit_of_work import resources

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> ResponseReturnValue:
    """Answer that the process lives, without asking anything else."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer 200 when database, tables and search index can serve, else 503 and which cannot."""
    checks = {name: _passes(check) for name, check in resources().checks.items()}
    good = all(checks.values())
    return jsonify(ready=good, checks=checks), 200 if good else 503


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        current_app.logger.exception("a check of the portal failed")
        return False
