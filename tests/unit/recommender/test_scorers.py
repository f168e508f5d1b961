"""What every scorer has to keep, and what each is for."""

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from recommender import Context, Dataset, Event, ItemFacts, Model
from recommender.dataset import Interactions
from recommender.model import fit
from recommender.profile import Profile
from recommender.scorers import Als, AlsConfig, ContentConfig
from recommender.signals import ActivityConfig
from tests.unit.recommender.worlds import NOW, person_of, world


def profile_of(model, dataset, person):
    """Read a person of the dataset against the model."""
    return Profile.of(person_of(dataset, person), model.items, model.settings.activity)


PARTS = ("taste", "near", "next", "role", "popular", "trend", "content")


@pytest.mark.parametrize("part", PARTS)
class TestEveryScorer:
    def test_it_answers_for_every_known_item(self, part, model, portal):
        scores = model.scorers.each()[part](profile_of(model, portal, 3))
        assert scores.shape == model.items.shape
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_it_has_an_answer_for_a_newcomer(self, part, model):
        newcomer = Profile.of(Context(9999, (), (), NOW), model.items, model.settings.activity)
        assert np.isfinite(model.scorers.each()[part](newcomer)).all()

    def test_it_answers_one_as_it_answers_many(self, part, model, portal):
        ask = model.scorers.each()[part]
        profiles = [profile_of(model, portal, person) for person in range(8)]
        together = [ask(profile).copy() for profile in profiles]
        row = np.full(model.items.size, 7.0, np.float32)
        for profile, scores in zip(reversed(profiles), reversed(together), strict=True):
            assert np.array_equal(ask(profile, row), scores)

    def test_it_is_the_same_after_saving_and_loading(self, part, model, portal, tmp_path):
        model.save(tmp_path / "model")
        again = Model.load(tmp_path / "model")
        for person in range(5):
            before = model.scorers.each()[part](profile_of(model, portal, person))
            after = again.scorers.each()[part](profile_of(model, portal, person))
            assert np.array_equal(before, after)

    def test_it_is_the_same_bit_for_bit_when_fitted_again(self, part, model, portal):
        arrays, again = model.scorers.each()[part].arrays(), fit(portal).scorers.each()[part]
        assert all(np.array_equal(again.arrays()[name], arrays[name]) for name in arrays)

    def test_it_refits_when_the_data_differ(self, part, portal):
        other = world(2)
        first, second = (fit(each).scorers.each()[part].arrays() for each in (portal, other))
        renamed = Dataset(portal.events, portal.people_roles, [ItemFacts(1, ("x",))], NOW)
        third = fit(renamed).scorers.each()[part].arrays()
        differs = [not np.array_equal(first[name], second[name]) for name in first]
        renewed = [not np.array_equal(first[name], third[name]) for name in first]
        assert any(differs) or any(renewed)

    def test_it_stands_an_empty_portal(self, part):
        model = fit(Dataset((), {}, (), NOW))
        newcomer = Profile.of(Context(1, (), (), NOW), model.items, model.settings.activity)
        assert model.scorers.each()[part](newcomer).size == 0

    def test_it_stands_items_without_activity(self, part):
        model = fit(Dataset((), {1: ("nurse",)}, [ItemFacts(5), ItemFacts(6)], NOW))
        newcomer = Profile.of(Context(1, (), (), NOW), model.items, model.settings.activity)
        assert model.scorers.each()[part](newcomer).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("part", ["taste", "near"])
class TestCollaborativeScorers:
    def test_it_finds_the_missing_square_of_a_checkerboard(self, part, board, board_model):
        for person, missing in board.missing.items():
            profile = profile_of(board_model, board.dataset, person)
            scores = board_model.scorers.each()[part](profile).copy()
            scores[profile.items] = -np.inf
            assert scores.argmax() == missing


