"""People whose tastes are known come, look, click by their taste, and come again."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import sparse

from bench.adapter import System, factory
from recommender import Context, Eligibility, ItemFacts, Settings, recommend
from recommender.data import DAY
from recommender.model import fit
from recommender.planted import Planted, planted

ROLES, ITEMS, SHOWN, VISITS = 5, 150, 10, 6
CHANGING = 16
LATER = 100 * DAY


@dataclass(frozen=True)
class Portal:
    """A portal that has seen five sixths of its people; the others come, or change their role."""

    world: Planted
    system: System

    @property
    def arriving(self):
        many = len(self.world.taste)
        return range(many * 5 // 6, many - CHANGING)

    @property
    def changing(self):
        many = len(self.world.taste)
        return range(many - CHANGING, many)

    def reward(self, person, items, met):
        """Return the chance that one of the items is taken, against that of the ten likeliest."""
        likely = np.exp(self.world.taste[person])
        likely[list(met)] = 0.0
        return likely[list(items)].sum() / np.sort(likely)[-SHOWN:].sum()

    def visits(self, show):
        """Let everybody who arrives come and click; return the mean reward, visit by visit.

        `show(person, met, at)` answers with items.
        """
        chance = np.random.default_rng(0)
        rewards = np.zeros((len(self.arriving), VISITS))
        for row, person in enumerate(self.arriving):
            met = []
            for visit in range(VISITS):
                at = self.world.dataset.now + DAY * (row + visit / VISITS)
                items = show(person, met, at)
                rewards[row, visit] = self.reward(person, items, met)
                met.append(clicked(self.world.taste[person], items, chance))
                self.system.observe(person, met[-1], at)
        return rewards.mean(axis=0)


def clicked(taste, items, chance):
    """Return the item that somebody of this taste takes, by the Gumbel trick."""
    return items[int(np.argmax(taste[list(items)] + chance.gumbel(size=len(items))))]


def first_unmet(order, met):
    return [item for item in order.tolist() if item not in met][:SHOWN]


@pytest.fixture(scope="module")
def portal(request):
    people = 3000 if request.config.getoption("--long") else 480
    world = planted(0.8, people, ITEMS, ROLES, seed=3)
    log = world.dataset.events
    past = log.where(log.person < people * 5 // 6)
    times = sparse.csr_matrix((past.at, (past.person, past.item)), shape=(people, ITEMS))
    system = factory(ITEMS, [f"role-{role}" for role in range(ROLES)], None)
    system.fit((times > 0).astype(np.float32), times, world.role_of[:, None], world.dataset.now)
    return Portal(world, system)


class TestPeopleWhoArrive:
    def test_they_meet_nearly_the_best_slate_and_a_better_one_than_the_popular(self, portal):
        world, system = portal.world, portal.system
        ours = portal.visits(lambda p, _, at: system.slate(p, [int(world.role_of[p])], SHOWN, at))
        told = np.argsort(-world.role_taste, axis=1)
        popular = np.argsort(-np.bincount(world.dataset.events.item, minlength=ITEMS))
        best = portal.visits(lambda p, met, _: first_unmet(told[world.role_of[p]], met))
        floor = portal.visits(lambda p, met, _: first_unmet(popular, met))
        assert ours.mean() > 0.9 * best.mean()
        assert (ours > floor * 1.2).all()


class TestSomebodyWhoChangesTheirRole:
    def test_they_are_led_by_the_new_role_within_five_clicks(self, portal):
        leads = np.array([self.leads(portal, person) for person in portal.changing])
        assert (leads[:, 5:] > 0).all()
        assert (leads[:, 5] - leads[:, 0]).mean() > 0.5

    def leads(self, portal, person):
        """Return by how much slates are more for the new role: before the change, after 0 to 5."""
        before = int(portal.world.role_of[person])
        after = (before + 1) % ROLES
        taste, system, chance = portal.world.role_taste, portal.system, np.random.default_rng(1)
        at = portal.world.dataset.now + LATER
        for _ in range(12):
            at += DAY
            items = system.slate(person, [before], SHOWN, at)
            system.observe(person, clicked(taste[before], items, chance), at)
        found = [self.lead(taste, system.slate(person, [before], SHOWN, at), before, after)]
        for _ in range(6):
            items = system.slate(person, [after], SHOWN, at)
            found.append(self.lead(taste, items, before, after))
            at += DAY
            system.observe(person, clicked(taste[after], items, chance), at)
        return found

    def lead(self, taste, items, before, after):
        """Return how much more the new role likes the items than the former does."""
        return float((taste[after] - taste[before])[list(items)].mean())


SHARE = 0.2
UNTOUCHED = 100_000


@pytest.fixture(scope="module")
def days(request):
    """What many people saw on many days, where chance has a fifth of them."""
    world = planted(0.5, people=300, items=45, roles=ROLES, seed=5).dataset
    facts = {each.item: each for each in (*world.items, ItemFacts(UNTOUCHED))}
    rules = replace(Settings().rules, explore=SHARE)
    model = fit(replace(world, items=tuple(facts.values())), replace(Settings(), rules=rules))
    pool = Eligibility(facts, facts)
    people = 600 if request.config.getoption("--long") else 60
    return [
        recommend(
            model,
            Context(person, (), (), world.now + day * DAY),
            pool,
            facts,
            SHOWN,
            explore=True,
        )
        for person in range(people)
        for day in range(20)
    ]


class TestExploring:
    def test_chance_has_the_share_it_was_given(self, days):
        share = np.mean([any(each.explored for each in day.recommendations) for day in days])
        assert share == pytest.approx(SHARE, abs=4 * np.sqrt(SHARE * (1 - SHARE) / len(days)))

    def test_chance_has_one_place_and_says_how_likely_it_was(self, days):
        for day in days:
            drawn = [each for each in day.recommendations if each.explored]
            assert len(drawn) <= 1
            assert all(0 < each.propensity <= SHARE for each in drawn)
            assert {each.propensity for each in day.recommendations if not each.explored} <= {None}

    def test_an_item_that_nobody_touched_is_seen_now_and_then(self, days):
        assert any(UNTOUCHED in day.items for day in days)
