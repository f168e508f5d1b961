"""A page for field engineers with two sections, for tests of curation."""

import pytest
from sqlalchemy import select

from app.curation.drafts import make_draft
from app.models import Pin, Role, Section
from tests.support.factories import NOW


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

    def begin(self, curator):
        """Make the draft; sections and pins are its own from now on."""
        self.draft_id = make_draft(self.session, self.page.id, by=curator.id, now=NOW)
        wanted = select(Section).where(Section.page_id == self.draft_id)
        self.first, self.later = self.session.scalars(wanted.order_by(Section.position))
        of_draft = select(Pin).where(Pin.section_id.in_([self.first.id, self.later.id]))
        self.pins = self.session.scalars(of_draft.order_by(Pin.section_id, Pin.position)).all()
        self.session.commit()

    def notes(self):
        """Return the notes of all pins by id."""
        self.session.expire_all()
        return dict(self.session.execute(select(Pin.id, Pin.note)).all())


@pytest.fixture
def world(make, session, employee):
    """Return the page and what is on it."""
    return World(make, session, session.scalar(select(Role)))


@pytest.fixture
def draft(world, curator):
    """Return the same page with a draft beside it, which the sections and pins are of."""
    world.begin(curator)
    return world


@pytest.fixture
def publish(as_curator):
    """Return a function that publishes the draft as the curator does: looks at it, and says yes."""

    def published(note="", client=as_curator):
        address = "/curate/roles/field-engineer/publish"
        fields = client.get(address).all("input", name="revision")
        return client.post(address, {"revision": fields[0].get("value"), "note": note})

    return published
