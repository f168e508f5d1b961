"""No difference of two numbers of people is of a few of them, whatever is known of the others."""

from hypothesis import given
from hypothesis import strategies as st

from app.sums import FEWEST, AtLeast, told, told_mean, told_of

SIZES = st.integers(0, 12)
NUMBERS = st.integers(0, 200)


def size_of(fewest):
    return max(fewest, FEWEST)


@given(NUMBERS, NUMBERS, SIZES)
def test_two_numbers_differ_by_a_group_or_not_at_all(one, other, fewest):
    difference = abs(told(one, fewest=fewest) - told(other, fewest=fewest))
    assert difference == 0 or difference >= size_of(fewest)


@given(NUMBERS, SIZES)
def test_every_number_that_is_told_stands_for_a_group_of_numbers(people, fewest):
    same = [n for n in range(220) if told(n, fewest=fewest) == told(people, fewest=fewest)]
    assert len(same) == size_of(fewest)


@given(NUMBERS, st.data(), SIZES)
def test_so_does_a_number_of_a_total_that_somebody_knows(total, data, fewest):
    some = data.draw(st.integers(0, total))
    shown = told_of(some, total, fewest=fewest)
    same = [n for n in range(total + 1) if told_of(n, total, fewest=fewest) == shown]
    assert shown is None or total < 2 * size_of(fewest) or len(same) >= size_of(fewest)


@given(st.data(), SIZES)
def test_of_one_group_it_is_told_whether_a_group_has(data, fewest):
    size = size_of(fewest)
    total = data.draw(st.integers(0, 2 * size - 1))
    some = data.draw(st.integers(0, total))
    group = size if some >= size else 0
    assert told_of(some, total, fewest=fewest) == (group if total >= size else None)


@given(NUMBERS, st.integers(0, FEWEST - 1), SIZES)
def test_all_are_told_as_all_but_a_few_of_them(total, few, fewest):
    total += 2 * size_of(fewest)
    everybody = told_of(total, total, fewest=fewest)
    assert told_of(max(total - few, 0), total, fewest=fewest) == everybody


@given(NUMBERS, st.data(), SIZES)
def test_what_is_left_of_a_total_is_never_known_to_be_a_few(total, data, fewest):
    """Whoever takes the told number from the told total cannot say that a few are left."""
    total += 2 * size_of(fewest)
    some = data.draw(st.integers(0, total))
    shown = told_of(some, total, fewest=fewest)
    possible = {
        whole - part
        for whole in range(told(total, fewest=fewest), told(total, fewest=fewest) + FEWEST)
        for part in range(whole + 1)
        if told_of(part, whole, fewest=fewest) == shown
    }
    assert max(possible) - min(possible) >= size_of(fewest) - 1
    assert max(possible) >= size_of(fewest)


@given(st.lists(NUMBERS, max_size=6), st.lists(NUMBERS, max_size=6))
def test_a_sum_of_what_is_told_tells_no_more(parts, others):
    if [told(one) for one in parts] == [told(one) for one in others]:
        assert sum(map(told, parts)) == sum(map(told, others))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30))
def test_a_mean_is_told_in_halves_and_of_a_group(stars):
    mean = told_mean(sum(stars) / len(stars), len(stars))
    assert (mean is None) == (len(stars) < FEWEST)
    assert mean is None or (2 * mean).is_integer()


def test_it_is_written_with_a_plus_sign_and_counted_without():
    assert (str(told(17)), told(17), f"{told(4)}") == ("15+", 15, "0+")
    assert isinstance(told(17), AtLeast)
