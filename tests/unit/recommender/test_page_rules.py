"""The bench of rules finds nothing wrong with a page, and would find what is."""

import numpy as np
import pytest

from app.playlists.plans import due_in
from bench.recommender_page import MOST_DUE, page_of, step_breaches
from bench.recommender_rules import breaches


def test_no_rule_is_broken_in_some_made_up_lists():
    assert not breaches(seed=7, count=30)


@pytest.fixture(scope="module")
def plan():
    """A plan that asks for three steps at least, on different days."""
    drawn = (page_of(58, np.random.default_rng(seed)).plan for seed in range(1000))
    return next(plan for plan in drawn if len({day for _, day in asked(plan)}) > 2)


def asked(plan):
    return [(due.dated.step.id, due.dated.due_on) for due in due_in([plan], limit=MOST_DUE)]


def test_a_step_that_is_not_asked_for_is_missed(plan):
    mandatory = {step.id for step in plan.steps if step.required}
    shown = [step for step, _ in asked(plan)]
    assert not list(step_breaches(plan, shown))
    for left_out in mandatory & set(shown):
        without = [step for step in shown if step != left_out]
        assert list(step_breaches(plan, without)) == ["mandatory step missing"]


def test_steps_are_asked_for_in_the_order_of_their_days(plan):
    shown = [step for step, _ in asked(plan)]
    assert list(step_breaches(plan, shown[::-1])) == ["step out of turn"]


def test_what_is_done_is_not_asked_for():
    plans = (page_of(58, np.random.default_rng(seed)).plan for seed in range(1000))
    plan = next(each for each in plans if any(step.done_at for step in each.steps))
    done = next(step.id for step in plan.steps if step.done_at)
    assert "settled step asked for" in step_breaches(plan, [done])
