"""When tools are asked, what is kept of their answers, and how their hits are put in order."""

from dataclasses import replace

import pytest
from werkzeug.datastructures import MultiDict

from app.connectors.base import Hit
from app.discover import live
from app.discover.address import Ask
from app.discover.live import KEPT_SECONDS, MOST_KEPT, Heard, Memory, Scope
from app.harvest.live import Answer, Found, Said
from search.document import Request
from search.query import parse
from search.store import IndexStore
from tests.unit.search.samples import EVERYONE, document

QUESTION = ("reader", "pump")


def ask(query):
    return Ask.of(MultiDict(one.split("=") for one in query.split("&")))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=pump", Scope.ASKED),
        ('q="pump seals" OR valve', Scope.ASKED),
        ("q=pump -seal", Scope.ASKED),
        ("q=pump&kind=video&tool=wiki", Scope.ASKED),
        ("q=pump kind:video -tool:wiki", Scope.ASKED),
        ("q=pump&skill=python", Scope.FILTERED),
        ("q=pump level:beginner", Scope.FILTERED),
        ("q=pump -skill:python", Scope.FILTERED),
        ("q=pump under:30m", Scope.FILTERED),
        ("q=pump -under:30m", Scope.FILTERED),
        ("q=", Scope.NOTHING),
        ("q=kind:video", Scope.NOTHING),
        ("q=-pump", Scope.NOTHING),
        ("q=pump&page=2", Scope.NOTHING),
        ("q=pump&sort=newest", Scope.NOTHING),
        ("q=pump&pin_to=1", Scope.NOTHING),
    ],
)
def test_tools_are_asked_for_words_that_they_can_answer(query, expected):
    assert live.scope(ask(query)) is expected


def test_tools_are_given_plain_words():
    query = parse('pump "wear and tear" seal OR valve -old kind:video')
    assert live.words_for_tools(query) == "pump wear and tear seal valve"


@pytest.fixture
def clock():
    """Return a clock that a test sets."""
    return [0.0]


@pytest.fixture
def memory(clock):
    return Memory(lambda: clock[0])


def test_what_was_heard_counts_for_two_minutes(memory, clock):
    kept = memory.keep(QUESTION, Heard(), None)
    clock[0] = KEPT_SECONDS
    assert memory.find(QUESTION) is kept
    clock[0] += 1
    assert memory.find(QUESTION) is None


def test_the_oldest_answer_goes_when_there_are_too_many(memory):
    for number in range(MOST_KEPT + 1):
        memory.keep((number,), Heard(), None)
    assert memory.find((0,)) is None
    assert memory.find((1,)) is not None
    assert memory.find((MOST_KEPT,)) is not None


def found(title, external_id="1", **values):
    return Found(Hit(external_id, title, "https://t.test/1", values.pop("kind", "video")), **values)


def heard(store, *answers, query="q=pump", languages=("en",)):
    question = ask(query)
    request = Request(parse(question.text), EVERYONE, facets=(), prefix=True)
    told = [Answer(name, name.title(), Said.ANSWERED, each) for name, each in answers]
    return live.heard(store, request, question, told, languages)


@pytest.fixture
def index(tmp_path):
    """Return an index of a few documents."""
    with IndexStore(tmp_path / "index") as store:
        store.rebuild([document(1, "Pump seals"), document(2, "Chairs"), document(3, "Pumpen")])
        yield store


def titles(result):
    return [one.found.hit.title for one in result.hits]


def test_hits_of_all_tools_stand_in_one_order(index):
    first = (found("A pump among a great many other things", "1"), found("Chairs", "2"))
    result = heard(index, ("a", first), ("b", (found("Pump"),)))
    assert titles(result) == ["Pump", "A pump among a great many other things", "Chairs"]


def test_one_thing_stands_there_once_whoever_names_it(index):
    both = frozenset({"address:provider.test/pump"})
    result = heard(index, ("a", (found("A pump", keys=both),)), ("b", (found("Pump", keys=both),)))
    assert titles(result) == ["Pump"]


def test_what_the_index_finds_itself_is_left_out_and_still_counted(index):
    result = heard(index, ("a", (found("Pump seals", "1", item_id=1), found("C", "2", item_id=2))))
    assert [one.item_id for one in result.hits] == [2]
    assert len(result.answers[0].found) == 2


def test_hits_of_another_kind_are_neither_shown_nor_counted(index):
    both = (found("Pump", "1", kind="course"), found("Pumps", "2"))
    for query in ("q=pump&kind=video", "q=pump kind:video", "q=pump -kind:course"):
        result = heard(index, ("a", both), query=query)
        assert titles(result) == ["Pumps"]
        assert len(result.answers[0].found) == 1


def test_a_hit_is_read_in_the_language_in_which_it_fits_best(index):
    index.rebuild([document(1, "Pump seals"), document(9, "Schulung", language="de")])
    hit = ("a", (found("Schulung"),))
    result = heard(index, hit, query="q=schulungen", languages=("en", "de"))
    alone = heard(index, hit, query="q=schulungen", languages=("en",))
    assert result.hits[0].place.score > alone.hits[0].place.score == 0


def test_hits_have_places_before_what_fits_less(index):
    result = heard(index, ("a", (found("Pump seals"), found("Nothing of the kind", "2"))))
    request = Request(parse("pump"), EVERYONE, facets=())
    worse = [replace(hit, score=hit.score / 10) for hit in index.search(request).hits]
    [(item_id, rows)] = live.placed(worse, result.hits).items()
    assert item_id == worse[0].id
    assert [one.found.hit.title for one in rows] == ["Pump seals"]
