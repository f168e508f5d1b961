"""A draft with three sections, the first of them with three pins."""

import pytest
from sqlalchemy import select

from app.models import Pin, Section
from tests.support.factories import NOW


class World:
    """The rows of one page, and what the database holds of them now; `by` is who acts and when."""

    def __init__(self, make, session, *, published=False):
        self.session = session
        self.by = {"now": NOW}
        self.curator = make.person("Jonas Weber", access="curator")
        self.other = make.person("Eleni Pappas", access="curator")
        self.by["by"] = self.curator.id
        self.role = make.role("field-engineer", "Field engineer")
        self.page = make.role_page(self.role, sections=("One", "Two", "Three"), published=published)
        self.one, self.two, self.three = session.scalars(
            select(Section).where(Section.page_id == self.page.id).order_by(Section.position)
        )
        self.items = [make.item(f"Item {letter}") for letter in "abcdef"]
        self.pins = [make.pin(self.one, self.items[n], position=n) for n in range(3)]

    def orders(self):
        """Return the items of each section as letters, after checking that places are dense."""
        letters = dict(zip((item.id for item in self.items), "abcdef", strict=True))
        return ["".join(letters[pin.item_id] for pin in self._pins(s)) for s in self.sections()]

    def sections(self):
        """Return the sections in order, their positions checked."""
        wanted = select(Section).where(Section.page_id == self.page.id).order_by(Section.position)
        found = self.session.scalars(wanted.execution_options(populate_existing=True)).all()
        assert [each.position for each in found] == list(range(len(found)))
        return found

    def _pins(self, section):
        wanted = select(Pin).where(Pin.section_id == section.id).order_by(Pin.position)
        found = self.session.scalars(wanted.execution_options(populate_existing=True)).all()
        assert [each.position for each in found] == list(range(len(found)))
        return found


@pytest.fixture
def world(make, session):
    """Return the page and what is on it."""
    return World(make, session)


@pytest.fixture
def published(make, session):
    """Return the page as readers see it, and what is on it."""
    return World(make, session, published=True)
