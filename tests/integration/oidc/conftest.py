"""The provider of our own, and a wire to it."""

import pytest

from app.oidc.wire import Wire
from tests.support import oidc


@pytest.fixture(scope="session")
def running_provider():
    """Return the provider, answering over HTTP."""
    with oidc.running(oidc.Provider()) as provider:
        yield provider


@pytest.fixture
def provider(running_provider):
    """Return the provider with nothing of an earlier test in it."""
    running_provider.reset()
    return running_provider


@pytest.fixture
def wire():
    """Return a wire that may reach the loopback."""
    with Wire(["127.0.0.1"]) as wire:
        yield wire
