"""The relying party over HTTP: leaving for an OpenID provider, coming back, signing out."""

import secrets
from contextlib import suppress

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.audit import trail
from app.auth import arrivals, departures, queries
from app.errors import NotFound, Unavailable, Untrusted
from app.models import IdentityProvider, PendingSignIn, Protocol, Purpose
from app.oidc import logout
from app.oidc.leave import send_away
from app.oidc.renewal import Renewal
from app.oidc.returns import Declined, read_arrival, take_back
from app.oidc.wire import Wire
from app.vault import CannotOpenError
from app.web.addresses import public_address
from app.web.htmx import page
from app.web.security import is_local_address
from app.web.unit_of_work import config, db_session, resources
from app.web.viewer import viewer_or_none

bp = Blueprint("oidc", __name__)
_TOLD = "auth.backchannel_logout"


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/<slug>/start")
def start(slug: str) -> ResponseReturnValue:
    """Send the browser to the provider; with `prove`, a reader shows again who they are."""
    provider = _named(slug)
    if not provider.enabled:
        raise NotFound
    wanted = request.args.get("next", "")
    reader = viewer_or_none() if "prove" in request.args else None
    return send_away(
        provider,
        purpose=Purpose.STEP_UP if reader else Purpose.SIGN_IN,
        next_url=wanted if is_local_address(wanted) else url_for("home.index"),
        person_id=reader.id if reader else None,
    )


@bp.get("/<slug>/callback")
def callback(slug: str) -> ResponseReturnValue:
    """Let in whom the provider sends back, or say why not."""
    provider = _named(slug)
    waiting = None
    try:
        answer, waiting = take_back(provider)
        arrival = read_arrival(provider, answer, waiting)
    except Declined as refusal:
        with suppress(Declined):
            arrivals.refuse(provider, refusal, pending=waiting)
        return _declined(provider, refusal, waiting)
    except (Untrusted, Unavailable) as refusal:
        arrivals.refuse(provider, refusal, pending=waiting)
    return arrivals.welcome(provider, waiting, arrival)


@bp.get("/<slug>/leave")
def leave(slug: str) -> ResponseReturnValue:
    """Take somebody whose session here is over on to the provider, to sign out there too."""
    provider, now = _named(slug), clock.now()
    ticket = request.args.get("ticket", "")
    going = departures.by_ticket(db_session(), provider, ticket, now=now)
    if going is None:
        return redirect(url_for("auth.signed_out"), code=303)
    going.request_id = going.request_id or secrets.token_urlsafe(32)
    address = logout.leave_address(
        provider.discovery["metadata"],
        client_id=provider.client_id,
        hint=_opened(going.id_token_sealed),
        back_to=public_address("auth.signed_out"),
        state=going.request_id,
    )
    away = redirect(address or url_for("auth.signed_out"), code=303)
    away.headers["Cache-Control"] = "no-store"
    away.headers["Referrer-Policy"] = "no-referrer"
    return away


@bp.post("/<slug>/backchannel-logout")
def backchannel_logout(slug: str) -> ResponseReturnValue:
    """End the sessions that the provider names in a logout token (Back-Channel Logout, 2.8)."""
    provider, now = _named(slug), clock.now()
    try:
        with Wire(config().private_hosts) as wire:
            renewal = Renewal(resources().database, wire, provider, now=now)
            notice = logout.read_notice(
                _logout_token(), provider, renewal.fresh(), renew=renewal, now=now
            )
        ended = logout.end_named(db_session(), provider, notice, now)
    except Untrusted as refusal:
        trail.note(_TOLD, subject=slug, outcome="refused", actor=slug, reason=refusal.reason)
        return _for_the_provider(jsonify(error="invalid_request"), 400)
    trail.note(_TOLD, subject=slug, actor=slug, sessions=ended, message=notice.message_id)
    return _for_the_provider(Response(), 200)


def _named(slug: str) -> IdentityProvider:
    provider = queries.provider_named(db_session(), slug)
    if provider is None or provider.protocol != Protocol.OIDC.value:
        raise NotFound
    return provider


def _declined(
    provider: IdentityProvider, refusal: Declined, waiting: PendingSignIn | None
) -> Response:
    """Say why the provider did not sign the person in, with a way to try again."""
    again = waiting.next_url if waiting else url_for("home.index")
    if waiting and waiting.purpose == Purpose.SIGN_IN.value:
        again = url_for("oidc.start", slug=provider.slug, next=again)
    return page(
        "oidc/declined.html",
        status=400,
        sentence=refusal.sentence,
        again=again,
        reference=g.get("request_id", "-"),
    )


def _opened(sealed: str) -> str:
    """Return what was sealed, or nothing if the secret key has changed since."""
    try:
        return resources().vault.open(sealed)
    except CannotOpenError:
        return ""


def _logout_token() -> str:
    sent = request.form.getlist("logout_token")
    if len(sent) != 1:
        raise Untrusted("", "the request does not carry one logout_token")
    return sent[0]


def _for_the_provider(response: Response, status: int) -> Response:
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
