"""Asking connected tools while a reader waits: rules 6, 7 and 8 of the contract."""

import datetime as dt
import threading
from dataclasses import replace

import httpx
import pytest

from app.connectors.mapping import Rule
from app.connectors.tools.wordpress import WordPress
from app.harvest import breakers, live
from app.harvest.live import Asked, Question, Said
from app.models import Connection, Item, ItemKey, Tool
from app.models.audience import audience_of
from tests.support.factories import Factory
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


def hide(harvesting, title):
    """Let nobody but the board see an item."""
    with harvesting.database.transaction() as session:
        board = audience_of(session, {"group:board"})
        session.query(Item).filter_by(title=title).update({"audience_id": board.id})


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


def test_a_tool_of_whose_items_the_reader_may_see_none_is_neither_asked_nor_named(harvesting, blog):
    before = len(blog.requests)
    assert asked(harvesting, tokens=frozenset({"role:stranger"})) == []
    assert len(blog.requests) == before


def test_what_the_reader_may_not_see_is_not_shown_at_all(harvesting, blog):
    hide(harvesting, "Pump seals")
    with harvesting.database.transaction() as session:
        Factory(session).item("Something of the blog", tool=session.query(Tool).one())
    [answer] = asked(harvesting)
    assert answer.found == ()


def test_what_another_tool_holds_is_its_item_or_nothing(harvesting, blog):
    blog.add("Pump oil")
    blog.add("Pump secrets")
    found = {one.hit.title: min(one.keys) for one in asked(harvesting)[0].found}
    with harvesting.database.transaction() as session:
        make = Factory(session)
        library = make.tool("library")
        oil = make.item("Oil", tool=library)
        hidden = make.item("S", tool=library, audience=["group:board"])
        for item, title in ((oil, "Pump oil"), (hidden, "Pump secrets")):
            session.add(ItemKey(item_id=item.id, key=found[title]))
        oil_id = oil.id
    [answer] = asked(harvesting)
    assert {one.hit.title for one in answer.found} == {"Pump seals", "Pump oil"}
    assert {one.item_id for one in answer.found} >= {oil_id}


def test_what_would_be_harvested_for_some_alone_is_shown_to_those_alone(harvesting, blog):
    blog.add("Pump oil")
    rules = [*WordPress.spec.mapping, Rule("audience", transform="names", default="group:pilot")]
    harvesting.change(Connection, mapping=[rule.as_json() for rule in rules])
    assert [one.hit.title for one in asked(harvesting)[0].found] == ["Pump seals"]
    pilot = EVERYBODY | {"group:pilot"}
    assert len(asked(harvesting, tokens=pilot)[0].found) == 2
    rules[-1] = Rule("audience", path="categories", transform="names")
    harvesting.change(Connection, mapping=[rule.as_json() for rule in rules])
    assert [one.hit.title for one in asked(harvesting, tokens=pilot)[0].found] == ["Pump seals"]


def test_what_comes_too_late_can_be_fetched_a_moment_later(harvesting, blog):
    come = threading.Event()
    answered = harvesting.handle

    def slow(request):
        come.wait(20)
        return answered(request)

    harvesting.handle = slow
    question = Question(words="pump", tokens=EVERYBODY)
    underway = Asked(harvesting.parts, question)
    assert underway.answers(SOON)[0].said is Said.LATE
    come.set()
    [answer] = underway.answers(dt.timedelta(seconds=20))
    assert (answer.said, len(answer.found)) == (Said.ANSWERED, 1)
    with harvesting.database.transaction() as session:
        assert breakers.state_of(session, harvesting.connection_id).failures == 0


def test_a_tool_is_asked_once_whatever_it_answers(harvesting, blog):
    sent = []
    harvesting.handle = lambda request: (
        sent.append(request) or httpx.Response(429, headers={"Retry-After": "1"})
    )
    assert asked(harvesting)[0].said is Said.FAILED
    assert len(sent) == 1


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
