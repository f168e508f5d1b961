"""Sends a browser away to an OpenID provider: to sign in, to prove itself again, or as a try."""

from flask import Response
from flask_babel import gettext as _

from app import clock
from app.auth import pending
from app.errors import Unavailable
from app.models import IdentityProvider, Purpose
from app.oidc import service
from app.vault import CannotOpenError
from app.web.addresses import public_address
from app.web.unit_of_work import config, db_session, resources


def send_away(
    provider: IdentityProvider,
    *,
    purpose: Purpose,
    next_url: str,
    person_id: int | None = None,
) -> Response:
    """Remember where the browser wants to go and answer with the way to the provider.

    Works for a provider that is switched off too. Raises Unavailable if its client secret cannot
    be opened.
    """
    trip = service.depart(registration_at(provider), prove=purpose is Purpose.STEP_UP)
    browser = pending.browser_token(config())
    pending.begin(
        db_session(),
        provider,
        request_id=trip.state,
        browser=browser,
        next_url=next_url,
        now=clock.now(),
        purpose=purpose,
        person_id=person_id,
        nonce=trip.nonce,
        code_verifier=trip.code_verifier,
    )
    away = Response(status=303, headers={"Location": trip.address, "Cache-Control": "no-store"})
    return pending.keep_token(away, config(), browser)


def registration_at(provider: IdentityProvider) -> service.Registration:
    """Return how Foyer is registered at the provider; raise Unavailable without its secret."""
    try:
        secret = resources().vault.open(provider.client_secret_sealed)
    except CannotOpenError as error:
        raise Unavailable(
            _("The client secret of %(name)s cannot be opened.", name=provider.name)
        ) from error
    return service.Registration(
        issuer=provider.entity_id,
        client_id=provider.client_id,
        client_secret=secret,
        scopes=provider.scopes,
        redirect_uri=public_address("oidc.callback", slug=provider.slug),
        known=provider.discovery,
    )
