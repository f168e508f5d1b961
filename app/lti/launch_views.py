"""A launch from both ends: a reader leaves for a tool, and the tool asks who that is.

`launch` answers `/go/<item>` for items of LTI tools; `/lti/auth` is what the tool then sends the
browser to. A tool may ask by POST; that request comes from another site without the session's
cookie, so it is asked once more by GET, which changes nothing about what is checked.
"""

import hmac
from urllib.parse import urlencode

from flask import Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock
from app.access import Permission, Viewer
from app.audit import trail
from app.catalogue.queries import visible_item
from app.errors import Untrusted
from app.lti import authentication, claims, keys, picks, queries, service
from app.lti.authentication import UNKNOWN, Asked, Declined
from app.lti.blueprint import bp
from app.lti.leave import form_post, to_login
from app.lti.registration import AUTH_PATH, KEYS_PATH, Registration, registration_of
from app.models import Connection, Item, LtiLaunch, Status
from app.web.addresses import public_address
from app.web.unit_of_work import config, db_session, resources
from app.web.viewer import viewer_or_none

_LONGEST = 6000  # of a query: the web server takes 8,190 letters in a line


def launch(session: Session, viewer: Viewer, item: Item, connection: Connection) -> Response:
    """Send a reader on to an item of an LTI tool; a plain link that was picked there just opens."""
    if item.source_kind == picks.LINK:
        return Response(status=303, headers={"Location": item.url})
    registration = registration_of(connection, item.tool.name)
    begun = service.begin(
        session, connection, person_id=viewer.id, item_id=item.id, now=clock.now()
    )
    return to_login(registration, begun, item.url)


@bp.get(KEYS_PATH)
def jwks() -> ResponseReturnValue:
    """Give the public keys with which tools check launches."""
    found = jsonify(keys.key_set(db_session(), resources().vault, now=clock.now()))
    found.headers["Cache-Control"] = "public, max-age=300"
    return found


@bp.get(AUTH_PATH)
def auth() -> ResponseReturnValue:
    """Tell a tool who is there, or tell it why not; nothing to whoever is not known as a tool."""
    asked, connection, registration = _tool_that_asks()
    try:
        told = {"id_token": _id_token(asked, connection, registration)}
    except Declined as refusal:
        name = registration.tool_name
        trail.note("lti.auth", subject=name, outcome="refused", reason=refusal.reason)
        told = {"error": refusal.code, "error_description": refusal.reason}
        fields = told | {"state": asked.state}
        return form_post(registration, asked.redirect_uri, fields, status=400)
    return form_post(registration, asked.redirect_uri, told | {"state": asked.state})


@bp.post(AUTH_PATH)
def auth_posted() -> ResponseReturnValue:
    """Ask once more by GET, with which the browser sends its session's cookie."""
    asked, _connection, _registration = _tool_that_asks()
    address = f"{url_for('lti.auth')}?{urlencode(asked.as_query())}"
    if len(address) > _LONGEST:
        raise Untrusted(UNKNOWN, "the request is too long")
    return redirect(address, code=303)


def _tool_that_asks() -> tuple[Asked, Connection, Registration]:
    """Return the request with the tool that it comes from; raise Untrusted unless both fit."""
    asked = authentication.read(request.form if request.method == "POST" else request.args)
    connection = queries.connection_of_client(db_session(), asked.client_id)
    if connection is None:
        raise Untrusted(UNKNOWN, "client_id names no tool")
    registration = registration_of(connection, connection.tool.name)
    try:
        authentication.check_redirect(asked, registration.settings.redirects)
    except Untrusted as refusal:
        name = registration.tool_name
        trail.note("lti.auth", subject=name, outcome="refused", reason=refusal.reason)
        raise
    return asked, connection, registration


def _id_token(asked: Asked, connection: Connection, registration: Registration) -> str:
    """Return the signed message for the launch that the hint names; raise Declined."""
    authentication.check_form(asked)
    reader, now = viewer_or_none(), clock.now()
    subject = queries.subject_of(db_session(), connection.id, reader.id) if reader else None
    if reader is None or subject is None:
        raise Declined("login_required", "nobody is signed in whom the tool was told of")
    if not hmac.compare_digest(asked.login_hint.encode(), subject.encode()):
        raise Declined("login_required", "login_hint names somebody else")
    taken = service.take(
        db_session(), connection, hint=asked.lti_message_hint, person_id=reader.id, now=now
    )
    if taken is None:
        raise Declined("invalid_request", "the launch is unknown, used up or too old")
    said = claims.Launch(
        issuer=config().base_url,
        registration=registration,
        viewer=reader,
        subject=subject,
        nonce=asked.nonce,
        return_url=_way_back(connection, taken),
        now=now,
    )
    message = _opened(said, taken) if taken.item_id else _picking(said, taken)
    return keys.signed(db_session(), resources().vault, message, now=now)


def _way_back(connection: Connection, taken: LtiLaunch) -> str:
    if taken.item_id:
        return public_address("discover.item", item_id=taken.item_id)
    return public_address("lti.tool", slug=connection.tool.slug)


def _opened(said: claims.Launch, taken: LtiLaunch) -> dict[str, object]:
    """Return the message that opens an item, if the reader may still see it."""
    session = db_session()
    item = visible_item(session, taken.item_id or 0, tokens=said.viewer.tokens)
    if item is None or item.status != Status.LIVE.value:
        raise Declined("access_denied", "the item is not there for this reader")
    opening = claims.Opening(
        id=str(item.id),
        title=item.title,
        summary=item.summary,
        url=item.url,
        custom=queries.custom_of(session, item.id),
    )
    return claims.resource_link(said, opening)


def _picking(said: claims.Launch, taken: LtiLaunch) -> dict[str, object]:
    """Return the message with which a curator picks items in the tool."""
    if not said.viewer.may(Permission.CURATE):
        raise Declined("access_denied", "only curators pick items")
    data = service.ask_for_picks(db_session(), taken, now=said.now)
    back = public_address("lti.deep_linking", connection_id=taken.connection_id)
    return claims.deep_linking(said, data=data, answer_url=back)
