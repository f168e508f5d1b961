"""What is told of a cohort never lets anybody find out a few people, not even by subtraction."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.playlists.cohort import (
    AT_LEAST,
    Traveller,
    cohorts,
    figures_of,
    figures_of_all,
    may_tell,
)

KEYS = ("one", "two", "three")


def traveller(month=1, done="", late="", steps=KEYS, following=""):
    return Traveller(
        starts_on=date(2026, month, 10),
        steps=frozenset(steps),
        done=frozenset(done.split()),
        late=frozenset(late.split()),
        next=following,
    )


@st.composite
def travellers(draw):
    """Return people who started in any months and have done anything."""
    count = draw(st.integers(0, 40))
    found = []
    for _ in range(count):
        steps = draw(st.sets(st.sampled_from(KEYS)))
        done = draw(st.sets(st.sampled_from(sorted(steps)))) if steps else set()
        left = sorted(steps - done)
        late = draw(st.sets(st.sampled_from(left))) if left else set()
        month = draw(st.integers(1, 6))
        found.append(
            traveller(month, " ".join(done), " ".join(late), steps, left[0] if left else "")
        )
    return found


def test_few_people_make_no_cohort():
    assert cohorts([traveller() for _ in range(4)]) == []


def test_a_month_with_few_people_is_told_with_the_next():
    people = [*(traveller(1) for _ in range(3)), *(traveller(2) for _ in range(4))]
    [found] = cohorts(people)
    assert (found.first, found.last, len(found.people)) == (date(2026, 1, 1), date(2026, 2, 1), 7)


def test_a_last_month_with_few_people_is_told_with_the_one_before():
    people = [*(traveller(1) for _ in range(5)), *(traveller(2) for _ in range(4))]
    [found] = cohorts(people)
    assert len(found.people) == 9


@given(travellers())
def test_everybody_is_in_one_cohort_of_five_or_more(people):
    found = cohorts(people)
    assert all(len(each.people) >= AT_LEAST for each in found)
    assert sum(len(each.people) for each in found) == (len(people) if found else 0)
    assert bool(found) == (len(people) >= AT_LEAST)
    assert [each.first for each in found] == sorted((each.first for each in found), reverse=True)


@given(travellers())
def test_no_number_that_is_told_is_of_a_few_or_leaves_a_few(people):
    found = cohorts(people)
    told = [figures_of(each, KEYS) for each in found]
    for figures in [*told, figures_of_all(found, KEYS)] if found else []:
        for step in figures.steps:
            for each in (step.done, step.late):
                if each and each.some is not None:
                    assert may_tell(each.some, each.total)
            if step.done and step.late and None not in (step.done.some, step.late.some):
                rest = step.done.total - step.done.some - step.late.some
                assert rest == 0 or rest >= AT_LEAST
        if figures.waiting:
            assert may_tell(figures.waiting.some, figures.waiting.total)


@given(travellers())
def test_no_number_of_a_cohort_can_be_worked_out_from_that_of_all(people):
    found = cohorts(people)
    if not found:
        return
    whole = figures_of_all(found, KEYS)
    parts = [figures_of(each, KEYS) for each in found]
    for place, step in enumerate(whole.steps):
        for what in ("done", "late"):
            told = getattr(step, what)
            if told is None or told.some is None:
                continue
            mine = [
                (getattr(part.steps[place], what), each)
                for part, each in zip(parts, found, strict=True)
            ]
            hidden = [each for one, each in mine if one is None or one.some is None]
            having = [one for each in hidden for one in each.people if step.key in one.steps]
            if having:
                left = told.some - sum(one.some for one, _ in mine if one and one.some is not None)
                assert may_tell(left, len(having))
                assert len(hidden) > 1


def test_all_but_one_done_is_kept_back():
    people = [traveller(done="one") for _ in range(9)] + [traveller()]
    figures = figures_of(cohorts(people)[0], KEYS)
    assert figures.steps[0].done.some is None
    assert figures.steps[1].done.some == 0


def test_it_names_the_step_at_which_most_wait():
    people = [traveller(done="one", following="two") for _ in range(7)]
    people += [traveller(following="one") for _ in range(5)]
    figures = figures_of(cohorts(people)[0], KEYS)
    assert figures.stalls_at == "two"
    assert (figures.waiting.some, figures.waiting.total) == (7, 12)


def test_where_a_few_wait_nothing_is_named():
    people = [traveller(done="one two three") for _ in range(9)]
    people += [traveller(done="one", following="two") for _ in range(4)]
    assert figures_of(cohorts(people)[0], KEYS).stalls_at == ""


def test_how_many_wait_is_kept_back_with_the_step_that_it_would_tell_of():
    people = [traveller(done="one", following="two") for _ in range(7)]
    people += [traveller(done="one two", following="three") for _ in range(3)]
    people += [traveller(following="one") for _ in range(5)]
    figures = figures_of(cohorts(people)[0], KEYS)
    assert figures.steps[1].done.some is None
    assert (figures.stalls_at, figures.waiting) == ("two", None)


def test_how_many_wait_is_kept_back_where_few_have_the_step_to_do_later():
    people = [traveller(done="one", following="two") for _ in range(7)]
    people += [traveller(following="one") for _ in range(3)]
    people += [traveller(done="one two three") for _ in range(5)]
    figures = figures_of(cohorts(people)[0], KEYS)
    assert (figures.steps[1].done.some, figures.waiting) == (5, None)


def test_how_many_of_all_wait_leaves_over_no_few_of_a_cohort():
    january = [traveller(1, following="one") for _ in range(10)]
    february = [traveller(2, following="one") for _ in range(8)]
    february += [traveller(2, following="two") for _ in range(2)]
    found = cohorts([*january, *february])
    assert figures_of(found[1], KEYS).waiting.some == 10
    assert figures_of_all(found, KEYS).waiting is None
