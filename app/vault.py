"""Seals what the database must hold and nobody may read there: client secrets, private keys.

Fernet (AES-128-CBC with HMAC-SHA-256) under a key that HKDF-SHA-256 derives from the secret key,
so that a copy of the database alone opens nothing. A value `env:NAME` is no secret but the name
of an environment variable that holds it.
"""

import base64
import os
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FROM_ENVIRONMENT = "env:"
_OWN = "FOYER_"


class CannotOpenError(ValueError):
    """A sealed value was sealed under another secret key, or names a variable that is not set.

    `variable` is the name of that variable; empty where the key is another one.
    """

    def __init__(self, message: str, variable: str = "") -> None:
        """Keep the variable's name."""
        super().__init__(message)
        self.variable = variable


class Vault:
    """Seals and opens short texts under one secret key."""

    def __init__(self, secret_key: str, environ: Mapping[str, str] = os.environ) -> None:
        """Derive the key; `environ` is where `env:NAME` values are looked up."""
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"foyer vault 1")
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
        self._environ = environ

    def seal(self, text: str) -> str:
        """Return the text sealed; `env:NAME` and the empty text stay as they are."""
        if not text or text.startswith(_FROM_ENVIRONMENT):
            return text
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed; raise CannotOpenError when it cannot be had."""
        if not sealed:
            return ""
        if sealed.startswith(_FROM_ENVIRONMENT):
            return self._looked_up(sealed.removeprefix(_FROM_ENVIRONMENT))
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise CannotOpenError("this value was sealed under another secret key") from error

    def _looked_up(self, name: str) -> str:
        """Return a variable; none of Foyer's own, which an administrator could send elsewhere."""
        if name.upper().startswith(_OWN):
            raise CannotOpenError(f"{name} is a setting of Foyer and no secret of others", name)
        try:
            return self._environ[name]
        except KeyError as error:
            raise CannotOpenError(f"the environment variable {name} is not set", name) from error
