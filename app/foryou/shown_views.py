"""Where a page tells that a shelf of recommendations was looked at."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app import clock
from app.foryou import shown
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer

bp = Blueprint("shown", __name__)


@bp.post("/shown")
def keep() -> ResponseReturnValue:
    """Keep what the form has sealed, where that may be; the answer is the same in any case."""
    told = request.form.get("slate", "")
    shown.keep(db_session(), resources().vault, viewer().id, told, now=clock.now())
    return Response(status=204)
