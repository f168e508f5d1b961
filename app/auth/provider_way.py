"""A way in: the identity providers that are switched on, whatever protocol they speak."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.auth import queries
from app.auth.ways import SignInWay
from app.models import Protocol

# where a browser is sent for each protocol
STARTS = {Protocol.SAML.value: "saml.start", Protocol.OIDC.value: "oidc.start"}


def providers_to_be(session: Session) -> Mapping[str, Any]:
    """Return the providers of the sign-in page, each with the endpoint that leads to it.

    Empty where there is none, so that the page does not count this as a way in.
    """
    rows = queries.enabled_providers(session)
    return {"providers": [(row, STARTS[row.protocol]) for row in rows]} if rows else {}


WAY = SignInWay("identity providers", "auth/_providers.html", providers_to_be)
