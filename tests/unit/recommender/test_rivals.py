"""What a new model is compared with: the serving one itself, its recipe, or the same recipe."""

from dataclasses import replace

import pytest

from recommender import Settings
from recommender.evaluate import assess
from recommender.model import fit
from recommender.replay import split
from recommender.report import OURS, SERVING, Against
from recommender.rivals import Serving, rival_of
from recommender.settings import EvaluationConfig

QUICK = Settings(
    evaluation=EvaluationConfig(most_people=150, most_moments=1, most_tuned_on=150, resamples=400)
)


@pytest.fixture(scope="module")
def halves(roles_matter):
    return split(roles_matter.dataset, QUICK)


class TestRivals:
    def served(self, model, settings, at):
        recipe = {"recipe": settings.to_json()}
        return Serving("served", replace(model.measured(recipe), trained_at=at))

    def test_there_is_no_rival_where_nothing_serves(self, halves):
        assert rival_of(None, halves[0], QUICK, 0) is None

    def test_what_was_trained_before_the_cut_is_asked_itself(self, halves, board_model):
        served = self.served(board_model, QUICK, halves[0].now - 1)
        rival = rival_of(served, halves[0], QUICK, 0)
        assert (rival.against, rival.model) == (Against.ITSELF, served.model)

    def test_the_same_recipe_needs_no_second_training(self, halves, board_model):
        past, future = halves
        served = self.served(board_model, QUICK, past.now + 1)
        rival = rival_of(served, past, QUICK, 0)
        assert (rival.against, rival.model) == (Against.SAME, None)
        report = assess(fit(past, QUICK), past, future, 0, rival)
        assert report.row(SERVING).margin == (0.0, 0.0, 0.0)
        assert report.serving == "served"

    def test_another_recipe_is_trained_on_the_past_and_answers_the_same_questions(self, halves):
        past, future = halves
        usual = QUICK
        worse = replace(
            usual, taste=replace(usual.taste, factors=1), role=replace(usual.role, least_doubt=1e7)
        )
        served = self.served(fit(past, QUICK), usual, past.now + 1)
        report = assess(fit(past, worse), past, future, 0, rival_of(served, past, worse, 0))
        row = report.row(SERVING)
        assert report.against == Against.RECIPE
        assert (row.people, row.moments) == (report.row(OURS).people, report.row(OURS).moments)
        assert row.margin.high < 0
        assert report.row(OURS).ndcg.value - row.ndcg.value == pytest.approx(row.margin.value)

    def test_a_recipe_that_cannot_be_read_is_no_rival(self, halves, board_model):
        past, future = halves
        served = Serving("served", replace(board_model, trained_at=past.now + 1))
        report = assess(fit(past, QUICK), past, future, 0, rival_of(served, past, QUICK, 0))
        assert report.row(SERVING) is None
        assert report.serving == "served"
