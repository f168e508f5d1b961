"""My data, with a Slack workspace in memory where tools are asked."""

import httpx
import pytest

from app.connectors.http import Http
from app.harvest.reaching import Parts
from app.models import Connection
from tests.support.factories import NOW
from tests.support.tools.slack import FakeSlack
from tests.support.tools.world import on_the_wire


@pytest.fixture
def fake():
    return FakeSlack()


@pytest.fixture
def parts(app, fake):
    """Return what the application asks tools with: the fake in place of the network."""
    resources = app.extensions["foyer"]

    def make_http(_connection, spec, settings, secrets, meter, keep):
        client = httpx.Client(
            transport=httpx.MockTransport(lambda one: on_the_wire(fake.handle(one)))
        )
        return Http(
            settings.address,
            client,
            hosts=spec.hosts,
            secrets=secrets,
            meter=meter,
            keep=keep,
            sleep=lambda _seconds: None,
        )

    found = Parts(resources.database, resources.vault, now=lambda: NOW, make_http=make_http)
    app.extensions["foyer-harvest"] = found
    return found


@pytest.fixture
def chat(parts, make, session, fake):
    """Return the connection of a chat where people can connect their own accounts."""
    settings = fake.settings()
    secrets = {name: parts.vault.seal(settings.pop(name)) for name in ("token",)}
    secrets["accounts_client_secret"] = parts.vault.seal(settings.pop("accounts_client_secret"))
    found = Connection(
        tool_id=make.tool("chat", "Chat").id,
        kind="slack",
        settings=settings,
        secrets=secrets,
        enabled=True,
        created_at=NOW,
    )
    session.add(found)
    session.commit()
    return found
