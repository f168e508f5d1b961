"""Orders as plain lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.order import merged, moved

orders = st.lists(st.integers(0, 20), unique=True, min_size=1)


@pytest.mark.parametrize(
    ("one", "step", "after"),
    [("b", -1, "bacd"), ("b", 1, "acbd"), ("a", -1, "abcd"), ("d", 1, "abcd"), ("a", 9, "bcda")],
)
def test_it_moves_one_as_far_as_the_ends_allow(one, step, after):
    assert moved("abcd", one, step) == list(after)


def test_it_merges_a_stale_list_without_losing_anything():
    assert merged([1, 2, 3, 4], [4, 9, 2, 4]) == [4, 2, 1, 3]


@given(orders, st.data())
def test_it_moves_and_loses_nothing(order, data):
    one, step = data.draw(st.sampled_from(order)), data.draw(st.integers(-30, 30))
    after = moved(order, one, step)
    assert sorted(after) == sorted(order)
    assert [each for each in after if each != one] == [each for each in order if each != one]


@given(orders, st.lists(st.integers(0, 25)))
def test_it_merges_any_list_into_a_permutation(order, wanted):
    assert sorted(merged(order, wanted)) == sorted(order)


@given(orders)
def test_it_takes_a_whole_list_as_it_is(order):
    assert merged(sorted(order), order) == order
