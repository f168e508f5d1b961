"""The benchmark measures what it says: nothing of the future is known, and figures are right."""

import numpy as np
import pytest
from scipy import sparse

from bench.recommender_data import (
    FEW,
    Questions,
    chrono,
    last_out,
    made_up,
    new_items,
    newcomers,
    one_cut,
)
from bench.recommender_goals import verdicts
from bench.recommender_metrics import Score, interval, measured, share_interval, top
from bench.recommender_models import FLOOR, OURS, RIVALS, answers

CUTS = (chrono, last_out, one_cut, newcomers, new_items)


@pytest.fixture(scope="module")
def archive():
    return made_up(0.5, people=120, items=60, roles=4)


def asked(*relevant):
    """Return a question for each set of relevant items, about people without history."""
    rows = np.arange(len(relevant))
    nobody = sparse.csr_matrix((len(relevant), 100))
    return Questions("", rows, nobody, rows[:, None], tuple(map(frozenset, relevant)))


def score(*gains):
    return Score(np.array(gains, np.float32), 0.0, 0.0, 0.6, 0.1)


class TestCuts:
    @pytest.mark.parametrize("cut", CUTS)
    def test_it_asks_for_nothing_that_it_has_told(self, archive, cut):
        trial = cut(archive)
        for questions in trial.questions:
            for row, person in enumerate(questions.people.tolist()):
                told = set(questions.history[row].indices) | set(trial.train[person].indices)
                assert questions.relevant[row]
                assert questions.relevant[row].isdisjoint(told)

    @pytest.mark.parametrize("cut", [chrono, last_out, one_cut, newcomers])
    def test_it_asks_each_person_for_what_came_later(self, archive, cut):
        times = archive.matrix(archive.at > 0)
        for questions in cut(archive).questions:
            for row, person in enumerate(questions.people.tolist()):
                later = times[person, sorted(questions.relevant[row])].min()
                assert (questions.history[row].data <= later).all()

    def test_it_trains_on_nobody_whom_it_asks_as_a_newcomer(self, archive):
        trial = newcomers(archive)
        assert all(trial.train[questions.people].nnz == 0 for questions in trial.questions)

    def test_it_asks_newcomers_for_the_same_however_much_is_known(self, archive):
        first, *others = newcomers(archive).questions[: FEW + 1]
        assert all(each.relevant == first.relevant for each in others)
        assert [each.known().max() for each in (first, *others)] == [0, 1, 2, 3]

    def test_it_trains_on_no_item_that_it_calls_new(self, archive):
        trial = new_items(archive)
        assert trial.train[:, trial.questions[0].among].nnz == 0


class TestRivals:
    @pytest.mark.parametrize("name", RIVALS)
    def test_they_recommend_nothing_that_is_known(self, archive, name):
        trial = last_out(archive)
        (found,) = answers(trial, RIVALS[name]).values()
        for row, history in zip(found, trial.questions[0].history, strict=True):
            shown = row[row >= 0].tolist()
            assert len(shown) == len(set(shown))
            assert set(shown).isdisjoint(history.indices.tolist())

    @pytest.mark.parametrize("name", ["implicit ALS", "item-item BM25", "EASE"])
    def test_they_show_what_is_popular_to_somebody_unknown(self, archive, name):
        trial = newcomers(archive)
        floor = answers(trial, RIVALS[FLOOR])["cold-0"]
        assert np.array_equal(answers(trial, RIVALS[name])["cold-0"], floor)


class TestFigures:
    def test_it_counts_by_place(self):
        found = measured(np.array([[1, 2, 3] + [-1] * 17]), asked({2, 3}), 100)
        best = 1 + 1 / np.log2(3)
        assert found.ndcg == pytest.approx((1 / np.log2(3) + 0.5) / best)
        assert found.recall == 1
        assert found.coverage == pytest.approx(0.03)

    def test_it_finds_nothing_in_places_that_are_empty(self):
        found = measured(np.full((1, 20), -1), asked({2}), 100)
        assert (found.ndcg, found.recall, found.coverage) == (0, 0, 0)

    def test_it_sees_how_often_the_same_comes_first(self):
        rows = np.array([[7, *range(10, 29)], [7, *range(30, 49)], [8, *range(50, 69)]])
        assert measured(rows, asked({1}, {1}, {1}), 100).commonest == pytest.approx(2 / 3)

    def test_it_ranks_only_what_may_be_shown(self):
        best = top(np.array([[5.0, 4.0, 3.0, 2.0]]), [np.array([1])], np.array([1, 2, 3]))
        assert best.tolist() == [[2, 3, -1, -1]]

    def test_it_is_surer_the_more_people_there_are(self):
        chance = np.random.default_rng(0)
        few, many = chance.random(20), chance.random(2000)
        assert np.ptp(interval(many)) < np.ptp(interval(few))

    def test_it_takes_what_is_twice_as_good_for_that(self):
        floor = np.random.default_rng(0).random(200)
        assert share_interval(2 * floor, floor) == pytest.approx((1, 1))


class TestGoals:
    @pytest.mark.parametrize(("gain", "said"), [(0.5, "reached"), (0.1, "MISSED")])
    def test_it_says_which_goals_are_reached(self, gain, said):
        figures = {OURS: score(*[gain] * 50), FLOOR: score(*[0.2] * 50)}
        lines = list(verdicts({("MARS", "lloo"): figures, ("MARS", "cold-0"): figures}))
        assert sum(line.startswith(said) for line in lines) >= 2
        assert all(line.startswith("reached") for line in lines if "coverage" in line)
