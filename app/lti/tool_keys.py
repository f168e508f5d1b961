"""Gets the public keys of a tool: from its key set, fetched as everything is, or as entered."""

import json
from collections.abc import Collection, Sequence
from contextlib import suppress

from app import outbound
from app.errors import Unavailable, Untrusted, Wording
from app.lti.answers import NOT_PROVEN, Key, key_of_pem, keys_of_set
from app.lti.registration import Registration
from app.outbound import OutboundRefused, parsed

LARGEST = 256 * 1024


def keys_of(
    registration: Registration, *, private: bool, private_hosts: Collection[str]
) -> Sequence[Key]:
    """Return the tool's keys; the key set is fetched anew, so that a new key counts at once.

    `private` lets the tool's own host have a private address, `private_hosts` these too. Raises
    Unavailable when the key set cannot be fetched, Untrusted when there is no key at all.
    """
    settings = registration.settings
    if not settings.jwks_url:
        keys = key_of_pem(settings.public_key)
    else:
        own = [parsed(settings.address).host] if private else []
        keys = keys_of_set(_fetched(registration, [*own, *private_hosts]))
    if not keys:
        raise Untrusted(NOT_PROVEN, "Deep Linking: the tool has no key that can be used")
    return keys


def _fetched(registration: Registration, private_hosts: Collection[str]) -> object:
    with outbound.client(private_hosts) as client:
        try:
            found = outbound.fetch(
                client,
                registration.settings.jwks_url,
                largest=LARGEST,
                redirects=outbound.MOST_REDIRECTS,
                headers={"Accept": "application/json"},
            )
        except OutboundRefused as error:
            raise Unavailable(registration.tool_name, error.args[0]) from error
    if found.status != 200:
        raise Unavailable(
            registration.tool_name,
            Wording("its key set answers with status %(status)s", status=found.status),
        )
    with suppress(ValueError, RecursionError):
        return json.loads(found.body)
    return None
