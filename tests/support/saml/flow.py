"""Walks a test client through a sign-in: off to the provider, and back with an answer.

The way-in cookie is `Secure` and `SameSite=None`. Flask's client keeps cookies by host and path
alone, so it carries this one as a browser would; the real rules are tested in tests/browser.
"""

import base64
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from tests.support.pages import Page, PageClient
from tests.support.saml.keys import pem_of
from tests.support.saml.logout import unpack
from tests.support.saml.mint import NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A sign-in under way: what the AuthnRequest said, and how the browser got it."""

    request_id: str | None
    acs: str
    audience: str
    relay_state: str = ""
    location: str = ""
    cookies: tuple[str, ...] = ()


def endpoint(app, name: str, slug: str) -> str:
    """Return the path of one of `saml`'s endpoints, `/saml/<slug>/acs` for instance."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == f"saml.{name}")
    _, path = rule.build(dict.fromkeys(rule.arguments, slug))
    return path


def start(client: PageClient, slug: str, wanted: str | None = None) -> Started:
    """Begin to sign in at the provider and read the AuthnRequest on the way."""
    query = {} if wanted is None else {"next": wanted}
    answer = client.http.get(endpoint(client.app, "start", slug), query_string=query)
    return read_request(answer)


def read_request(answer) -> Started:
    """Return what the AuthnRequest says that this redirect carries."""
    assert answer.status_code in {302, 303}, answer.get_data(as_text=True)
    message, fields = unpack(answer.headers["Location"])
    request = etree.fromstring(message)
    return Started(
        request_id=request.get("ID"),
        acs=request.get("AssertionConsumerServiceURL"),
        audience=request.findtext("saml:Issuer", namespaces=NAMES),
        relay_state=fields.get("RelayState", ""),
        location=answer.headers["Location"],
        cookies=tuple(answer.headers.getlist("Set-Cookie")),
    )


def unasked(app, slug: str) -> Started:
    """Return what a provider needs to answer without having been asked."""
    base = app.extensions["foyer"].config.base_url
    metadata = app.test_client().get(endpoint(app, "metadata", slug)).get_data()
    entity_id = etree.fromstring(metadata).get("entityID")
    return Started(request_id=None, acs=base + endpoint(app, "acs", slug), audience=entity_id)


def our_certificate(app, slug: str) -> str:
    """Return the certificate that our metadata offers to encrypt for, as PEM."""
    metadata = etree.fromstring(app.test_client().get(endpoint(app, "metadata", slug)).get_data())
    keys = metadata.iter("{urn:oasis:names:tc:SAML:2.0:metadata}KeyDescriptor")
    best = next(key for key in keys if key.get("use") in {None, "encryption"})
    return pem_of(best.findtext(".//ds:X509Certificate", namespaces=NAMES))


def come_back(
    client: PageClient,
    started: Started,
    xml: bytes | str,
    *,
    relay_state: str | None = None,
    **options,
) -> Page:
    """Post a response to where the AuthnRequest wanted it; a text is posted just as it is."""
    packed = xml if isinstance(xml, str) else base64.b64encode(xml).decode()
    form = {"SAMLResponse": packed}
    state = started.relay_state if relay_state is None else relay_state
    if state:
        form["RelayState"] = state
    headers = {"Sec-Fetch-Site": "cross-site"} | options.pop("headers", {})
    path = urlsplit(started.acs).path
    return Page(client.http.post(path, data=form, headers=headers, **options))
