"""What is told of a cohort never lets anybody find out a few people, not even by subtraction."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.playlists.cohort import Traveller, cohorts, figures_of, figures_of_all
from app.sums import FEWEST

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


def test_five_people_are_told_step_by_step():
    people = [traveller(done="one", following="two") for _ in range(5)]
    figures = figures_of(cohorts(people)[0], KEYS)
    assert [(step.done.some, step.done.total) for step in figures.steps] == [(5, 5), (0, 5), (0, 5)]
    assert figures.stalls_at == "two"


def test_a_month_with_few_people_is_told_with_the_next():
    people = [*(traveller(1) for _ in range(4)), *(traveller(2) for _ in range(7))]
    [found] = cohorts(people)
    assert (found.first, found.last, len(found.people)) == (date(2026, 1, 1), date(2026, 2, 1), 11)


def test_a_last_month_with_few_people_is_told_with_the_one_before():
    people = [*(traveller(1) for _ in range(10)), *(traveller(2) for _ in range(4))]
    [found] = cohorts(people)
    assert len(found.people) == 14


@given(travellers())
def test_everybody_is_in_one_cohort_of_a_group_or_more(people):
    found = cohorts(people)
    assert all(len(each.people) >= FEWEST for each in found)
    assert sum(len(each.people) for each in found) == (len(people) if found else 0)
    assert bool(found) == (len(people) >= FEWEST)
    assert [each.first for each in found] == sorted((each.first for each in found), reverse=True)


def told(figures):
    """Return every number in figures by its step and what it says."""
    return {
        (step.key, what): getattr(step, what)
        for step in figures.steps
        for what in ("done", "late", "waiting")
    }


@given(travellers(), st.data())
def test_what_one_more_person_has_done_moves_a_number_by_a_group_or_not_at_all(people, data):
    at = data.draw(st.integers(0, max(len(people) - 1, 0)))
    [other] = data.draw(travellers().filter(bool))[:1]
    changed = [
        replace(other, starts_on=one.starts_on) if n == at else one for n, one in enumerate(people)
    ]
    for before, after in zip(cohorts(people), cohorts(changed), strict=True):
        old, new = told(figures_of(before, KEYS)), told(figures_of(after, KEYS))
        for name, was in old.items():
            now = new[name]
            if was and now:
                assert abs(was.some - now.some) in {0, FEWEST}
                assert abs(was.total - now.total) in {0, FEWEST}


@given(travellers())
def test_all_having_done_a_step_is_told_as_all_but_a_few_having_done_it(people):
    for cohort in cohorts(people):
        everybody = replace(
            cohort, people=tuple(replace(one, done=one.steps) for one in cohort.people)
        )
        few = replace(
            cohort,
            people=tuple(
                replace(one, done=one.steps if n else frozenset())
                for n, one in enumerate(cohort.people)
            ),
        )
        for key in KEYS:
            if sum(key in one.steps for one in cohort.people[1:]) % FEWEST < FEWEST - 1:
                steps = [told(figures_of(each, KEYS))[key, "done"] for each in (everybody, few)]
                assert steps[0] is None or steps[1] is None or steps[0].some == steps[1].some


@given(travellers())
def test_of_all_cohorts_no_more_is_told_than_of_each(people):
    found = cohorts(people)
    parts = [told(figures_of(each, KEYS)) for each in found]
    for name, whole in told(figures_of_all(found, KEYS)).items():
        some = [part[name] for part in parts if part[name]]
        assert (whole.some if whole else 0) == sum(one.some for one in some)
        assert (whole.total if whole else 0) == sum(one.total for one in some)


def test_it_names_the_step_at_which_most_wait():
    people = [traveller(done="one", following="two") for _ in range(12)]
    people += [traveller(following="one") for _ in range(6)]
    figures = figures_of(cohorts(people)[0], KEYS)
    assert figures.stalls_at == "two"
    assert (str(figures.waiting.some), str(figures.waiting.total)) == ("10+", "15+")


def test_where_a_few_wait_nothing_is_named():
    people = [traveller(done="one two three") for _ in range(9)]
    people += [traveller(done="one", following="two") for _ in range(4)]
    assert figures_of(cohorts(people)[0], KEYS).stalls_at == ""


def test_one_who_waits_more_does_not_make_another_step_the_first():
    people = [traveller(following="one") for _ in range(6)]
    people += [traveller(done="one", following="two") for _ in range(7)]
    assert figures_of(cohorts(people)[0], KEYS).stalls_at == "one"
