"""Messages of single logout for the redirect binding (SAML bindings 3.4), signed or not."""

import base64
import secrets
import zlib
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

import xmlsec

from tests.support.saml.keys import KeyPair
from tests.support.saml.mint import PERSISTENT, SAML, SAMLP, SUCCESS

ALGORITHMS = {
    "rsa-sha256": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        xmlsec.Transform.RSA_SHA256,
    ),
    "rsa-sha1": ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", xmlsec.Transform.RSA_SHA1),
}


def logout_request(
    *,
    issuer: str,
    destination: str,
    name_id: str,
    now: datetime,
    session_index: str | None = None,
    name_id_format: str = PERSISTENT,
    message_id: str = "",
    not_on_or_after: datetime | None = None,
) -> bytes:
    """Return a LogoutRequest."""
    index = (
        f"<samlp:SessionIndex>{escape(session_index)}</samlp:SessionIndex>" if session_index else ""
    )
    until = f' NotOnOrAfter="{_time(not_on_or_after)}"' if not_on_or_after else ""
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}"'
        f' ID="{message_id or _new_id()}" Version="2.0" IssueInstant="{_time(now)}"'
        f" Destination={quoteattr(destination)}{until}>"
        f"<saml:Issuer>{escape(issuer)}</saml:Issuer>"
        f'<saml:NameID Format="{name_id_format}">{escape(name_id)}</saml:NameID>{index}'
        "</samlp:LogoutRequest>"
    ).encode()


def logout_response(
    *,
    issuer: str,
    destination: str,
    in_response_to: str,
    now: datetime,
    status: str = SUCCESS,
) -> bytes:
    """Return a LogoutResponse."""
    return (
        f'<samlp:LogoutResponse xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}"'
        f' ID="{_new_id()}" Version="2.0" IssueInstant="{_time(now)}"'
        f" Destination={quoteattr(destination)} InResponseTo={quoteattr(in_response_to)}>"
        f"<saml:Issuer>{escape(issuer)}</saml:Issuer>"
        f'<samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status>'
        "</samlp:LogoutResponse>"
    ).encode()


def redirect_query(
    message: bytes,
    pair: KeyPair | None,
    *,
    kind: str = "SAMLRequest",
    relay_state: str = "",
    algorithm: str = "rsa-sha256",
) -> str:
    """Return the query string that carries the message; without a key pair it is not signed."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(deflater.compress(message) + deflater.flush()).decode()
    query = f"{kind}={quote(packed, safe='')}"
    if relay_state:
        query += f"&RelayState={quote(relay_state, safe='')}"
    if pair is None:
        return query
    uri, transform = ALGORITHMS[algorithm]
    query += f"&SigAlg={quote(uri, safe='')}"
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair.key, xmlsec.KeyFormat.PEM)
    signature = base64.b64encode(context.sign_binary(query.encode(), transform)).decode()
    return f"{query}&Signature={quote(signature, safe='')}"


def unpack(address: str) -> tuple[bytes, dict[str, str]]:
    """Return the message that an address carries, and all its parameters."""
    fields = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    packed = fields.get("SAMLRequest") or fields["SAMLResponse"]
    return zlib.decompress(base64.b64decode(packed), -15), fields


def is_signed_by(address: str, certificate: str) -> bool:
    """Tell whether the redirect that goes to this address was signed with the certificate's key."""
    query = urlsplit(address).query
    signed, _, signature = query.partition("&Signature=")
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.KeyFormat.CERT_PEM)
    raw = base64.b64decode(parse_qs("Signature=" + signature)["Signature"][0])
    try:
        context.verify_binary(signed.encode(), xmlsec.Transform.RSA_SHA256, raw)
    except xmlsec.Error:
        return False
    return True


def _new_id() -> str:
    return "_l" + secrets.token_hex(16)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