class TestTaste:
    def test_it_folds_in_as_implicit_does(self, model):
        taste = model.scorers.taste
        liked, strength = np.array([3, 7, 11]), np.array([1.0, 2.0, 0.5], np.float32)
        recency = np.exp(-np.arange(3) / taste.config.recency)
        row = sparse.csr_matrix(
            (strength * recency, ([0, 0, 0], liked)), shape=(1, model.items.size), dtype="f4"
        )
        theirs = AlternatingLeastSquares(
            factors=taste.factors.shape[1],
            alpha=taste.config.alpha,
            regularization=taste.config.regularization,
            num_threads=1,
            use_cg=False,
        )
        theirs.item_factors = taste.factors
        ours = taste.fold_in(Profile(liked, strength, np.zeros(0, np.int64), ()))
        assert np.allclose(ours, theirs.recalculate_user(0, row), atol=2e-4)

    def test_it_folds_in_as_spark_does(self, model):
        factors = model.scorers.taste.factors.astype(np.float64)
        liked, strength = np.array([3, 7, 11]), np.array([1.0, 2.0, 0.5], np.float32)
        extra = 19 * strength * np.exp(-np.arange(3) / 8)
        left = factors.T @ factors + factors[liked].T @ (factors[liked] * extra[:, None])
        left += 3 * 0.2 * np.eye(factors.shape[1])
        right = (1 + extra) @ factors[liked]
        config = AlsConfig(alpha=19, offset=1, weighted=True)
        taste = Als.of(model.scorers.taste.factors, config, each=0.2)
        ours = taste.fold_in(Profile(liked, strength, np.zeros(0, np.int64), ()))
        assert np.allclose(ours, np.linalg.solve(left, right), atol=2e-4)

    def test_it_weighs_the_latest_item_most(self, board_model):
        strength, nothing = np.ones(2, np.float32), np.zeros(0, np.int64)
        even = board_model.scorers.taste(Profile(np.array([0, 1]), strength, nothing, ()))
        odd = board_model.scorers.taste(Profile(np.array([1, 0]), strength, nothing, ()))
        assert even[2::2].mean() > odd[2::2].mean()

    def test_it_gives_untouched_items_the_taste_of_those_alike(self):
        rows = [Event(p, p % 2, "completed", NOW - p - i) for p in range(20) for i in range(2)]
        rows += [Event(p, 2 + p % 2, "completed", NOW - p) for p in range(20)]
        skills = {0: "cooking", 2: "cooking", 4: "cooking", 1: "welding", 3: "welding"}
        facts = [ItemFacts(item, (skill,)) for item, skill in skills.items()]
        factors = fit(Dataset(rows, {}, facts, NOW)).scorers.taste.factors
        assert factors[4] @ factors[0] > factors[4] @ factors[1]


class TestNext:
    def test_it_expects_what_people_took_afterwards(self):
        rows = [Event(p, i, "completed", NOW - 100 * p + i) for p in range(1, 8) for i in (5, 6, 7)]
        model = fit(Dataset(rows, {}, (), NOW))
        profile = Profile.of(
            Context(99, (), [Event(99, 5, "viewed", NOW)], NOW),
            model.items,
            model.settings.activity,
        )
        assert model.items[model.scorers.next(profile).argmax()] == 6

    def test_it_counts_people_not_repetitions(self):
        rows = [Event(1, 5 + n % 2, "viewed", NOW - 100 + n) for n in range(40)]
        steps = fit(Dataset(rows, {}, (), NOW)).scorers.next
        assert steps.followers(np.array([0]), np.array([1])).tolist() == [[1.0]]


class TestRole:
    def test_it_is_popularity_for_somebody_without_a_role(self, model):
        role = model.scorers.role
        assert np.allclose(role.share(()), role.share(("no such role",)))
        assert np.array_equal(np.argsort(role.share(()), kind="stable"), _by_count(role))

    def test_it_sums_to_one_for_any_roles(self, model):
        for roles in ((), ("role-1",), ("role-1", "role-3")):
            assert model.scorers.role.share(roles).sum() == pytest.approx(1, abs=1e-4)

    def test_it_prefers_tagged_items_before_there_is_activity(self):
        facts = [ItemFacts(1), ItemFacts(2, roles=("nurse",)), ItemFacts(3)]
        role = fit(Dataset((), {}, facts, NOW)).scorers.role
        assert role.share(("nurse",)).argmax() == 1


def _by_count(role):
    return np.argsort(role.overall, kind="stable")


class TestNear:
    def test_it_lowers_the_neighbours_of_a_disliked_item_a_little(self, board_model):
        nothing, one = np.zeros(0, np.int64), np.ones(1, np.float32)
        before = Profile(np.array([0]), one, nothing, ())
        after = Profile(np.array([0]), one, np.array([4]), ())
        drop = board_model.scorers.near(before) - board_model.scorers.near(after)
        assert 0 < drop[6] < board_model.scorers.near(before)[6]


class TestContent:
    def test_it_finds_items_alike_that_nobody_touched(self):
        facts = [
            ItemFacts(1, ("excel",), title="Pivot tables"),
            ItemFacts(2, ("excel",), title="Charts and pivot tables"),
            ItemFacts(3, ("welding",), title="Safe welding"),
        ]
        content = fit(Dataset((), {}, facts, NOW)).scorers.content
        assert content.table.row(0)[0].tolist() == [1]

    def test_it_stays_as_it_was_when_tastes_are_handed_on_by_it(self):
        liked = [Event(p, p % 3, "completed", NOW - p) for p in range(30)]
        skills = ("cooking", "welding", "law")
        facts = [ItemFacts(item, (skills[item % 3],)) for item in range(12)]
        dataset, config = Dataset(liked, {}, facts, NOW), ContentConfig()
        alone = config.fit(Interactions.of(dataset, ActivityConfig())).table
        table = fit(dataset).scorers.content.table
        assert table.column.tolist() == alone.column.tolist()
        assert table.row(0)[0].tolist() == [3, 6, 9]
