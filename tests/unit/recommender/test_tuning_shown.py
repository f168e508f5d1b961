"""Weights learnt from what people looked at and left, beside what they took."""

from dataclasses import replace

import numpy as np
import pytest

from recommender import tuning
from recommender.data import DAY, Event, ItemFacts, Shown
from recommender.dataset import Dataset
from recommender.evaluate import rehearsed, tuned
from recommender.features import COLUMN
from recommender.model import fit
from recommender.replay import split
from recommender.settings import EvaluationConfig, Settings

NOW = 100 * DAY
ITEMS = 30
SETTINGS = Settings(evaluation=EvaluationConfig(train_share=0.6))
POPULAR = ("popular", "popular_180", "trend_30", "trend_7")


def takes(people=120, each=7):
    """People take popular and rare items, the lower the id the more often."""
    chance = np.random.default_rng(3)
    odds = 1 / (np.arange(ITEMS) + 3)
    rows = []
    for person in range(people):
        items = chance.choice(ITEMS, each, replace=False, p=odds / odds.sum()).tolist()
        start = float(chance.uniform(5, 60))
        rows += [
            Event(person, item, "completed", (start + 5.5 * place) * DAY)
            for place, item in enumerate(items)
        ]
    return sorted(rows, key=lambda event: event.at)


def refusing(rows):
    """An hour before each take, popular items that the person never takes stood above it."""
    ever = {(event.person, event.item) for event in rows}
    return [
        Shown(event.person, event.at - 3600, (*above, event.item), (event.item,))
        for event in rows
        if (above := [item for item in range(8) if (event.person, item) not in ever][:3])
    ]


@pytest.fixture(scope="module")
def silent():
    return Dataset(takes(), {}, [ItemFacts(item) for item in range(ITEMS)], NOW)


@pytest.fixture(scope="module")
def parts(silent):
    """The past, its model, and what came after."""
    past, future = split(silent, SETTINGS)
    return past, fit(past, SETTINGS), future


@pytest.fixture(scope="module")
def learnt(parts):
    """Return a function that learns the weights with these slates."""
    past, model, future = parts
    return lambda shown: tuned(model, replace(past, shown=shown), future, 0)


@pytest.fixture(scope="module")
def alone(learnt):
    return learnt([])


def worth(blend, names=POPULAR):
    """What the measures of popularity count together with some history."""
    return float(blend.table()[[COLUMN[name] for name in names], 1].sum())


def test_what_is_refused_when_shown_counts_less(silent, learnt, alone):
    shown = refusing(silent.events)
    assert worth(learnt(shown)) < worth(alone) - 0.1


def test_what_is_taken_when_shown_counts_more(silent, learnt):
    shown = refusing(silent.events)
    swapped = [slate._replace(taken=slate.items[:1]) for slate in shown]
    assert worth(learnt(swapped)) > worth(learnt(shown))


def test_a_slate_without_a_take_or_refusal_teaches_nothing(silent, learnt, alone):
    shown = refusing(silent.events)
    untaken = [slate._replace(taken=()) for slate in shown]
    unrefused = [slate._replace(taken=slate.items) for slate in shown]
    assert learnt(untaken + unrefused) == alone


def test_what_was_met_before_is_neither_taken_nor_refused(silent, learnt, alone):
    before = {event.person: event.item for event in reversed(silent.events)}
    shown = [
        slate._replace(items=(before[slate.person], slate.items[-1]))
        for slate in refusing(silent.events)
    ]
    assert learnt(shown) == alone


def test_slates_before_the_model_or_after_the_last_event_teach_nothing(
    silent, parts, learnt, alone
):
    past, _, future = parts
    last = float(future.at.max())
    shown = refusing(silent.events)
    outside = [slate for slate in shown if slate.at <= past.now]
    outside += [slate._replace(at=last + 1) for slate in shown]
    assert outside
    assert learnt(outside) == alone


def test_slates_judged_after_the_cut_do_not_matter_for_a_model_measured_there(silent, parts):
    past, model, _ = parts
    shown = refusing(silent.events)
    known = [slate for slate in shown if slate.at + DAY <= past.now]
    told = [rehearsed(model, replace(past, shown=some), 0) for some in ([], known, shown)]
    assert told[1].settings.blend == told[2].settings.blend
    assert told[0].settings.blend != told[1].settings.blend


def test_a_split_forgets_what_may_still_be_taken_of(silent):
    whole = Shown(1, NOW - DAY, (1, 2), (2,))
    late = whole._replace(at=NOW - DAY + 1)
    past, _ = split(replace(silent, shown=[whole, late]), SETTINGS)
    assert past.shown == [whole]


def test_a_slate_counts_half_a_moment_however_much_was_taken(parts):
    past, model, future = parts
    person = int(future.person[np.argmin(future.at)])
    fresh = sorted(set(range(ITEMS)) - {e.item for e in past.events.rows() if e.person == person})
    slate = Shown(person, float(future.at.min()), tuple(fresh[:5]), tuple(fresh[3:5]))
    given = list(tuning.replay(model, replace(past, shown=[slate]), future, 0))
    shown = [moment for moment in given if moment.weight < 1]
    assert [(len(moment.features), moment.taken) for moment in shown] == [(4, 0)] * 2
    assert sum(moment.weight for moment in shown) == tuning.SHOWN_WEIGHT == 0.5


def test_the_newest_slates_come_first(silent, learnt, alone, monkeypatch):
    shown = refusing(silent.events)
    monkeypatch.setattr(tuning, "MOST_SHOWN", 100)
    newest = sorted(shown, key=lambda slate: (slate.at, slate.person))[-100:]
    assert learnt(shown) == learnt(newest) != alone


def test_the_weight_of_a_moment_is_in_the_loss_and_its_gradient():
    chance = np.random.default_rng(1)
    features = chance.standard_normal((4, 3)).astype(np.float32)
    stage, scale = np.ones(2, np.float32), np.ones(3, np.float32)
    table = chance.standard_normal((3, 2)).astype(np.float32)
    full = tuning.Choices.of([tuning.Moment(features, 1, stage)], scale).loss(table)
    half = tuning.Choices.of([tuning.Moment(features, 1, stage, 0.5)], scale).loss(table)
    assert half[0] == pytest.approx(full[0] / 2)
    assert half[1] == pytest.approx(full[1] / 2, rel=1e-5)
