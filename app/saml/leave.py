"""Sends a browser to an identity provider, and says what Foyer is called there.

Who is sent away is remembered on our side: the request's ID and where the browser wanted to go
stand in a row, bound to this browser by a cookie, and nothing of it travels in RelayState.
"""

from flask import Response

from app import clock
from app.auth import pending
from app.errors import Invalid, Unavailable, Untrusted, Wording
from app.models import IdentityProvider, Purpose
from app.saml import keys, metadata
from app.saml.keys import KeyRing
from app.saml.messages import authn_request, redirect_address
from app.saml.metadata import IdpMetadata
from app.saml.refusals import UNKNOWN_KEYS
from app.saml.settings import ServiceProvider
from app.vault import CannotOpenError
from app.web.addresses import public_address
from app.web.unit_of_work import config, db_session, resources


def send_away(
    provider: IdentityProvider,
    *,
    purpose: Purpose = Purpose.SIGN_IN,
    next_url: str,
    person_id: int | None = None,
) -> Response:
    """Return the redirect that takes this browser to the provider, whether switched on or not.

    To step up, the provider is told to ask anew (ForceAuthn, Core 3.4.1). Raises Unavailable for
    a provider that cannot be reached by redirect or whose metadata has run out.
    """
    now = clock.now()
    address = described(provider).sso_redirect
    if not address:
        raise Unavailable(
            provider.name, Wording("its metadata names no address to sign in at by redirect")
        )
    request = authn_request(here(provider), address, force=purpose is Purpose.STEP_UP, now=now)
    target = redirect_address(address, "SAMLRequest", request, ring().current)
    browser = pending.browser_token(config())
    pending.begin(
        db_session(),
        provider,
        request_id=request.id,
        browser=browser,
        next_url=next_url,
        purpose=purpose,
        person_id=person_id,
        now=now,
    )
    return pending.keep_token(to_provider(target), config(), browser)


def here(provider: IdentityProvider) -> ServiceProvider:
    """Return Foyer as this provider knows it; its metadata's address is its entity ID."""
    return ServiceProvider(
        entity_id=public_address("saml.metadata", slug=provider.slug),
        acs=public_address("saml.acs", slug=provider.slug),
        sls=public_address("saml.sls", slug=provider.slug),
    )


def described(provider: IdentityProvider) -> IdpMetadata:
    """Return what the provider's metadata says; raise Unavailable once that has run out."""
    now = clock.now()
    try:
        found = metadata.kept(provider.metadata_xml, provider.entity_id, now=now)
    except Invalid as error:
        raise Unavailable(provider.name, Wording("its metadata cannot be read")) from error
    if found.valid_until and found.valid_until <= now:
        raise Unavailable(provider.name, Wording("its metadata has run out"))
    return found


def believed(provider: IdentityProvider) -> IdpMetadata:
    """Return what a message of the provider is checked with; raise Untrusted once it has run out.

    Keys that the provider vouches for no longer prove nothing (Metadata 2.3.2, validUntil).
    """
    try:
        return described(provider)
    except Unavailable as error:
        raise Untrusted(UNKNOWN_KEYS, str(error)) from error


def sign_out_address(provider: IdentityProvider) -> str:
    """Return where the provider takes requests to sign out; empty if it takes none just now."""
    try:
        return described(provider).slo_redirect
    except Unavailable:
        return ""


def ring() -> KeyRing:
    """Return Foyer's own keys, made at the first call; raise Unavailable if they are sealed off."""
    try:
        return keys.ring(db_session(), resources().vault, now=clock.now())
    except CannotOpenError as error:
        raise Unavailable(Wording("Foyer's signing key cannot be opened.")) from error


def to_provider(address: str) -> Response:
    """Return a redirect to a provider that nothing on the way may keep."""
    return Response(
        status=303,
        headers={
            "Location": address,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        },
    )
