"""How much counts beside what is popular, where nobody says when."""

import numpy as np
import pytest

from recommender.newcomers import Question, _curves, _shares

PRIOR, BESIDE = np.array([1.0, 0.0]), np.array([0.0, 9.0])
"""What is popular puts the first of two items ahead, and the rest the second."""


def asked(right, wrong):
    """Return questions of which so many want the second item, and so many the first."""
    second = [np.array([False, True])] * right
    first = [np.array([True, False])] * wrong
    features = np.zeros((2, 1), np.float32)
    return [(Question(features, taken, 1, 1), PRIOR, BESIDE) for taken in second + first]


class TestShares:
    @pytest.mark.parametrize("right", [11, 13, 14])
    def test_a_lead_that_chance_may_give_counts_for_nothing(self, right):
        assert _shares(_curves(asked(right, 20 - right)), 0.0) == (0.0, 0.0)

    def test_a_lead_that_is_sure_counts(self):
        few, _ = _shares(_curves(asked(190, 10)), 0.02)
        assert few > 0
