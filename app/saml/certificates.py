"""Reads the certificates that carry a provider's signing keys.

A certificate is only the envelope of a key here: who issued it and whether it has expired proves
nothing in SAML metadata (SAML V2.0 Metadata Interoperability Profile, 2.6.1). The strength of the
key does.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from app.errors import Invalid, Wording

LEAST_RSA_BITS = 2048
LEAST_EC_BITS = 256
_BEGIN = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as PEM, the SHA-256 of its DER form, and until when it says to be valid."""

    pem: str
    fingerprint: str
    valid_until: datetime


def certificate(base64_der: str, number: int, field: str) -> Certificate:
    """Read the certificate with this number, given as Base64 of its DER form.

    Raises Invalid for the named field when it is damaged or its key is too weak.
    """
    try:
        der = base64.b64decode("".join(base64_der.split()), validate=True)
        return _checked(x509.load_der_x509_certificate(der), number, field)
    except (binascii.Error, ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        why = Wording("Signing certificate %(number)d cannot be read.", number=number)
        raise Invalid({field: why}) from error


def pinned(text: str, field: str) -> list[Certificate]:
    """Read the certificates that an administrator pasted, as PEM or as Base64 alone.

    Raises Invalid for the named field.
    """
    blocks = text.split(_BEGIN)[1:] if _BEGIN in text else [text]
    return [
        certificate(block.split("-----END")[0], number, field)
        for number, block in enumerate(blocks, start=1)
    ]


def _checked(found: x509.Certificate, number: int, field: str) -> Certificate:
    key = found.public_key()
    if isinstance(key, RSAPublicKey):
        least = LEAST_RSA_BITS
    elif isinstance(key, EllipticCurvePublicKey):
        least = LEAST_EC_BITS
    else:
        kind = Wording(
            "The key in signing certificate %(number)d is neither RSA nor EC.", number=number
        )
        raise Invalid({field: kind})
    if key.key_size < least:
        weak = Wording(
            "The key in signing certificate %(number)d has %(bits)d bits; at least %(least)d are "
            "needed.",
            number=number,
            bits=key.key_size,
            least=least,
        )
        raise Invalid({field: weak})
    return Certificate(
        pem=found.public_bytes(Encoding.PEM).decode(),
        fingerprint=found.fingerprint(SHA256()).hex(),
        valid_until=found.not_valid_after_utc,
    )
