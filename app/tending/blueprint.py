"""The one blueprint of the pages on which search and recommendations are tended."""

from flask import Blueprint, g, request

bp = Blueprint("tending", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "curate" if request.path.startswith("/curate") else "admin"
