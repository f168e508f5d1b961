"""Where an item stands, and in which parts others are ahead of it."""

import pytest

from recommender import Reason, ReasonCode, Recommendation, Slate
from recommender.whynot import standing, stronger_parts

SAID = Reason(ReasonCode.UNSEEN)


def ranked(item, **parts):
    return Recommendation(item, sum(parts.values()), SAID, parts)


@pytest.fixture
def ranking():
    """Five items: what everybody takes leads, whatever order they are shown in."""
    rows = [ranked(n, popular=1.0 - n / 10, taste=0.1 * n) for n in (0, 2, 1, 3)]
    return Slate((*rows, ranked(9, popular=0.1, taste=0.3)))


def test_the_place_goes_by_the_score(ranking):
    assert standing(ranking, ranking.recommendations[-1], shown=3).place == 5
    assert standing(ranking, ranking.recommendations[1], shown=3).compared == 5


def test_equals_share_a_place():
    slate = Slate((ranked(1, popular=1.0), ranked(2, popular=1.0)))
    assert [standing(slate, each, shown=2).place for each in slate.recommendations] == [1, 1]


def test_an_item_behind_all_that_were_compared_has_no_place(ranking):
    assert standing(ranking, ranked(7, popular=0.0), shown=3).place is None


def test_an_item_that_was_not_compared_takes_the_place_of_its_score(ranking):
    assert standing(ranking, ranked(7, popular=0.5), shown=3).place == 5


def test_it_names_only_parts_in_which_others_are_ahead(ranking):
    assert standing(ranking, ranking.recommendations[-1], shown=3).stronger == ("popular",)


def test_the_part_that_makes_most_of_the_difference_comes_first():
    others = [{"taste": 0.5, "role": 0.9, "trend": 0.4, "near": 0.3}, {"taste": 0.7}]
    assert stronger_parts({"taste": 0.1}, others) == ("taste", "role", "trend")


def test_a_part_that_hardly_matters_is_not_named():
    assert stronger_parts({}, [{"taste": 1.0, "fresh": 0.01}]) == ("taste",)


@pytest.mark.parametrize("others", [[], [{}], [{"taste": 0.1}]])
def test_where_nothing_is_ahead_nothing_is_named(others):
    assert stronger_parts({"taste": 0.4}, others) == ()
