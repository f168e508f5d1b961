"""The sample company as its files describe it, read once."""

import pytest

from app.demo.files import load


@pytest.fixture(scope="session")
def sample():
    """Return the sample company."""
    return load()
