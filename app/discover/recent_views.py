"""A reader's last searches: kept when results stood for a moment, shown, and deleted."""

from flask import Blueprint, Response, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.discover import remembering
from app.discover.address import Ask
from app.discover.contexts import address
from app.discover.suggest_contexts import kept_searches
from app.discover.suggest_queries import searches_of
from app.discover.views import finder
from app.people.queries import sharing_of
from app.web.htmx import is_htmx, page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer
from search.errors import IndexMissing

bp = Blueprint("recent", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "library"


@bp.get("/searches/recent")
def index() -> ResponseReturnValue:
    """Show the reader what they searched for last."""
    found = searches_of(db_session(), viewer().id, remembering.MOST_KEPT)
    _shares, keeps = sharing_of(db_session(), viewer().id)
    return page("discover/recent.html", searches=kept_searches(found), keeps=keeps)


@bp.post("/searches/recent")
def remember() -> ResponseReturnValue:
    """Keep that the reader searched for what the form says."""
    ask = Ask.of(request.form)
    try:
        results = finder().count(ask)
    except IndexMissing:
        current_app.logger.info("nothing was searched, since there is no index")
    else:
        remembering.remember(db_session(), viewer().id, ask, results, now=clock.now())
    return Response(status=204) if is_htmx() else redirect(address(ask), code=303)


@bp.post("/searches/recent/<int(max=2147483647):recent_id>/forget")
def forget(recent_id: int) -> ResponseReturnValue:
    """Delete one of the reader's searches."""
    remembering.forget(db_session(), viewer().id, recent_id)
    flash(_("The search is deleted."))
    return redirect(url_for("recent.index"), code=303)


@bp.post("/searches/recent/forget")
def forget_all() -> ResponseReturnValue:
    """Delete all of the reader's searches."""
    remembering.forget_all(db_session(), viewer().id)
    flash(_("All of your searches are deleted."))
    return redirect(url_for("recent.index"), code=303)
