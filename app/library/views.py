"""What a reader has saved, done and dismissed."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.library import contexts, queries
from app.web.htmx import page
from app.web.paging import Paging, page_number
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("library", __name__)
SAVED_SIZE = 24
DONE_SIZE = 30
DISMISSED_SIZE = 100


@bp.before_request
def _mark() -> None:
    g.nav = "library"


@bp.get("")
def index() -> ResponseReturnValue:
    """Show what the reader has saved."""
    me, paging = viewer(), Paging(page_number(), SAVED_SIZE, 0)
    kept = queries.saved(
        db_session(), me.id, tokens=me.tokens, offset=paging.offset, limit=paging.size
    )
    shown = contexts.listing(kept, paging)
    return page("library/index.html", fragments=("results",), saved=shown)


@bp.get("/history")
def history() -> ResponseReturnValue:
    """Show what the reader has done, and what they do not want to be shown."""
    me, paging = viewer(), Paging(page_number(), DONE_SIZE, 0)
    done = queries.done(
        db_session(), me.id, tokens=me.tokens, offset=paging.offset, limit=paging.size
    )
    dismissed = queries.dismissed(
        db_session(), me.id, tokens=me.tokens, offset=0, limit=DISMISSED_SIZE
    )
    return page(
        "library/history.html",
        fragments=("results",),
        done=contexts.listing(done, paging),
        dismissed=dismissed,
    )
