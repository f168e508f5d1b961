"""An index for each engine; every test that takes `store` runs once per engine."""

import pytest

from search.engines import ENGINES
from search.store import IndexStore


@pytest.fixture(params=sorted(ENGINES))
def engine(request):
    """Return an engine's name."""
    return request.param


@pytest.fixture
def store(tmp_path, engine):
    """Return an index that has not been built yet."""
    with IndexStore(tmp_path / "index", engine) as opened:
        yield opened
