"""A tool as it is registered with Foyer, and Foyer as the tool must know it (LTI 1.3, 3.1).

The platform names the registration: client id and deployment id are made of the connection's row,
so that they are there as soon as it is, and no change of its settings can lose them.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC

from app.connectors.settings import read_settings
from app.connectors.tools.lti import LtiSettings
from app.errors import Invalid, Unavailable, Wording
from app.models import Connection

KIND = "lti"
AUTH_PATH = "/lti/auth"
KEYS_PATH = "/lti/jwks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One tool, registered once and deployed once."""

    connection_id: int
    tool_name: str
    client_id: str
    deployment_id: str
    settings: LtiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What an administrator enters in the tool."""

    issuer: str
    client_id: str
    deployment_id: str
    auth_url: str
    keys_url: str


def registration_of(connection: Connection, tool_name: str) -> Registration:
    """Return the registration of a connection; raise Unavailable where settings are missing."""
    try:
        settings = read_settings(LtiSettings, connection.settings)
    except Invalid as error:
        raise Unavailable(tool_name, Wording("its settings are not complete")) from error
    return Registration(
        connection_id=connection.id,
        tool_name=tool_name,
        client_id=client_id_of(connection),
        deployment_id=deployment_id_of(connection),
        settings=settings,
    )


def values_for(connection: Connection, base_url: str) -> Values:
    """Return what to enter in the tool, for a Foyer at this address."""
    return Values(
        issuer=base_url,
        client_id=client_id_of(connection),
        deployment_id=deployment_id_of(connection),
        auth_url=base_url + AUTH_PATH,
        keys_url=base_url + KEYS_PATH,
    )


def client_id_of(connection: Connection) -> str:
    """Return the name under which the tool is known here; another one after it is made anew."""
    made = f"{connection.id} {connection.created_at.astimezone(UTC).isoformat()}"
    return f"foyer-{hashlib.sha256(made.encode()).hexdigest()[:24]}"


def deployment_id_of(connection: Connection) -> str:
    """Return the name of the one deployment of the tool."""
    return str(connection.id)
