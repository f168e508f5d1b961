"""An administrator at the pages about identity providers, and a provider to connect."""

import io

import pytest

from tests.support.factories import NOW
from tests.support.saml.keys import key_pair
from tests.support.saml.provider import Provider


@pytest.fixture
def as_admin(make, sign_in):
    """Return a client signed in as an administrator."""
    return sign_in(make.person("Ada Admin", email="ada@example.org", access="admin"))


@pytest.fixture
def acme():
    """Return a provider that nobody has connected yet."""
    return Provider("acme", [key_pair("idp")], now=NOW)


@pytest.fixture
def enrolled(acme, session):
    """Return the row of that provider, switched off."""
    return acme.enrol(session, enabled=False)


@pytest.fixture
def metadata_file(acme):
    """Return that provider's metadata as an upload."""
    return io.BytesIO(acme.metadata().encode()), "acme.xml"
