"""What an administrator needs for LTI: the values to enter in a tool, and Foyer's own keys."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.audit import trail
from app.errors import NotFound
from app.lti import keys, queries
from app.lti.blueprint import bp
from app.lti.registration import registration_of, values_for
from app.models import LtiKeyState
from app.web.htmx import page
from app.web.unit_of_work import config, db_session, resources

_KEYS = "/admin/tools/lti/keys"
_STATES = {
    LtiKeyState.CURRENT.value: _l("Signs launches"),
    LtiKeyState.NEXT.value: _l("Published, comes next"),
    LtiKeyState.OLD.value: _l("Still published"),
}


@bp.get("/admin/tools/<slug>/lti")
def setup(slug: str) -> ResponseReturnValue:
    """Show what to enter in the tool, and what the tool said in turn."""
    connection = queries.connection_named(db_session(), slug)
    if connection is None:
        raise NotFound
    return page(
        "lti/setup.html",
        tool=connection.tool,
        values=values_for(connection, config().base_url),
        settings=registration_of(connection, connection.tool.name).settings,
    )


@bp.get(_KEYS, endpoint="keys")
def show_keys() -> ResponseReturnValue:
    """Show the keys that tools are told."""
    now = clock.now()
    return page(
        "lti/keys.html",
        keys=keys.published(db_session(), now=now),
        states=_STATES,
        stays=keys.STAYS_PUBLISHED,
        address=config().base_url + url_for("lti.jwks"),
    )


@bp.post(f"{_KEYS}/prepare")
def prepare_key() -> ResponseReturnValue:
    """Publish the next key beside the present one."""
    keys.prepare_next(db_session(), resources().vault, now=clock.now())
    trail.note("lti.prepare_key", subject="Foyer's key for launches")
    flash(_("The next key is published now."))
    return redirect(url_for("lti.keys"), code=303)


@bp.post(f"{_KEYS}/use")
def use_key() -> ResponseReturnValue:
    """Sign with the next key from now on."""
    keys.use_next(db_session(), now=clock.now())
    trail.note("lti.use_key", subject="Foyer's key for launches")
    flash(_("Foyer signs launches with the next key now."))
    return redirect(url_for("lti.keys"), code=303)
