"""Asking connected tools while a reader waits: rules 6, 7 and 8 of the contract."""

import datetime as dt
import threading
from dataclasses import replace

import httpx
import pytest

from app.connectors.tools.wordpress import WordPress
from app.harvest import live
from app.harvest.live import Said
from app.models import Item
from tests.support.tools.wordpress import FakeWordPress

EVERYBODY = frozenset({"everyone"})
SOON = dt.timedelta(seconds=0.2)


@pytest.fixture
def blog(harvesting):
    """A connected blog with a post about pumps, in the catalogue already."""
    fake = FakeWordPress()
    fake.add("Pump seals")
    harvesting.handle = fake.handle
    harvesting.connect("wordpress", fake.address)
    harvesting.run()
    return fake


def asked(harvesting, tokens=EVERYBODY, deadline=dt.timedelta(seconds=20)):
    return live.ask(harvesting.parts, "pump", tokens=tokens, deadline=deadline)


def test_what_the_catalogue_holds_is_its_item(harvesting, blog):
    blog.add("Pump oil")
    [answer] = asked(harvesting)
    assert answer.said is Said.ANSWERED
    with harvesting.database.transaction() as session:
        held = session.query(Item.id).scalar()
    assert [(one.hit.title, one.item_id) for one in answer.found] == [
        ("Pump seals", held),
        ("Pump oil", None),
    ]


def test_what_the_reader_may_not_see_is_not_shown_at_all(harvesting, blog):
    [answer] = asked(harvesting, tokens=frozenset({"role:stranger"}))
    assert answer.found == ()


def test_what_is_retired_here_is_not_shown(harvesting, blog):
    with harvesting.database.transaction() as session:
        session.query(Item).update({"status": "retired"})
    [answer] = asked(harvesting)
    assert answer.found == ()


def test_a_tool_that_hangs_is_late_and_after_three_times_rests_for_every_process(harvesting, blog):
    over = threading.Event()

    def hang(_request):
        over.wait(20)
        return httpx.Response(500)

    harvesting.handle = hang
    try:
        said = [asked(harvesting, deadline=SOON)[0].said for _ in range(4)]
    finally:
        over.set()
    assert said == [Said.LATE, Said.LATE, Said.LATE, Said.RESTING]
    [answer] = live.ask(harvesting.parts, "pump", tokens=EVERYBODY)
    assert answer.said is Said.RESTING
    assert answer.indexed_at is not None


def test_a_refusal_is_said_and_does_not_make_the_tool_rest(harvesting, blog):
    harvesting.handle = lambda _request: httpx.Response(401)
    answers = [asked(harvesting)[0] for _ in range(4)]
    assert {one.said for one in answers} == {Said.FAILED}
    assert answers[0].error


def test_a_tool_that_trims_by_person_is_never_asked_with_the_companys_token(harvesting, blog):
    class Trimmed(WordPress):
        spec = replace(
            WordPress.spec,
            capabilities=replace(WordPress.spec.capabilities, per_user_trim=True),
        )

    before = len(blog.requests)
    parts = replace(harvesting.parts, connector_for=lambda _kind: Trimmed)
    [answer] = live.ask(parts, "pump", tokens=EVERYBODY)
    assert (answer.said, answer.found) == (Said.CONNECT, ())
    assert len(blog.requests) == before
