"""Portals and models that several of the recommender's tests look at."""

import pytest

from recommender.model import fit
from recommender.planted import planted
from tests.unit.recommender.worlds import checkerboard, world


@pytest.fixture(scope="session")
def board():
    return checkerboard()


@pytest.fixture(scope="session")
def board_model(board):
    return fit(board.dataset)


@pytest.fixture(scope="session")
def roles_matter():
    return planted(0.8, people=500, items=150, roles=5)


@pytest.fixture(scope="session")
def portal():
    return world(1)


@pytest.fixture(scope="session")
def model(portal):
    return fit(portal)


@pytest.fixture(scope="session")
def facts(portal):
    return {each.item: each for each in portal.items}
