"""Playlists and how far their reader is."""

from datetime import date

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.errors import Invalid, NotFound
from app.playlists import contexts, doing, planning, queries, service, undoing
from app.playlists.planning import Days
from app.playlists.plans import Plan
from app.web.forms import back_to, page_of_the_form
from app.web.htmx import is_htmx, page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("playlists", __name__)
_STEP = "/<slug>/steps/<int(max=2147483647):step_id>"


@bp.before_request
def _mark() -> None:
    g.nav = "playlists"


def plan_or_404(slug: str) -> Plan:
    """Return the playlist as this reader sees it; raise NotFound when they may not."""
    me = viewer()
    plan = queries.plan_called(db_session(), slug, person_id=me.id, tokens=me.tokens, today=today())
    if plan is None:
        raise NotFound("There is no such playlist for you.")
    return plan


def own_plan_or_404(slug: str) -> Plan:
    """Return the playlist that this reader follows; raise NotFound when they do not."""
    plan = plan_or_404(slug)
    if plan.assignment is None:
        raise NotFound("You are not following such a playlist.")
    return plan


@bp.get("")
def index() -> ResponseReturnValue:
    """List the reader's own playlists, then the others that they may follow."""
    me = viewer()
    plans = queries.plans(db_session(), me.id, tokens=me.tokens, today=today())
    return page("playlists/index.html", listing=contexts.listing(plans))


@bp.get("/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one playlist in weeks, with dates if the reader follows it."""
    back = url_for("playlists.show", slug=slug)
    return _shown(slug, undoing.undo_in(request.args, back_to=back))


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


@bp.post(f"{_STEP}/done")
def done(slug: str, step_id: int) -> ResponseReturnValue:
    """Let the reader say that a step is done, where no tool can tell.

    The last one leads from any page to that of the playlist, which says what was reached.
    """
    plan = own_plan_or_404(slug)
    doing.mark_done(db_session(), viewer().id, plan, step_id, now=clock.now())
    if not is_htmx() and plan_or_404(slug).is_finished:
        return redirect(url_for("playlists.show", slug=slug), code=303)
    return _changed(slug, step_id)


@bp.post(f"{_STEP}/undone")
def undone(slug: str, step_id: int) -> ResponseReturnValue:
    """Let the reader take back that a step is done."""
    plan = own_plan_or_404(slug)
    doing.take_back(db_session(), viewer().id, plan, step_id, now=clock.now())
    return _changed(slug, step_id)


@bp.post(f"{_STEP}/move")
def move(slug: str, step_id: int) -> ResponseReturnValue:
    """Let the reader do a step on another day; `plan` is the day that the plan says."""
    to = None if request.form.get("day") == "plan" else _day()
    before = planning.replan(db_session(), own_plan_or_404(slug), step_id, to, now=clock.now())
    return _moved(slug, before)


@bp.post("/<slug>/catch-up")
def catch_up(slug: str) -> ResponseReturnValue:
    """Spread the reader's late steps over the coming working days."""
    before = planning.catch_up(db_session(), own_plan_or_404(slug), now=clock.now())
    return _moved(slug, before)


@bp.post("/<slug>/put-back")
def put_back(slug: str) -> ResponseReturnValue:
    """Put steps back on the days they had before they were moved."""
    days = undoing.read(request.form.getlist("was"))
    planning.put(db_session(), own_plan_or_404(slug), days, now=clock.now())
    if is_htmx():
        return _shown(slug)
    flash(_("The days are as they were."))
    return back_to(url_for("playlists.show", slug=slug))


def _shown(slug: str, undo: undoing.Undo | None = None) -> ResponseReturnValue:
    plan = plan_or_404(slug)
    titles = queries.week_titles(db_session(), plan.playlist.id)
    shown = contexts.plan_page(plan, titles, reader_id=viewer().id)
    return page("playlists/show.html", fragments=("plan",), shown=shown, undo=undo)


def _changed(slug: str, step_id: int) -> ResponseReturnValue:
    """Answer a form of one step: with the plan anew for htmx, else with the page it stood on."""
    if is_htmx():
        return _shown(slug)
    address = page_of_the_form(url_for("playlists.show", slug=slug))
    return redirect(f"{undoing.without_undo(address)}#step_{step_id}", code=303)


def _moved(slug: str, before: Days) -> ResponseReturnValue:
    """Answer the move of steps with the page they stood on, and the way back."""
    own = url_for("playlists.show", slug=slug)
    if is_htmx():
        return _shown(slug, undoing.undo(slug, before, back_to=own))
    return redirect(undoing.with_undo(page_of_the_form(own), slug, before), code=303)


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise Invalid({"day": _("Choose a day from today on, within a year.")}) from None
