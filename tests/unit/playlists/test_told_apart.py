"""Parts of a known sum are told so that nobody works out how many the few are."""

from hypothesis import given
from hypothesis import strategies as st

from app.playlists.cohort import AT_LEAST
from app.playlists.desk import told_apart


def test_two_of_seven_are_not_what_is_left():
    assert told_apart([5, 2]) == [None, None]
    assert told_apart([9, 0, 6]) == [9, 0, 6]
    assert told_apart([8, 3, 0, 6]) == [8, None, 0, None]


@given(st.lists(st.integers(0, 12), max_size=6))
def test_what_is_left_of_the_sum_is_nobody_or_a_group(counts):
    left = sum(counts) - sum(number for number in told_apart(counts) if number is not None)
    assert left == 0 or left >= AT_LEAST or sum(counts) < AT_LEAST
    assert not any(number and number < AT_LEAST for number in told_apart(counts))
