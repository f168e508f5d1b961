"""The one blueprint of what readers tell curators, and of the queue in which they are answered."""

from flask import Blueprint, g, request

bp = Blueprint("governance", __name__)


@bp.before_request
def _mark() -> None:
    """Mark where the reader is: their own suggestions are a part of their library."""
    places = {"/curate": "curate", "/suggestions": "library"}
    found = (nav for start, nav in places.items() if request.path.startswith(start))
    g.nav = next(found, "discover")
