"""Reads the messages of single logout: signed, for us, in time, or Untrusted.

python3-saml checks the signature of the redirect binding only, and only if asked, and compares
addresses in part; so its parser, schema and keys are used here, and the rules are our own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.errors import Untrusted
from app.saml import signatures
from app.saml.certificates import Certificate
from app.saml.checks import SKEW, Expected
from app.saml.encoding import NAMES, decoded, inflated, moment, parsed, text_of
from app.saml.refusals import LOGOUT, late, unproven

REQUEST, RESPONSE = "SAMLRequest", "SAMLResponse"
FRESH = timedelta(minutes=10)
LONGEST_STATE = 1000
_NAMES = {REQUEST: "LogoutRequest", RESPONSE: "LogoutResponse"}
_LONGEST_ID = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message of which the signature holds; `certificate` is whose it holds with."""

    kind: str
    root: Any
    relay_state: str
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Whose session the provider wants ended; no index means all of that person's sessions."""

    message_id: str
    subject: str
    session_indexes: tuple[str, ...]
    good_until: datetime


def from_query(query: str, certificates: Sequence[Certificate]) -> Received:
    """Return the message that a redirect carries, once its signature holds (Bindings 3.4.4.1)."""
    kind = RESPONSE if query.startswith(f"{RESPONSE}=") or f"&{RESPONSE}=" in query else REQUEST
    fields = signatures.checked_query(query, kind, certificates)
    root = parsed(inflated(decoded(fields[kind])), _NAMES[kind])
    return Received(kind=kind, root=root, relay_state=fields.get("RelayState", ""))


def from_form(
    kind: str, text: str, relay_state: str, certificates: Sequence[Certificate]
) -> Received:
    """Return the message of a form, once the signature inside it holds (Bindings 3.5.4)."""
    root = parsed(decoded(text), _NAMES[kind])
    signatures.only_plain(root)
    signatures.certificate_of(root, f"/samlp:{_NAMES[kind]}/ds:Signature", certificates)
    return Received(kind=kind, root=root, relay_state=relay_state)


def ending(received: Received, expected: Expected, *, now: datetime) -> Ending:
    """Return whose session is to end (Core 3.7.1, 3.7.3); raise Untrusted if it is not for us now.

    A request is good for FRESH after it was written, and not after its own NotOnOrAfter.
    """
    root = received.root
    _for_us(root, expected, now)
    names = root.findall("saml:NameID", NAMES)
    subject = text_of(names[0]) if names else ""
    if not subject.strip():
        raise Untrusted(LOGOUT, "logout: the request names nobody")
    ends = root.get("NotOnOrAfter")
    if ends is not None and moment(ends) + SKEW <= now:
        raise late("logout: the request is not good any more")
    if len(received.relay_state) > LONGEST_STATE:
        raise unproven("logout: RelayState is too long")
    indexes = (text_of(one) for one in root.findall("samlp:SessionIndex", NAMES))
    return Ending(
        message_id=root.get("ID"),
        subject=subject,
        session_indexes=tuple(index for index in indexes if index),
        good_until=moment(root.get("IssueInstant")) + FRESH + SKEW,
    )


def answered(received: Received, expected: Expected, *, now: datetime) -> str:
    """Return the ID of the request of ours that is answered (Core 3.7.2)."""
    _for_us(received.root, expected, now)
    return str(received.root.get("InResponseTo", ""))


def _for_us(root: Any, expected: Expected, now: datetime) -> None:
    issuers = [text_of(one) for one in root.findall("saml:Issuer", NAMES)]
    if issuers != [expected.issuer]:
        raise Untrusted(LOGOUT, f"logout: issuer {issuers!r}")
    if root.get("Destination") != expected.address:
        raise Untrusted(LOGOUT, f"logout: destination {root.get('Destination')!r}")
    if root.get("Version") != "2.0" or not 1 <= len(root.get("ID", "")) <= _LONGEST_ID:
        raise Untrusted(LOGOUT, "logout: version or ID")
    written = moment(root.get("IssueInstant", ""))
    if not written - SKEW <= now <= written + FRESH + SKEW:
        raise late(f"logout: written at {written}")
