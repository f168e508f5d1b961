"""The one blueprint of the pages about connected tools."""

from flask import Blueprint, g

bp = Blueprint("tools", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "admin"
