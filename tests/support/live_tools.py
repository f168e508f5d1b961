"""Connected tools that answer a reader's search: fakes behind one transport, each on its host."""

import threading

import httpx

from app.connectors.http import Http
from app.connectors.registry import connector_for
from app.connectors.settings import secret_names
from app.harvest.reaching import Parts
from app.models import Connection, Tool
from tests.support.factories import NOW
from tests.support.tools.world import on_the_wire


class LiveTools:
    """Tools by the slugs that tests give them; `handlers` answer for hosts and may be replaced."""

    def __init__(self, database, vault):
        self.database, self.vault = database, vault
        self.handlers, self.asked = {}, []
        self.over = threading.Event()
        self.parts = Parts(database, vault, now=lambda: NOW, make_http=self.make_http)

    def connect(self, slug, fake, name=None, address="", settings=(), **values):
        """Connect a fake as a tool of its own, at an address on the network where one is given."""
        own = {"address": address or f"https://{slug}.test", **dict(settings)}
        settings = fake.settings() | own
        spec = connector_for(fake.kind).spec
        secrets = {one: settings.pop(one) for one in secret_names(spec.settings) if one in settings}
        with self.database.transaction() as session:
            tool = session.query(Tool).filter_by(slug=slug).one_or_none()
            tool = tool or Tool(slug=slug, name=name or slug.title(), kind=spec.family)
            session.add(tool)
            session.flush()
            row = Connection(
                tool_id=tool.id,
                kind=fake.kind,
                settings=settings,
                secrets={one: self.vault.seal(secret) for one, secret in secrets.items()},
                enabled=True,
                private=bool(address),
                created_at=NOW,
                **{"last_ok_at": NOW, **values},
            )
            session.add(row)
        self.handlers[f"{slug}.test"] = fake.handle
        return fake

    def break_down(self, slug, handler):
        """Let a tool answer by this from now on."""
        self.handlers[f"{slug}.test"] = handler

    def hang(self, _request):
        """Never answer, as long as the test goes on."""
        self.over.wait(30)
        raise httpx.ReadTimeout("nothing came")

    def make_http(self, _connection, spec, settings, secrets, meter, keep):
        return Http(
            settings.address,
            httpx.Client(transport=httpx.MockTransport(self.answer)),
            hosts=spec.hosts,
            secrets=secrets,
            meter=meter,
            keep=keep,
        )

    def answer(self, request):
        self.asked.append(request.url.host)
        return on_the_wire(self.handlers[request.url.host](request))
