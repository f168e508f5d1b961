"""What the fakes of tools share: a clock of their own, a log of requests, a way to be connected.

A fake speaks a vendor's wire format from memory: recorded shapes, not our idea of the tool. Its
module says what the shapes are from. It begins empty; tests change its world with `add`, `change`,
`remove` and, where the tool has it, `hide`; with `complete` where people do something in it; with
`forget` where it can lose what a cursor names. A subclass sets what is true of its tool:

    many         so many items that a sweep has at least two checkpoints (one, if it reads all
                 there is with one request)
    hides        it has `hide`
    can_probe    it can tell a live item from a removed one
    refuses      it asks for a secret: with a wrong one it answers as the tool does
    forgets      it has `forget`: cursors given so far are refused as the tool does
    reads_pages  what it answers with are pages for people, from which its items are made
    link_hosts   hosts beside its own to which its links lead
"""

import datetime as dt
import itertools
from email.utils import format_datetime

import httpx

from app.connectors import registry
from app.connectors.http import Http
from app.connectors.settings import read_settings, secret_names

CANARY = "canary-7f3a9c1e"  # stands in every secret of a fake; must appear nowhere else
START = dt.datetime(2026, 11, 12, 9, 0, tzinfo=dt.UTC)


class FakeTool:
    """One tool in memory. `handle` answers what the connector asks; `now` is the tool's clock."""

    kind = ""
    address = "https://tool.test"
    many = 3
    hides = False
    can_probe = True
    refuses = True
    forgets = False
    link_hosts = ()
    reads_pages = False

    def __init__(self):
        self.now = START
        self.requests = []
        self.slept = []
        self.numbers = itertools.count(1)  # of items, none of which is given twice

    def settings(self):
        """Return the settings as an administrator types them, each secret with the canary."""
        return {"address": self.address}

    def answer(self, request):
        """Return the httpx.Response to a request; each fake's own."""
        raise NotImplementedError

    def add(self, title):
        """Make an item with this title; return its external id."""
        raise NotImplementedError

    def change(self, external_id, title):
        """Give an item another title."""
        raise NotImplementedError

    def remove(self, external_id):
        """Delete an item."""
        raise NotImplementedError

    def hide(self, external_id):
        """Hide an item from readers without deleting it."""
        raise NotImplementedError

    def complete(self, external_id, account):
        """Let a person, as the tool names them, complete an item now."""
        raise NotImplementedError

    def person(self, kind):
        """Return the name of a person whom the tool knows, by this kind of account."""
        return "ada@example.org" if kind == "email" else "ada"

    def told_of(self, external_id):
        """Return what activity names an item by: its id, or an address of it."""
        return external_id

    def forget(self):
        """Refuse from now on every cursor that was given so far."""
        raise NotImplementedError

    def faults(self):
        """Return faults in the tool's own words, beside those of HTTP (`faults.FAULTS`)."""
        return {}

    def seen(self, title):
        """Return the title as a reader should see it: what the tool lets through of it."""
        return title

    def tick(self, minutes=10):
        """Let time pass in the tool."""
        self.now += dt.timedelta(minutes=minutes)

    def handle(self, request):
        """Answer one request as a server does: logged, with a Date header."""
        request.read()
        self.requests.append(request)
        response = self.answer(request)
        response.headers.setdefault("Date", format_datetime(self.now, usegmt=True))
        return response

    @property
    def connector_class(self):
        return registry.connector_for(self.kind)

    def http(self, handle=None):
        """Return the host's client, wired to this fake; waits are noted and not waited."""
        settings = read_settings(self.connector_class.spec.settings, self.settings())
        secrets = [
            getattr(settings, name) for name in secret_names(self.connector_class.spec.settings)
        ]
        answered = handle or self.handle
        client = httpx.Client(
            transport=httpx.MockTransport(lambda request: on_the_wire(answered(request)))
        )
        return Http(
            settings.address,
            client,
            hosts=self.connector_class.spec.hosts,
            secrets=[secret for secret in secrets if secret],
            sleep=self.slept.append,
            chance=lambda low, high: high,
        )

    def connector(self, handle=None, **other_settings):
        """Return the connector of this kind, connected to this fake."""
        kind = self.connector_class
        settings = read_settings(kind.spec.settings, {**self.settings(), **other_settings})
        return registry.connected(kind, settings, self.http(handle))


def on_the_wire(response):
    """Return the response as a client receives it: its body still to be read."""
    if not response.is_stream_consumed:
        return response
    stream = httpx.ByteStream(response.content)
    return httpx.Response(response.status_code, headers=response.headers, stream=stream)


def json_answer(values, status=200, **headers):
    """Return a response with these values as JSON."""
    return httpx.Response(status, json=values, headers=headers)
