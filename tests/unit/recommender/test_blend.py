"""The weights: what they are before anything is learnt, and that contributions keep their names."""

import numpy as np
import pytest

from recommender.blend import BlendConfig, parts_of, stages, weights
from recommender.features import COLUMN, FEATURES, NAMES, PARTS


class TestGivenWeights:
    def test_a_newcomer_is_judged_by_no_history(self):
        first = weights(BlendConfig(), 0, np.inf)
        for name in ("taste", "near", "next", "pairs", "steps", "content", "order_next"):
            assert first[COLUMN[name]] == 0
        assert first[COLUMN["trend_30"]] > 0
        assert first[COLUMN["role"]] > 0

    def test_they_survive_a_table_and_back(self):
        assert BlendConfig.of(BlendConfig().table()) == BlendConfig()

    def test_every_feature_belongs_to_a_part(self):
        assert {feature.part for feature in FEATURES} == set(PARTS)
        assert len(set(NAMES)) == len(NAMES)


class TestStages:
    @pytest.mark.parametrize("evidence", [1, 2, 10, 1000])
    def test_what_little_history_adds_fades(self, evidence):
        assert stages(evidence, 0)[2] == pytest.approx(2 / (1 + evidence))

    def test_a_visit_and_a_return_exclude_each_other(self):
        for pause in (0, 59, 3601, 86_399, 86_401, np.inf):
            assert stages(3, pause)[3] * stages(3, pause)[4] == 0


class TestParts:
    def test_they_sum_to_the_row(self):
        rows = np.random.default_rng(0).standard_normal((7, len(NAMES))).astype(np.float32)
        sums = [sum(parts.values()) for parts in parts_of(rows)]
        assert sums == pytest.approx(rows.sum(axis=1).tolist(), abs=1e-4)

    def test_they_leave_out_what_adds_nothing(self):
        row = np.zeros((1, len(NAMES)), np.float32)
        row[0, COLUMN["pairs"]] = 2
        assert parts_of(row) == [{"next": 2.0}]
