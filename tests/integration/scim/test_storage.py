"""The storage keeps the contract of scim2-server, on each database."""

import pytest
from scim2_server.testing import ScimStorageContract

from app.models import Person
from app.scim import service
from app.scim.protocol import provider
from app.scim.storage import SqlStorage


class Nobody:
    """Makes a person for every user, whatever it says, and does nothing afterwards."""

    def __init__(self, session, now):
        self.session, self.now = session, now

    def join(self, user):
        person = Person(
            email=f"{user.id}@example.org", name="-", given_name="-", created_at=self.now
        )
        self.session.add(person)
        self.session.flush()
        user.person_id = person.id

    def follow(self, user, before):
        pass

    def leave(self, user):
        pass

    def regroup(self, users):
        pass


class TestContract(ScimStorageContract):
    @pytest.fixture
    def provider(self):
        return provider()

    @pytest.fixture
    def storage(self, session, now):
        client = service.add_client(session, "Entra", now=now)
        return SqlStorage(session, client.id, Nobody(session, now), now=now)
