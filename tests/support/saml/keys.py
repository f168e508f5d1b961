"""Key pairs with self-signed certificates, made once per name while the tests run."""

import base64
import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and its certificate, both as PEM."""

    key: str
    certificate: str

    @property
    def der(self) -> str:
        """Return the certificate as it stands in metadata: base64 without the PEM's frame."""
        return der_of(self.certificate)

    @property
    def fingerprint(self) -> str:
        """Return the certificate's SHA-256 in lower-case hexadecimal."""
        return (
            x509.load_pem_x509_certificate(self.certificate.encode())
            .fingerprint(hashes.SHA256())
            .hex()
        )


def der_of(certificate: str) -> str:
    """Return the base64 inside a PEM, on one line."""
    return "".join(line for line in certificate.splitlines() if "-----" not in line)


def pem_of(der: str) -> str:
    """Return the PEM around base64 as it stands in metadata."""
    raw = base64.b64decode("".join(der.split()))
    certificate = x509.load_der_x509_certificate(raw)
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@functools.cache
def key_pair(name: str, common_name: str = "idp.example.org") -> KeyPair:
    """Return the key pair called `name`; the certificate's subject is `common_name`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return KeyPair(
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )
