"""The certificate of a finished playlist, to be printed, and the page that checks its number."""

from flask import Blueprint, current_app, g, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.errors import NotFound
from app.playlists import certificates
from app.playlists.certificate_contexts import certificate_page, check_line
from app.playlists.views import own_plan_or_404
from app.web.htmx import page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

bp = Blueprint("certificates", __name__)
_LONGEST = 60


@bp.before_request
def _mark() -> None:
    g.nav = "playlists"


@bp.get("/playlists/<slug>/certificate")
def show(slug: str) -> ResponseReturnValue:
    """Show the reader's certificate of a playlist that they have finished."""
    plan, me = own_plan_or_404(slug), viewer()
    home = clock.zone(me.time_zone, config().time_zone)
    found = plan.assignment and certificates.certificate_of(
        _key(), plan.assignment, plan.playlist, me.name, home
    )
    if not found:
        raise NotFound("The certificate is here as soon as you have finished the playlist.")
    address = config().base_url.rstrip("/") + url_for("certificates.check")
    shown = certificate_page(plan, found)
    return page("playlists/certificate.html", shown=shown, slug=slug, check_at=address)


@bp.get("/certificates")
def check() -> ResponseReturnValue:
    """Say whether a number stands on a certificate that Foyer gave, and on whose."""
    number = request.args.get("number", "").strip()[:_LONGEST]
    found = None
    if number:
        found = certificates.checked(
            db_session(), _key(), number, tokens=viewer().tokens, time_zone=config().time_zone
        )
    said = check_line(found) if found else ""
    return page("playlists/check.html", number=number, found=found, said=said)


def _key() -> str:
    return str(current_app.secret_key)
