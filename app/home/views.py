"""The first page, made for its reader, and why it shows what it shows."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app import clock
from app.home import contexts
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("home", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "home"


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show where the reader left off, what may be for them, and what their curators pinned."""
    shown = contexts.home_page(db_session(), viewer(), now=clock.now(), today=today())
    return page("home/index.html", fragments=("for_you",), shown=shown)


@bp.get("/why")
def why() -> ResponseReturnValue:
    """Explain in plain words what the recommendations draw on."""
    shown = contexts.why_page(db_session(), viewer(), now=clock.now(), today=today())
    return page("home/why.html", shown=shown)
