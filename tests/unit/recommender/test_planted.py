"""Made-up data are what they claim to be: the truth behind them is the truth."""

import numpy as np
import pytest

from recommender import EventLog
from recommender.planted import large, planted
from recommender.planted_context import DRAWN, WITHOUT, contextual, without


@pytest.fixture(scope="module")
def world():
    return contextual(people=150, items=80, roles=4)


@pytest.fixture(scope="module")
def matter():
    return planted(0.8, people=400, items=100, roles=4)


class TestPlanted:
    def test_it_lets_people_take_what_they_like(self, matter):
        log = matter.dataset.events
        taken = matter.taste[log.person, log.item].mean()
        assert taken > matter.taste.mean() + 1

    @pytest.mark.parametrize(("rho", "told"), [(0.0, False), (0.8, True)])
    def test_it_tells_of_a_taste_by_the_role_as_much_as_it_says(self, rho, told):
        made = planted(rho, people=400, items=100, roles=4)
        own = made.taste - made.taste.mean(axis=0)
        role = (made.role_taste - made.role_taste.mean(axis=0))[made.role_of]
        alike = np.corrcoef(own.ravel(), role.ravel())[0, 1] if role.any() else 0.0
        assert (alike > 0.7) == told

    def test_it_is_the_same_for_the_same_seed(self, matter):
        again = planted(0.8, people=400, items=100, roles=4)
        assert np.array_equal(again.taste, matter.taste)

    def test_it_draws_as_many_activities_as_asked(self):
        log, roles, facts = large(2000, 500, mean=40.0)
        assert len(log) / 2000 == pytest.approx(40, rel=0.1)
        assert len(roles) == 2000
        assert len(facts) == 500


class TestContextual:
    def test_it_trains_on_nothing_that_is_asked_about(self, world):
        assert EventLog.of(world.dataset.events).at.max() <= world.dataset.now
        assert all(visit.context.now > world.dataset.now for visit in world.visits)

    def test_it_asks_for_what_was_not_met_before(self, world):
        for visit in world.visits:
            met = {event.item for event in visit.context.history}
            assert len(set(visit.taken) - met) == DRAWN
            assert not np.isfinite(visit.preference[list(met)]).any()

    def test_it_lets_each_part_of_the_moment_count(self, world):
        facts = world.dataset.items
        for visit in world.visits:
            context, liking = visit.context, visit.preference
            if context.minutes is not None:
                short = np.array([facts[n].minutes <= context.minutes for n in range(80)])
                open_to = np.isfinite(liking)
                assert liking[short & open_to].mean() > liking[~short & open_to].mean()
        stepped = [v for v in world.visits if v.context.steps]
        taken = np.mean([next(iter(v.context.steps)) in v.taken for v in stepped])
        assert taken > 5 * DRAWN / 80

    def test_it_has_people_who_changed_their_role(self, world):
        moved = [v.context for v in world.visits if v.context.role_since]
        assert moved
        assert all(context.role_since <= context.now for context in moved)

    @pytest.mark.parametrize("part", WITHOUT)
    def test_it_takes_away_one_part_and_nothing_else(self, world, part):
        visit = world.visits[-1]
        less = without(visit, part)
        kept = [name for name in visit.context.__dataclass_fields__ if name not in WITHOUT[part]]
        assert all(getattr(less, name) == getattr(visit.context, name) for name in kept)
