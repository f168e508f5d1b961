"""Curators pick items in a tool (Deep Linking 2.0): off they go, and look through what came back.

The tool's answer is a POST from another site, without the session's cookie. It is checked, kept for
the curator who asked for it, and shown to nobody else; items are made when they say so, here.
"""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import RequestEntityTooLarge

from app import clock
from app.audit import trail
from app.auth.service import hashed
from app.catalogue.service import plan
from app.errors import NotFound, Unavailable, Untrusted, Wording
from app.lti import answers, picks, queries, service
from app.lti.blueprint import bp
from app.lti.leave import to_login
from app.lti.registration import Registration, registration_of
from app.lti.tool_keys import keys_of
from app.models import Connection, LtiLaunch
from app.web.htmx import page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

UNASKED = Wording(
    "Nobody here is picking items in this tool just now, or its answer was used already."
)
_TOOL = "/curate/lti/<slug>"
_PICKED = f"{_TOOL}/picked/<picked>"


@bp.get("/curate/lti")
def tools() -> ResponseReturnValue:
    """List the tools in which items can be picked."""
    return page("lti/tools.html", connections=queries.connections(db_session()))


@bp.get(_TOOL)
def tool(slug: str) -> ResponseReturnValue:
    """Say what picking in this tool means, and show what is here of it."""
    connection, registration = _registered(slug)
    items = queries.items_of(db_session(), connection.tool_id, tokens=viewer().tokens)
    return page("lti/tool.html", tool=connection.tool, registration=registration, items=items)


@bp.get(f"{_TOOL}/pick")
def pick(slug: str) -> ResponseReturnValue:
    """Send a curator to the tool to pick items there."""
    connection, registration = _registered(slug)
    settings = registration.settings
    if not settings.picks:
        raise Unavailable(connection.tool.name, Wording("it has no key to prove its answers with"))
    begun = service.begin(
        db_session(), connection, person_id=viewer().id, item_id=None, now=clock.now()
    )
    return to_login(registration, begun, settings.deep_linking_uri or settings.target_link_uri)


@bp.post("/lti/deep-linking/<int(max=2147483647):connection_id>")
def deep_linking(connection_id: int) -> ResponseReturnValue:
    """Take what a tool says was picked in it, and show it to the curator who was there."""
    connection = queries.connection_numbered(db_session(), connection_id)
    if connection is None:
        raise NotFound
    name = connection.tool.name
    try:
        asked, sent = _answered(connection, registration_of(connection, name))
    except Untrusted as refusal:
        why = refusal.reason
        trail.note("lti.deep_linking", subject=name, outcome="refused", actor=name, reason=why)
        raise
    trail.note("lti.deep_linking", subject=name, actor=name, items=len(sent.picks))
    shown = url_for("lti.picked", slug=connection.tool.slug, picked=asked.data_hash)
    return redirect(shown, code=303)


@bp.get(_PICKED)
def picked(slug: str, picked: str) -> ResponseReturnValue:
    """Show the curator what they picked, before anything of it is added."""
    connection, registration = _registered(slug)
    found = _picked_or_404(connection, picked)
    listed = picks.picks_from(found.picked)
    kind = registration.settings.kind
    changes = plan(db_session(), [picks.record_of(one, connection.tool, kind) for one in listed])
    return page(
        "lti/picked.html",
        tool=connection.tool,
        picked=picked,
        rows=list(zip(listed, changes, strict=True)),
        kind=kind,
        refused=picks.refused_from(found.picked),
        message=(found.picked or {}).get("message", ""),
    )


@bp.post(f"{_PICKED}/add")
def add_picked(slug: str, picked: str) -> ResponseReturnValue:
    """Put what was chosen into the catalogue."""
    connection, registration = _registered(slug)
    found = _picked_or_404(connection, picked)
    chosen = {int(one) for one in request.form.getlist("pick") if one.isdecimal() and len(one) < 10}
    added = service.add_picks(
        db_session(),
        connection,
        found,
        chosen,
        kind=registration.settings.kind,
        now=clock.now(),
    )
    titles = [pick.title for pick in added]
    trail.note("lti.add_picked", subject=connection.tool.name, items=titles)
    flash(_in_the_catalogue(len(added)))
    return redirect(url_for("lti.tool", slug=slug), code=303)


@bp.post(f"{_PICKED}/drop")
def drop_picked(slug: str, picked: str) -> ResponseReturnValue:
    """Forget what was picked."""
    connection, _registration = _registered(slug)
    service.drop_picks(db_session(), _picked_or_404(connection, picked))
    flash(_("Nothing was added."))
    return redirect(url_for("lti.tool", slug=slug), code=303)


def _in_the_catalogue(count: int) -> str:
    return ngettext(
        "%(num)s item is in the catalogue now.", "%(num)s items are in the catalogue now.", count
    )


def _registered(slug: str) -> tuple[Connection, Registration]:
    connection = queries.connection_named(db_session(), slug)
    if connection is None:
        raise NotFound
    return connection, registration_of(connection, connection.tool.name)


def _picked_or_404(connection: Connection, picked: str) -> LtiLaunch:
    """Return what this curator picked in this tool; what others picked is not there for them."""
    found = queries.picked_by(db_session(), picked, viewer().id, now=clock.now())
    if found is None or found.connection_id != connection.id:
        raise NotFound
    return found


def _answered(connection: Connection, registration: Registration) -> tuple[LtiLaunch, picks.Sent]:
    """Return what was asked of the tool and what it sent; raise Untrusted.

    Nothing is fetched for an answer that nobody waits for.
    """
    token, now, session = _token(), clock.now(), db_session()
    data = answers.data_of(token)
    asked = queries.asked_for(session, connection.id, hashed(data), now=now)
    if asked is None:
        raise Untrusted(UNASKED, "Deep Linking: nobody waits for this answer")
    expected = answers.Expected(
        client_id=registration.client_id,
        issuer=config().base_url,
        deployment_id=registration.deployment_id,
        data=data,
    )
    answer = answers.read(token, lambda: _keys(connection, registration), expected, now=now)
    if not service.use_up(session, connection, answer.nonce, good_until=answer.good_until):
        raise Untrusted(UNASKED, "Deep Linking: the nonce was used already")
    target = registration.settings.target_link_uri
    sent = picks.read(answer.items, target=target, message=answer.message)
    if not service.keep_picks(session, asked, sent.as_json(), now=now):
        raise Untrusted(UNASKED, "Deep Linking: another answer was quicker")
    return asked, sent


def _keys(connection: Connection, registration: Registration) -> "list[answers.Key]":
    hosts = config().private_hosts
    return list(keys_of(registration, private=connection.private, private_hosts=hosts))


def _token() -> str:
    """Return the one token in the form that the tool posts."""
    try:
        given = request.form.getlist("JWT")
    except RequestEntityTooLarge as error:
        raise Untrusted(answers.NOT_PROVEN, "Deep Linking: the form is too large") from error
    if len(given) != 1:
        raise Untrusted(answers.NOT_PROVEN, "Deep Linking: the form does not carry one JWT")
    return given[0]
