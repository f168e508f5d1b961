"""Metadata in the manner of well-known identity providers, with values of the tests' own."""

import functools

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from tests.support.factories import NOW
from tests.support.saml.keys import der_of, key_pair

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings"
NAME_IDS = "urn:oasis:names:tc:SAML:2.0:nameid-format"
ENTITY = "https://idp.example.org/metadata"
SSO = "https://idp.example.org/sso"
SLO = "https://idp.example.org/slo"
_SPACES = f'xmlns:md="{MD}" xmlns:ds="{DS}"'


def key(der, use=' use="signing"'):
    return (
        f"<md:KeyDescriptor{use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def service(kind, binding, location, **more):
    extra = "".join(f' {name}="{value}"' for name, value in more.items())
    return f'<md:{kind} Binding="{BINDINGS}:{binding}" Location="{location}"{extra}/>'


def role(
    *,
    keys=None,
    sso=SSO,
    slo=SLO,
    protocols=SAML2,
    attributes="",
    services=None,
    formats=("persistent",),
):
    """Return an IDPSSODescriptor; `services` replaces the addresses made of `sso` and `slo`."""
    if services is None:
        services = service("SingleLogoutService", "HTTP-Redirect", slo) if slo else ""
        services += service("SingleSignOnService", "HTTP-Redirect", sso)
    names = "".join(f"<md:NameIDFormat>{NAME_IDS}:{one}</md:NameIDFormat>" for one in formats)
    inside = (key(key_pair("idp").der) if keys is None else "".join(keys)) + names + services
    return (
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{protocols}" {attributes}>'
        f"{inside}</md:IDPSSODescriptor>"
    )


def entity(*roles, entity_id=ENTITY, attributes="", identifier="_root"):
    inside = "".join(roles or (role(),))
    return (
        f'<md:EntityDescriptor {_SPACES} ID="{identifier}" entityID="{entity_id}" {attributes}>'
        f"{inside}</md:EntityDescriptor>"
    )


def federation(*entities, attributes=""):
    return (
        f'<md:EntitiesDescriptor {_SPACES} ID="_all" {attributes}>{"".join(entities)}'
        "</md:EntitiesDescriptor>"
    )


def entra(tenant="0f0e0d0c-0001-4002-8003-000000000001"):
    """A default namespace, RoleDescriptors of WS-Federation before it, both bindings, one SLO."""
    at = f"https://login.example.com/{tenant}"
    certificate = key_pair("idp").der
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EntityDescriptor ID="_{tenant}" entityID="https://sts.example.net/{tenant}/" '
        f'xmlns="{MD}"><RoleDescriptor '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" '
        'xsi:type="fed:SecurityTokenServiceType" '
        'protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">'
        f'<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>'
        "bm90IG91cnM=</X509Certificate></X509Data></KeyInfo></KeyDescriptor></RoleDescriptor>"
        f'<IDPSSODescriptor protocolSupportEnumeration="{SAML2}">'
        f'<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>'
        f"{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        f'<SingleLogoutService Binding="{BINDINGS}:HTTP-Redirect" Location="{at}/saml2"/>'
        f'<SingleSignOnService Binding="{BINDINGS}:HTTP-Redirect" Location="{at}/saml2"/>'
        f'<SingleSignOnService Binding="{BINDINGS}:HTTP-POST" Location="{at}/saml2"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    )


def okta():
    """No logout, POST first, the certificate broken over lines, wants signed requests: false."""
    der = key_pair("idp").der
    lines = "\n".join(der[at : at + 64] for at in range(0, len(der), 64))
    return entity(
        role(
            keys=[key(f"\n{lines}\n")],
            attributes='WantAuthnRequestsSigned="false"',
            formats=("unspecified", "emailAddress"),
            services=service("SingleSignOnService", "HTTP-POST", f"{SSO}/saml")
            + service("SingleSignOnService", "HTTP-Redirect", f"{SSO}/saml"),
        ),
        entity_id="http://www.example-idp.org/exk0000000000000001",
    )


def adfs():
    """Signed, an SPSSODescriptor beside it, an encryption key, logout that answers elsewhere."""
    services = (
        service("SingleLogoutService", "HTTP-Redirect", SLO, ResponseLocation=f"{SLO}/done")
        + service("SingleLogoutService", "HTTP-POST", SLO)
        + service("SingleSignOnService", "HTTP-Redirect", SSO)
        + service("SingleSignOnService", "HTTP-POST", SSO)
    )
    sp = f'<md:SPSSODescriptor protocolSupportEnumeration="{SAML2}"/>'
    keys = [
        key(key_pair("encryption").der, ' use="encryption"'),
        key(key_pair("idp").der),
        key(key_pair("next").der),
    ]
    wants = 'WantAuthnRequestsSigned="true"'
    return signed(entity(sp, role(keys=keys, services=services, attributes=wants)))


def keycloak():
    """A key for both uses, artifact and SOAP services first, several formats of names."""
    services = (
        service("ArtifactResolutionService", "SOAP", f"{SSO}/resolve")
        + service("SingleLogoutService", "HTTP-POST", SLO)
        + service("SingleLogoutService", "HTTP-Redirect", SLO)
        + service("SingleSignOnService", "SOAP", f"{SSO}/soap")
        + service("SingleSignOnService", "HTTP-Artifact", f"{SSO}/artifact")
        + service("SingleSignOnService", "HTTP-Redirect", SSO)
    )
    formats = ("persistent", "transient")
    both = role(keys=[key(key_pair("idp").der, "")], services=services, formats=formats)
    return federation(entity(both, attributes='cacheDuration="PT30M"'))


def shibboleth():
    """Also speaks SAML 1.1, with an AttributeAuthorityDescriptor, validUntil and cacheDuration."""
    old = "urn:mace:shibboleth:1.0 urn:oasis:names:tc:SAML:1.1:protocol"
    authority = f'<md:AttributeAuthorityDescriptor protocolSupportEnumeration="{SAML2}"/>'
    return entity(
        role(protocols=old),
        role(protocols=f"urn:oasis:names:tc:SAML:1.1:protocol {SAML2}"),
        authority,
        attributes='validUntil="2026-12-01T00:00:00Z" cacheDuration="P0Y0M0DT6H0M0.000S"',
    )


def signed(xml, pair=None, *, method=None, digest=None, uri=None, over=None):
    """Return the document with a signature as the first child of its root."""
    pair = pair or key_pair("signer")
    root = etree.fromstring(xml)
    transform = method or xmlsec.constants.TransformRsaSha256
    template = xmlsec.template.create(root, xmlsec.constants.TransformExclC14N, transform)
    root.insert(0, template)
    reference = xmlsec.template.add_reference(
        template,
        digest or xmlsec.constants.TransformSha256,
        uri=f"#{root.get('ID')}" if uri is None else uri,
    )
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair.key, xmlsec.constants.KeyDataFormatPem, None)
    context.register_id(root if over is None else root.find(over), "ID")
    context.sign(template)
    return etree.tostring(root).decode()


@functools.cache
def certificate(kind="rsa", bits=2048, *, expired=False):
    """Return the Base64 of a certificate with such a key, valid at NOW unless it is expired."""
    private = {
        "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=bits),
        "ec": lambda: ec.generate_private_key(ec.SECP256R1() if bits == 256 else ec.SECP192R1()),
        "ed": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(NOW.replace(year=2020))
        .not_valid_after(NOW.replace(day=1) if expired else NOW.replace(year=2030))
        .sign(private, None if kind == "ed" else hashes.SHA256())
    )
    return der_of(made.public_bytes(serialization.Encoding.PEM).decode())
