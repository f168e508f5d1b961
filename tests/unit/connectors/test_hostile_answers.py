"""Whatever a tool answers to everything it is asked is trouble in words, or an end of the run."""

import json

import httpx
import pytest

from app.connectors.base import (
    Account,
    AccountKind,
    Harvests,
    Mode,
    ReportsActivity,
    Searches,
    SourceError,
)
from app.connectors.http import Http, Meter
from app.connectors.registry import connected, connector_for
from app.connectors.settings import read_settings
from tests.support.tools import FAKES
from tests.support.tools.world import on_the_wire

LISTS = (
    *("chunk", "channels", "continue", "courses", "data", "elements", "entries", "functions"),
    *("items", "pages", "posts", "query", "results", "rooms", "statements", "users", "value"),
    "values",
)
NEXT = "https://tool.test/next"
FOR_EVER = {
    "@odata.nextLink": NEXT,
    "_links": {"next": "/next"},
    "access_token": "t",
    "continue": {"x": "y"},
    "count": 10**30,
    "more": "/next",
    "next": NEXT,
    "next_batch": "x",
    "ok": True,
    "paging": {"total": 10**30},
    "response_metadata": {"next_cursor": "x"},
    "total": 10**30,
    **{name: [] for name in LISTS if name != "continue"},
}
ODD = [None, 7, "x", {}, [], {"id": None}, {"id": {}}, {"id": "\0"}, {"id": float("inf")}]
BODIES = {
    "an empty object": {},
    "an empty list": [],
    "null": None,
    "a number without end": float("inf"),
    "no number": float("nan"),
    "a text": "x",
    "a list of odd things": ODD,
    "numbers for lists": dict.fromkeys(LISTS, 7),
    "odd things in lists": dict.fromkeys(LISTS, ODD),
    "pages that lead to themselves": FOR_EVER,
}
RAW = {
    "brackets": b"[" * 20_000,
    "a page to sign in on": b"<html><form><input type=password></form>",
    "any bytes": bytes(range(256)) * 10,
}
ANSWERS = {name: json.dumps(body).encode() for name, body in BODIES.items()} | RAW
SOMEBODY = [Account(AccountKind.EMAIL, "ada@example.org")]


class Enough(Exception):
    """The budget of the run is spent."""


def tool_that_answers(fake, body):
    """Return a connector whose tool answers so to everything, up to 40 times."""

    def handle(_request):
        headers = {
            "Content-Type": "application/json",
            "Date": "Thu, 12 Nov 2026 09:00:00 GMT",
            "Link": f'<{NEXT}>; rel="next"',
            "Retry-After": "-1",
        }
        return on_the_wire(httpx.Response(200, content=body, headers=headers))

    def stop():
        if meter.requests >= 40:
            raise Enough

    meter = Meter(stop=stop)
    kind = connector_for(fake.kind)
    settings = read_settings(kind.spec.settings, fake.settings())
    client = httpx.Client(transport=httpx.MockTransport(handle))
    http = Http(settings.address, client, hosts=kind.spec.hosts, meter=meter, sleep=lambda _s: None)
    return connected(kind, settings, http)


def questions(tool):
    """Yield everything that the host asks of this tool."""
    if isinstance(tool, Harvests):
        yield lambda: list(tool.pull(None, Mode.SWEEP))
        yield lambda: tool.probe(["1"])
    if isinstance(tool, ReportsActivity):
        yield lambda: list(tool.activity(None, SOMEBODY))
    if isinstance(tool, Searches):
        yield lambda: tool.search("a", 3)


@pytest.mark.parametrize("fake", FAKES, ids=lambda one: one.kind)
@pytest.mark.parametrize("name", ANSWERS)
def test_it_is_trouble_in_words_or_the_end_of_the_run(fake, name):
    tool = tool_that_answers(fake(), ANSWERS[name])
    assert list(tool.check())
    for ask in questions(tool):
        try:
            ask()
        except (SourceError, Enough):
            continue
