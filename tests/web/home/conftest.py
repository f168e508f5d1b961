"""What the first page and the page of shelves are tested with."""

import pytest

from app.models import Role


@pytest.fixture
def engineers(employee, session):
    """Return the employee's role."""
    return session.query(Role).filter_by(slug="field-engineer").one()


@pytest.fixture
def catalogue(make, engineers, session):
    """Make items for the employee's role to be recommended."""
    items = [make.item(f"Offered {number}", roles=[engineers]) for number in range(12)]
    session.commit()
    return items
