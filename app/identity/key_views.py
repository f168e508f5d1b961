"""Changing the key with which Foyer signs: announce the next one, then use it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.identity.blueprint import bp
from app.saml import keys
from app.web.unit_of_work import db_session, resources


@bp.post("/providers/key/prepare")
def prepare_key() -> ResponseReturnValue:
    """Make the next key and put it into the metadata beside the present one."""
    keys.prepare_next(db_session(), resources().vault, now=clock.now())
    trail.note("identity.prepare_key", subject="Foyer's signing key")
    flash(_("The next key stands in the metadata now."))
    return redirect(url_for("identity.providers"), code=303)


@bp.post("/providers/key/use")
def use_key() -> ResponseReturnValue:
    """Sign with the next key from now on."""
    keys.use_next(db_session())
    trail.note("identity.use_key", subject="Foyer's signing key")
    flash(_("Foyer signs with the next key now."))
    return redirect(url_for("identity.providers"), code=303)
