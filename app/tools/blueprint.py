"""The one blueprint of the pages about connected tools."""

from flask import Blueprint, g, request

bp = Blueprint("tools", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "curate" if request.path.startswith("/curate") else "admin"
