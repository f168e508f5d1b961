"""The one blueprint of what readers tell curators, and of the queue in which they are answered."""

from flask import Blueprint, g, request

bp = Blueprint("governance", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "curate" if request.path.startswith("/curate") else "discover"
