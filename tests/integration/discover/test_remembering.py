"""What is kept of people's searches: once each, for them alone, not for ever."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.discover import remembering
from app.discover.address import Ask
from app.discover.suggest_queries import searches_of
from app.errors import NotFound
from app.models import RecentSearch

SECOND = timedelta(seconds=1)
one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def person(make):
    return make.person()


@pytest.fixture
def search(session, person, now):
    """Return a function that lets the person search, so many seconds after now."""

    def searched(text, *, after=0, results=3, by=person, **ask):
        return remembering.remember(
            session, by.id, Ask(text=text, **ask), results, now=now + after * SECOND
        )

    return searched


@pytest.fixture
def kept(session, person):
    """Return a function that lists what is kept, the newest first."""

    def listed(whose=person):
        return [(each.text, each.times) for each in searches_of(session, whose.id, 1000)]

    return listed


def test_it_keeps_what_was_asked_and_how_much_was_found(search, now):
    made = search(" Pump  seals ", filters={"kind": ("video",)}, results=7, page=3, pin_to=1)
    assert (made.text, made.folded, made.results) == ("Pump seals", "pump seals", 7)
    assert (made.times, made.searched_at) == (1, now)
    asked = remembering.ask_of(made)
    assert (asked.filters, asked.page, asked.pin_to) == ({"kind": ("video",)}, 1, None)


@pytest.mark.parametrize("text", ["", " ", "a", " a ", "kind:video", "-pumps", '""'])
def test_it_keeps_nothing_without_words(search, kept, text):
    assert search(text) is None
    assert kept() == []


def test_it_keeps_nothing_for_who_does_not_want_it(make, search, kept):
    shy = make.person(keeps_searches=False)
    assert search("pumps", by=shy) is None
    assert kept(shy) == []


def test_it_keeps_a_search_once_and_counts_its_times(search, kept):
    search("Pumps")
    search("PUMPS", after=120)
    assert kept() == [("PUMPS", 2)]


def test_it_counts_one_time_while_a_search_is_narrowed(search, kept):
    search("pumps")
    narrowed = search("pumps", after=20, filters={"kind": ("video",)})
    assert kept() == [("pumps", 1)]
    assert narrowed.arguments["kind"] == ["video"]


def test_it_lets_letters_of_one_word_be_one_search(search, kept):
    for seconds, text in enumerate(["pu", "pump", "pump se", "pump seals"]):
        search(text, after=seconds)
    assert kept() == [("pump seals", 1)]


def test_it_keeps_what_stood_for_longer_than_a_minute(search, kept):
    search("pump")
    search("pump seals", after=61)
    assert kept() == [("pump seals", 1), ("pump", 1)]


def test_it_keeps_what_was_searched_before_though_it_is_gone_on_with(search, kept):
    search("pump")
    search("pump", after=600)
    search("pump seals", after=605)
    assert kept() == [("pump seals", 1), ("pump", 2)]


def test_it_takes_no_search_for_the_beginning_of_another_persons(make, search, kept):
    other = make.person()
    search("pump", by=other)
    search("pump seals", after=1)
    assert (kept(other), kept()) == ([("pump", 1)], [("pump seals", 1)])


def test_it_keeps_at_most_fifty_for_a_person(search, kept):
    for number in range(remembering.MOST_KEPT + 3):
        search(f"{number} pumps", after=number * 61)
    assert len(kept()) == remembering.MOST_KEPT
    assert kept()[-1] == ("3 pumps", 1)


def test_it_deletes_one_search_of_its_owner_only(session, make, search, kept, person):
    mine, theirs = search("pumps"), search("seals", by=make.person())
    with pytest.raises(NotFound):
        remembering.forget(session, person.id, theirs.id)
    remembering.forget(session, person.id, mine.id)
    assert kept() == []
    assert session.query(RecentSearch).count() == 1


def test_it_deletes_all_searches_of_a_person(session, make, search, person):
    for text in ("pumps", "seals"):
        search(text)
    search("pumps", by=make.person())
    assert remembering.forget_all(session, person.id) == 2
    assert session.query(RecentSearch).count() == 1


def test_it_deletes_everybodys_after_ninety_days(session, search, kept, now):
    search("pumps")
    search("seals", after=24 * 3600)
    assert remembering.forget_old(session, now=now + timedelta(days=90, seconds=1)) == 1
    assert kept() == [("seals", 1)]


def test_it_goes_with_the_person(session, search, person):
    search("pumps")
    session.delete(person)
    session.flush()
    assert session.query(RecentSearch).count() == 0


@one_database
@given(texts=st.lists(st.text(max_size=320), max_size=4), gap=st.integers(0, 90))
def test_it_keeps_any_text_once(session, search, kept, person, texts, gap):
    for number, text in enumerate(texts):
        search(Ask.of(remembering.Kept({"q": text})).text, after=number * gap)
    rows = searches_of(session, person.id, 1000)
    assert len({row.folded for row in rows}) == len(rows)
    assert all(remembering.ask_of(row).text.split() == row.text.split() for row in rows)
    remembering.forget_all(session, person.id)
