"""The sign-in page, one-time links and signing out."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.auth import login, queries, service
from app.auth.ways import offered
from app.errors import NotFound
from app.web.htmx import page
from app.web.security import is_local_address
from app.web.unit_of_work import db_session
from app.web.viewer import viewer, viewer_or_none

bp = Blueprint("auth", __name__)


def wanted_address() -> str:
    """Return the address inside Foyer that this request wants to reach after signing in."""
    wanted = request.values.get("next", "")
    return wanted if is_local_address(wanted) else url_for("home.index")


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the ways to sign in; whoever is signed in already goes on to where they wanted."""
    if viewer_or_none():
        return redirect(wanted_address(), code=303)
    ways = [(way, way.context(db_session())) for way in offered()]
    return page("auth/sign_in.html", ways=ways, next=wanted_address())


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
def one_time_link(token: str) -> ResponseReturnValue:
    """Ask before using up a one-time link (GET), then sign its person in (POST)."""
    if request.method != "POST":
        if not queries.usable_link(db_session(), service.hashed(token), now=clock.now()):
            raise NotFound(_("This link has been used already or is too old."))
        return page("auth/one_time_link.html")
    login.sign_in(service.use_link(db_session(), token, now=clock.now()), "one-time link")
    return redirect(url_for("home.index"), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    login.sign_out(viewer())
    flash(_("You are signed out."))
    return redirect(url_for("auth.sign_in"), code=303)
