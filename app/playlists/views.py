"""Playlists and how far their reader is."""

from flask import Blueprint, flash, g, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.errors import NotFound
from app.playlists import contexts, queries, service
from app.web.forms import back_to
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("playlists", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "playlists"


@bp.get("")
def index() -> ResponseReturnValue:
    """List the reader's own playlists, then the others that they may follow."""
    me = viewer()
    plans = queries.plans(db_session(), me.id, tokens=me.tokens, today=today())
    return page("playlists/index.html", listing=contexts.listing(plans))


@bp.get("/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one playlist in weeks, with dates if the reader follows it."""
    me = viewer()
    plan = queries.plan_called(db_session(), slug, person_id=me.id, tokens=me.tokens, today=today())
    if plan is None:
        raise NotFound("There is no such playlist for you.")
    titles = queries.week_titles(db_session(), plan.playlist.id)
    return page("playlists/show.html", shown=contexts.plan_page(plan, titles, reader_id=me.id))


@bp.post("/<slug>/start")
def start(slug: str) -> ResponseReturnValue:
    """Let the reader follow a playlist from today on."""
    me = viewer()
    service.start(db_session(), me.id, slug, tokens=me.tokens, today=today(), now=clock.now())
    flash(_("It starts today. The dates are counted from here."))
    return back_to(url_for("playlists.show", slug=slug))


@bp.post("/<slug>/stop")
def stop(slug: str) -> ResponseReturnValue:
    """Let the reader leave a playlist that they started themselves."""
    service.stop(db_session(), viewer().id, slug, tokens=viewer().tokens)
    flash(_("You no longer follow this playlist. What you have done stays done."))
    return back_to(url_for("playlists.index"))
