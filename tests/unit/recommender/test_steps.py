"""Steps counted range by range are those that a plain loop along every history counts."""

from collections import defaultdict
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Dataset, Event, EventLog, ItemFacts, steps
from recommender.arrays import different, numbered
from recommender.dataset import Interactions
from recommender.live import Live
from recommender.model import fit
from recommender.scorers.transitions import TransitionsConfig
from recommender.signals import ActivityConfig

ITEMS, NOW = 6, 1e6


@st.composite
def histories(draw):
    """Events of four people on six items, no two at the same moment."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, ITEMS - 1)), max_size=40))
    return [Event(person, item, "launched", float(n)) for n, (person, item) in enumerate(pairs)]


def along(rows):
    """Return each person's items in the order in which they were taken."""
    found = defaultdict(list)
    for event in rows:
        found[event.person].append(event.item)
    return found


@pytest.fixture(params=[2, 10**6], autouse=True)
def ranges(request, monkeypatch):
    """Count in ranges of a few steps, and in one."""
    monkeypatch.setattr(steps, "CELLS", request.param)


def read(rows):
    data = Dataset(rows, {}, [ItemFacts(item) for item in range(ITEMS)], NOW)
    return Interactions.of(data, ActivityConfig())


@given(histories())
def test_followers_are_the_different_people_who_went_straight_on(rows):
    people = defaultdict(set)
    for person, items in along(rows).items():
        for one, then in pairwise(items):
            people[one, then] |= {person} if one != then else set()
    every = np.arange(ITEMS)
    counted = TransitionsConfig().fit(read(rows)).followers(every, every)
    expected = [[len(people[one, then]) for then in range(ITEMS)] for one in range(ITEMS)]
    assert counted.tolist() == expected


@given(histories(), st.integers(1, 3))
def test_ranges_hold_every_step_once(rows, lag):
    data = read(rows)
    whole = [
        steps.follows(data.person, data.item, lag, steps.events_on(data.item, low, high)).tolist()
        for low, high in steps.ranges(data.item, ITEMS, 1)
    ]
    back = [
        steps.precedes(data.person, data.item, lag, steps.events_on(data.item, low, high)).tolist()
        for low, high in steps.ranges(data.item, ITEMS, 1)
    ]
    expected = steps.follows(data.person, data.item, lag, np.arange(data.item.size)).tolist()
    assert sorted(chain(*whole)) == sorted(chain(*back)) == expected


@given(histories())
def test_following_a_log_is_hearing_its_events(rows):
    model = fit(Dataset([], {}, [ItemFacts(item) for item in range(ITEMS)], NOW))
    told, followed = Live(model), Live(model)
    told.observe(rows)
    followed.follow(EventLog.of(rows).in_order())
    for live in (told, followed):
        live.observe(Event(person, 5, "launched", NOW + 1 + person) for person in range(4))
    assert np.array_equal(told.every(), followed.every())
    for table in ("after", "before", "beside"):
        one, two = (live.rows(table, np.arange(ITEMS)) for live in (told, followed))
        assert all(np.array_equal(here, there) for here, there in zip(one, two, strict=True))


@given(histories(), st.randoms(use_true_random=False))
def test_a_log_is_put_in_order_by_person_time_and_item(rows, chance):
    chance.shuffle(rows)
    log = EventLog.of(rows).in_order()
    assert log.rows() == sorted(rows, key=lambda event: (event.person, event.at, event.item))
    assert log.in_order() is log


@given(st.integers(0, 2**32 - 1), st.sampled_from((1.0, 1e-6, 3e8)), st.booleans())
def test_a_long_log_is_put_in_order_too(seed, span, far):
    chance = np.random.default_rng(seed)
    person, item = chance.integers(0, 4, 200) * (2**50 if far else 1), chance.integers(0, 3, 200)
    at = 1.7e9 + chance.integers(0, 9, 200) * span
    number = np.arange(200, dtype=np.float32)
    log = EventLog(person, item, np.zeros(200, int), at, number).in_order()
    order = np.lexsort((number, item, at, person))
    assert log.value.tolist() == order.tolist()


@given(st.sets(st.sampled_from((-(2**40), -3, 0, 1, 2, 7, 2**31, 2**40)), min_size=1))
def test_ids_keep_what_they_are_in_few_bytes(ids):
    ids = np.array(sorted(ids), np.int64)
    zeros = np.zeros(ids.size, np.int64)
    log = EventLog(ids, ids, zeros, zeros.astype(float))
    assert log.person.tolist() == ids.tolist()
    assert different(log.item, [5]).tolist() == sorted({*ids.tolist(), 5})
    assert numbered(ids, log.item[::-1]).tolist() == list(range(ids.size))[::-1]
