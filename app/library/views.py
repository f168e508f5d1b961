"""What a reader has saved, done and dismissed, and the searches that they keep."""

from urllib.parse import parse_qsl

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import clock
from app.discover.address import LONGEST_TEXT, Ask
from app.discover.views import search_index
from app.library import contexts, queries, searches
from app.web.forms import back_to
from app.web.htmx import fragment, is_htmx, page
from app.web.i18n import today
from app.web.paging import Paging, page_number
from app.web.unit_of_work import db_session
from app.web.viewer import viewer
from search.errors import IndexMissing

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
        db_session(),
        me.id,
        tokens=me.tokens,
        today=today(),
        offset=paging.offset,
        limit=paging.size,
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


@bp.get("/searches")
def kept_searches() -> ResponseReturnValue:
    """Show the searches that the reader keeps, and what is new in each."""
    me, session = viewer(), db_session()
    mine = searches.saved_by(session, me.id)
    cards = searches.fresh_cards(session, mine, person_id=me.id, tokens=me.tokens)
    return page("library/searches.html", rows=contexts.kept_searches(mine, cards))


@bp.post("/searches")
def keep_search() -> ResponseReturnValue:
    """Keep the search that the form holds, under its name."""
    asked = request.form.get("asked", "")[: 20 * LONGEST_TEXT]
    ask = Ask.of(MultiDict(parse_qsl(asked)))
    name = request.form.get("name", "")
    searches.keep(db_session(), viewer().id, ask, name=name, now=clock.now())
    if is_htmx():
        return fragment("library/_kept.html")
    return redirect(url_for("library.kept_searches"), code=303)


@bp.post("/searches/<int(max=2147483647):search_id>/delete")
def forget_search(search_id: int) -> ResponseReturnValue:
    """Delete one of the reader's searches."""
    searches.forget(db_session(), viewer().id, search_id)
    return back_to(url_for("library.kept_searches"))


@bp.post("/searches/refresh")
def refresh_searches() -> ResponseReturnValue:
    """Look for what is new now, instead of waiting for the next digest."""
    me, session = viewer(), db_session()
    try:
        searches.refresh(session, search_index(), searches.saved_by(session, me.id), me.tokens)
    except IndexMissing as missing:
        current_app.logger.error("no digest without an index: %s", missing.reason)
    return back_to(url_for("library.kept_searches"))


@bp.post("/searches/seen")
def see_searches() -> ResponseReturnValue:
    """Note that the reader has seen what is new."""
    searches.look(db_session(), viewer().id, now=clock.now())
    return back_to(url_for("library.kept_searches"))
