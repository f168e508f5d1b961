"""What people search for is counted as distinct people, and below the minimum not at all."""

import pytest

from app.models import RecentSearch
from app.tending import queries
from app.tending.queries import Asked, KeptSearches


@pytest.fixture
def searched(session, make, now):
    """Return a function that lets so many new people search for a text, with so many results."""

    def done(text, people, results=1, times=1):
        for _ in range(people):
            session.add(
                RecentSearch(
                    person_id=make.person().id,
                    text=text,
                    folded=text.lower(),
                    results=results,
                    times=times,
                    searched_at=now,
                )
            )
        session.flush()

    return done


def test_it_counts_people_in_groups_and_not_how_often_they_asked(session, searched):
    searched("Pumps", 5, times=9)
    searched("pumps", 4)
    searched("valves", 5)
    assert queries.most_asked(session, at_least=5, limit=9) == [
        Asked("pumps", 5),
        Asked("valves", 5),
    ]


def test_what_fewer_people_asked_is_not_told(session, searched):
    searched("my colleague Eve", 4)
    searched("pumps", 5)
    assert queries.most_asked(session, at_least=5, limit=9) == [Asked("pumps", 5)]


def test_only_people_who_found_nothing_count_as_failing(session, searched):
    searched("assesment", 4, results=0)
    searched("assesment", 3, results=2)
    searched("abac", 5, results=0)
    assert queries.most_failing(session, at_least=5, limit=9) == [Asked("abac", 5)]


def test_it_gives_as_many_as_asked_for(session, searched):
    for text in ("a", "b", "c"):
        searched(text, 5)
    assert len(queries.most_asked(session, at_least=5, limit=2)) == 2


def test_kept_searches_of_too_few_people_are_not_counted(session, searched):
    searched("pumps", 4, results=0)
    assert queries.kept_searches(session, at_least=5) is None
    searched("valves", 1)
    assert queries.kept_searches(session, at_least=5) == KeptSearches(5, 4)


def test_one_person_with_many_searches_is_one_person(session, make, now):
    person = make.person().id
    for number in range(9):
        text = f"search {number}"
        session.add(
            RecentSearch(person_id=person, text=text, folded=text, results=0, searched_at=now)
        )
    session.flush()
    assert queries.kept_searches(session, at_least=5) is None
