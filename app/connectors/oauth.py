"""Gets access tokens for an application itself, in nobody's name (OAuth 2.0, RFC 6749, 4.4)."""

from app.connectors.base import ErrorKind, SourceError
from app.connectors.http import Http
from app.errors import Wording


def application_token(
    http: Http, address: str, *, client_id: str, client_secret: str, scope: str | None = None
) -> str:
    """Return a new access token of the token endpoint at `address`.

    `http` is a client that does not itself want a token. Raises SourceError.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope,
    }
    values = http.post_json(address, form=form)
    token = values.get("access_token") if isinstance(values, dict) else None
    if not isinstance(token, str) or not token:
        raise SourceError(ErrorKind.SCHEMA, Wording("It gives no access token."))
    return token
