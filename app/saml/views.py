"""The service provider over HTTP: leaving for an identity provider, coming back, signing out.

Which provider a message must come from is said by the address that it is sent to, never by the
message. Whatever cannot be believed is a page with status 400 and an entry in the audit log.
"""

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from app import clock
from app.audit import trail
from app.auth import arrivals, departures, pending, queries, service
from app.auth.views import wanted_address
from app.errors import NotFound, Untrusted
from app.models import IdentityProvider, PendingSignIn, Protocol, Purpose
from app.saml import description, logout, messages, responses
from app.saml import leave as leaving
from app.saml.checks import Expected
from app.saml.refusals import CLOSED, UNASKED, unreadable
from app.saml.responses import Proved
from app.saml.service import arrival_of, use_up
from app.web.security import is_local_address
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer_or_none

bp = Blueprint("saml", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/<slug>/metadata")
def metadata(slug: str) -> ResponseReturnValue:
    """Give Foyer's metadata for this provider, before it is switched on too."""
    written = description.written(leaving.here(_provider(slug)), leaving.ring())
    return Response(written, content_type=description.CONTENT_TYPE)


@bp.get("/<slug>/start")
def start(slug: str) -> ResponseReturnValue:
    """Send the browser to the provider; with `prove=1` to have the reader asked once more."""
    provider = _provider(slug)
    if not provider.enabled:
        raise NotFound
    reader = viewer_or_none()
    prove = reader is not None and request.args.get("prove") == "1"
    return leaving.send_away(
        provider,
        purpose=Purpose.STEP_UP if prove else Purpose.SIGN_IN,
        next_url=wanted_address(),
        person_id=reader.id if reader and prove else None,
    )


@bp.post("/<slug>/acs")
def acs(slug: str) -> ResponseReturnValue:
    """Take the provider's answer and end the visit as it was meant."""
    provider = _provider(slug)
    try:
        proved = _proved(provider)
    except Untrusted as refusal:
        arrivals.refuse(provider, refusal)
    arrival, asked = arrival_of(proved), None
    try:
        if not proved.facts.request_id:
            return _unasked(provider, proved)
        asked = _asked(provider, proved)
        _use_up(provider, proved, asked)
    except Untrusted as refusal:
        arrivals.refuse(provider, refusal, pending=asked, arrival=arrival)
    return arrivals.welcome(provider, asked, arrival)


@bp.get("/<slug>/leave")
def leave(slug: str) -> ResponseReturnValue:
    """Take somebody who has signed out here on to sign out at the provider, if it can be."""
    provider = _provider(slug)
    going = departures.by_ticket(
        db_session(), provider, request.args.get("ticket", ""), now=clock.now()
    )
    address = leaving.sign_out_address(provider)
    if going is None or not address:
        return _signed_out()
    asked = messages.logout_request(
        leaving.here(provider),
        address,
        subject=going.subject,
        subject_format=going.subject_format,
        session_index=going.session_index,
        now=clock.now(),
    )
    going.request_id = asked.id
    key = leaving.ring().current
    return leaving.to_provider(messages.redirect_address(address, logout.REQUEST, asked, key))


@bp.route("/<slug>/sls", methods=["GET", "POST"])
def sls(slug: str) -> ResponseReturnValue:
    """Take a message of single logout: end sessions and say so, or hear that ours was ended."""
    provider = _provider(slug)
    try:
        received = _received(provider)
        if received.kind == logout.RESPONSE:
            return _answered(provider, received)
        return _ended(provider, received)
    except Untrusted as refusal:
        trail.note("saml.logout", outcome="refused", subject=provider.name, reason=refusal.reason)
        raise


def _provider(slug: str) -> IdentityProvider:
    """Return the SAML provider with this slug, switched on or not; raise NotFound for others."""
    found = queries.provider_named(db_session(), slug)
    if found is None or found.protocol != Protocol.SAML.value:
        raise NotFound
    return found


def _field(name: str) -> str:
    """Return a field of the posted form that may stand there once at most."""
    try:
        found = request.form.getlist(name)
    except RequestEntityTooLarge as error:
        raise unreadable("the form is too large") from error
    if len(found) > 1:
        raise unreadable(f"{name} stands in the form {len(found)} times")
    return found[0] if found else ""


def _proved(provider: IdentityProvider) -> Proved:
    return responses.read(
        _field("SAMLResponse"),
        here=leaving.here(provider),
        idp=leaving.believed(provider),
        readers=leaving.ring().readers,
        now=clock.now(),
    )


def _asked(provider: IdentityProvider, proved: Proved) -> PendingSignIn:
    """Use up this browser's request that the answer answers, and return it."""
    return pending.take(
        db_session(),
        provider,
        request_id=proved.facts.request_id,
        browser=pending.browser_token(config()),
        now=clock.now(),
    )


def _use_up(provider: IdentityProvider, proved: Proved, asked: PendingSignIn) -> None:
    """Use up the answer; one of a provider that is switched off may end a test and nothing else."""
    if not provider.enabled and asked.purpose != Purpose.TEST.value:
        raise Untrusted(CLOSED, "the provider is switched off")
    _only_once(provider, proved)


def _only_once(provider: IdentityProvider, proved: Proved) -> None:
    facts = proved.facts
    use_up(db_session(), provider, facts.assertion_id, good_until=facts.good_until, now=clock.now())


def _unasked(provider: IdentityProvider, proved: Proved) -> ResponseReturnValue:
    """Answer a sign-in that began at the provider: begin it here, at once.

    Nobody is signed in by an answer that this browser did not ask for, or an attacker could sign
    a victim in as the attacker (login CSRF; ASVS 5.0, 7.6.2). The answer is checked like any
    other and used up; then the browser goes to the provider once more with a request of ours,
    which the provider answers without asking anything, since its own session has just begun.
    """
    if not (provider.enabled and provider.idp_initiated):
        raise Untrusted(UNASKED, "unasked: the provider may not begin a sign-in")
    _only_once(provider, proved)
    trail.note("saml.unasked", subject=provider.name, assertion=proved.facts.assertion_id)
    wanted = _field("RelayState")
    home = url_for("home.index")
    return leaving.send_away(provider, next_url=wanted if is_local_address(wanted) else home)


def _received(provider: IdentityProvider) -> logout.Received:
    """Return the message of single logout in this request, once its signature holds."""
    certificates = leaving.believed(provider).certificates
    if request.method == "GET":
        return logout.from_query(request.query_string.decode("ascii", "replace"), certificates)
    kind = logout.RESPONSE if _field(logout.RESPONSE) else logout.REQUEST
    return logout.from_form(kind, _field(kind), _field("RelayState"), certificates)


def _expected(provider: IdentityProvider) -> Expected:
    at = leaving.here(provider)
    return Expected(issuer=provider.entity_id, audience=at.entity_id, address=at.sls)


def _ended(provider: IdentityProvider, received: logout.Received) -> ResponseReturnValue:
    """End what the provider wants ended, and answer where it takes answers."""
    now = clock.now()
    wanted = logout.ending(received, _expected(provider), now=now)
    use_up(db_session(), provider, wanted.message_id, good_until=wanted.good_until, now=now)
    count = sum(
        service.end_sessions_at(
            db_session(), provider.id, subject=wanted.subject, session_index=index
        )
        for index in wanted.session_indexes or ("",)
    )
    trail.note("saml.logout", subject=provider.name, actor=provider.name, sessions=count)
    address = leaving.described(provider).slo_response
    if not address:
        return _signed_out()
    answer = messages.logout_response(
        leaving.here(provider), address, in_response_to=wanted.message_id, now=now
    )
    key = leaving.ring().current
    return leaving.to_provider(
        messages.redirect_address(address, logout.RESPONSE, answer, key, received.relay_state)
    )


def _answered(provider: IdentityProvider, received: logout.Received) -> ResponseReturnValue:
    """Hear that the provider has ended the session that was signed out of here."""
    request_id = logout.answered(received, _expected(provider), now=clock.now())
    if not departures.end(db_session(), provider, request_id, now=clock.now()):
        raise Untrusted(UNASKED, "logout: nobody asked for this answer")
    trail.note("saml.signed_out", subject=provider.name, actor=provider.name)
    return _signed_out()


def _signed_out() -> ResponseReturnValue:
    return redirect(url_for("auth.signed_out"), code=303)
