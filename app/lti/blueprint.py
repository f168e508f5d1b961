"""The one blueprint of LTI: launches, picking items in a tool, and what administrators need."""

from flask import Blueprint, g, request

bp = Blueprint("lti", __name__)


@bp.before_request
def _mark() -> None:
    area = request.path.split("/")[1]
    g.nav = {"curate": "curate", "admin": "admin"}.get(area, "")
