"""A page for field engineers with two sections, for tests of curation."""

import pytest
from sqlalchemy import select

from app.models import Pin, Role, Section


class World:
    """The rows that the tests name: the role's page, its sections, and four items."""

    def __init__(self, make, session, role):
        self.session, self.role = session, role
        self.page = make.role_page(
            role, title="Field engineering", intro="Start here.", sections=("First week", "Later")
        )
        found = session.scalars(select(Section).order_by(Section.position)).all()
        self.first, self.later = found
        self.ohm, self.pumps, self.waves, self.free = (
            make.item(title) for title in ("Ohm's law", "Pumps", "Waves", "Free item")
        )
        self.pins = [
            make.pin(self.first, self.ohm, "Read this\nslowly.", position=0),
            make.pin(self.first, self.pumps, position=1),
            make.pin(self.later, self.waves, position=0),
        ]
        session.commit()

    def order(self, section):
        """Return the titles' ids of a section's pins as the database has them now."""
        self.session.expire_all()
        wanted = select(Pin.item_id).where(Pin.section_id == section.id).order_by(Pin.position)
        names = {i.id: n for n, i in vars(self).items() if n in {"ohm", "pumps", "waves", "free"}}
        return [names[item_id] for item_id in self.session.scalars(wanted)]

    def notes(self):
        """Return the notes of all pins by id."""
        self.session.expire_all()
        return dict(self.session.execute(select(Pin.id, Pin.note)).all())


@pytest.fixture
def world(make, session, employee):
    """Return the page and what is on it."""
    return World(make, session, session.scalar(select(Role)))
