"""Who is new, or new in a role, is ranked by it: each a feature with a name."""

import numpy as np
import pytest

from recommender import Context, Dataset, Event, ItemFacts
from recommender.data import DAY
from recommender.features import COLUMN
from recommender.measures import measured
from recommender.model import fit
from recommender.pipeline import sight_of

NOW = 1000 * DAY
ITEMS = tuple(ItemFacts(item) for item in range(1, 21))
FACTS = {each.item: each for each in ITEMS}
PEOPLE = range(12)
FIRST, LATER = 3, 4


@pytest.fixture(scope="module")
def model():
    """Engineers finish item 3 in their first month and item 4 long after; others take the rest."""
    events = [Event(one, FIRST, "completed", NOW - 190 * DAY) for one in PEOPLE]
    events += [Event(one, LATER, "completed", NOW - 20 * DAY) for one in PEOPLE]
    events += [Event(50 + one, 5 + one % 9, "completed", NOW - 30 * DAY) for one in range(40)]
    roles = dict.fromkeys(PEOPLE, ("engineer",)) | {50 + one: ("analyst",) for one in range(40)}
    started = dict.fromkeys(PEOPLE, NOW - 200 * DAY)
    return fit(Dataset(events, roles, ITEMS, NOW, started=started))


@pytest.fixture
def measure(model):
    def measures(feature, **about):
        context = Context(99, ("engineer",), (), NOW, **about)
        sight = sight_of(model, context, set(FACTS), FACTS, None)
        at = np.arange(model.items.size)
        found = measured(sight, at)[:, COLUMN[feature]]
        return dict(zip(model.items.tolist(), found.tolist(), strict=True))

    return measures


def test_a_role_that_is_new_counts_again_and_ever_less(measure):
    lift = measure("role")[LATER]
    assert lift > 0
    today, later = (measure("role_new", role_since=NOW - days * DAY)[LATER] for days in (0, 30))
    assert today == pytest.approx(lift)
    assert later == pytest.approx(lift / 2)


def test_without_a_day_the_role_began_with_the_job_or_nobody_knows(measure):
    assert measure("role_new", started=NOW)[LATER] == pytest.approx(measure("role")[LATER])
    assert set(measure("role_new").values()) == {0.0}
    assert set(measure("role_new", role_since=NOW + DAY).values()) == {0.0}


def test_newcomers_are_led_to_what_people_of_their_role_finished_first(measure):
    found = measure("first_month", started=NOW - 10 * DAY)
    assert found[FIRST] == pytest.approx(np.log(13))
    assert found[LATER] == 0
    assert set(measure("first_month", started=NOW - 100 * DAY).values()) == {0.0}
    assert set(measure("first_month").values()) == {0.0}
