"""Rows to numbers and back, and tables of what goes with what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender import Context, Dataset, Event, EventLog, ItemFacts, Settings
from recommender.data import DAY
from recommender.dataset import Interactions
from recommender.profile import Profile
from recommender.signals import ActivityConfig
from recommender.table import Table, strongest, without_diagonal
from tests.unit.recommender.worlds import NOW, world


def interactions(*rows, items=()):
    """Number a few rows."""
    return Interactions.of(Dataset(rows, {}, items, NOW), ActivityConfig())


class TestInteractions:
    def test_it_halves_an_activity_for_every_half_life(self):
        data = interactions(Event(1, 1, "launched", NOW), Event(1, 2, "launched", NOW - 10 * DAY))
        assert sorted(data.decayed(10.0).tolist()) == [0.5, 1.0]

    def test_it_weighs_a_completion_more_than_a_view(self):
        data = interactions(Event(1, 1, "viewed", NOW), Event(1, 2, "completed", NOW))
        assert np.diff(data.matrix().toarray()[0]) > 0

    def test_it_caps_what_repetition_can_add(self):
        data = interactions(*[Event(1, 1, "completed", NOW)] * 50)
        assert data.matrix().toarray().tolist() == [[4.0]]

    def test_it_knows_items_without_activity_and_activity_without_facts(self):
        data = interactions(Event(1, 9, "viewed", NOW), items=[ItemFacts(3)])
        assert data.items.tolist() == [3, 9]

    def test_it_sees_nothing_of_the_future(self):
        assert interactions(Event(1, 9, "viewed", NOW + 1)).person.size == 0

    def test_it_reads_columns_as_it_reads_rows(self):
        dataset = world(1)
        columns = Dataset(EventLog.of(dataset.events), dataset.people_roles, dataset.items, NOW)
        one, other = (Interactions.of(each, ActivityConfig()) for each in (dataset, columns))
        assert (one.matrix() != other.matrix()).nnz == 0

    def test_it_gives_back_the_rows_it_was_given(self):
        rows = [Event(1, 2, "viewed", 3.0), Event(4, 5, "liked", 6.0)]
        assert EventLog.of(rows).rows() == rows


class TestProfile:
    def profile(self, *history):
        context = Context(1, (), [Event(1, item, verb, 0.0) for item, verb in history], 0.0)
        return Profile.of(context, np.array([10, 20, 30]), ActivityConfig())

    def test_it_puts_the_newest_first_and_each_item_once(self):
        assert self.profile((10, "viewed"), (20, "viewed"), (10, "viewed")).items.tolist() == [0, 1]

    def test_it_takes_the_strongest_thing_done(self):
        assert self.profile((10, "completed"), (10, "viewed")).strength.tolist() == [1.5]

    def test_it_leaves_out_what_the_model_does_not_know(self):
        assert self.profile((99, "viewed"), (5, "liked")).evidence == 0

    def test_it_keeps_dislikes_apart(self):
        profile = self.profile((10, "completed"), (10, "dismissed"), (30, "viewed"))
        assert profile.items.tolist() == [2]
        assert profile.disliked.tolist() == [0]

    def test_of_the_same_instant_none_is_newer(self):
        rows = [Event(1, item, "launched", at) for item, at in ((10, 0.0), (20, 9.0), (30, 9.0))]
        profile = Profile.of(Context(1, (), rows, 9.0), np.array([10, 20, 30]), ActivityConfig())
        assert profile.newer.tolist() == [0, 0, 2]

    def test_it_ignores_verbs_that_say_nothing_about_taste(self):
        assert self.profile((10, "searched"), (20, "resumed")).evidence == 0


class TestTable:
    matrix = sparse.random_array((9, 12), density=0.4, rng=np.random.default_rng(0)).tocsr()

    @given(st.lists(st.integers(0, 8), max_size=9), st.lists(st.integers(0, 11), unique=True))
    def test_it_finds_the_crossings_of_rows_and_columns(self, rows, columns):
        rows, columns = np.array(rows, np.int64), np.array(columns, np.int64)
        block = Table.of(self.matrix).block(rows, columns)
        expected = self.matrix.toarray()[rows][:, columns].astype(np.float32)
        assert np.array_equal(block, expected)

    @given(st.lists(st.integers(0, 8), max_size=9))
    def test_it_adds_rows_as_a_product_would(self, rows):
        rows = np.array(rows, np.int64)
        weights, out = np.linspace(-1, 1, rows.size, dtype=np.float32), np.zeros(12, np.float32)
        met = Table.of(self.matrix).add_rows(rows, weights, out)
        assert np.allclose(out, weights @ self.matrix.toarray()[rows], atol=1e-5)
        assert set(np.flatnonzero(out)) <= set(met.tolist())

    @given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.sampled_from((1, 3, 2049)))
    def test_it_keeps_the_strongest_of_every_row(self, seed, keep, rows):
        chance = np.random.default_rng(seed)
        whole = chance.integers(-3, 4, (rows, 30)).astype(np.float32)
        kept = strongest(sparse.csr_matrix(whole), keep).toarray()
        for before, after in zip(whole[-3:], kept[-3:], strict=True):
            cells = np.flatnonzero(before)
            best = sorted(cells.tolist(), key=lambda column: (-before[column], column))[:keep]
            expected = np.zeros(30)
            expected[best] = before[best]
            assert after.tolist() == expected.tolist()

    def test_its_matrix_may_be_changed_in_place(self):
        table = Table.of(self.matrix)
        before = table.column.copy(), table.value.copy()
        changed = table.matrix(12)
        changed.data[::2] = 0.0
        changed.eliminate_zeros()
        assert np.array_equal(table.column, before[0])
        assert np.array_equal(table.value, before[1])

    def test_it_drops_what_items_have_to_do_with_themselves(self):
        assert without_diagonal(sparse.csr_matrix(np.ones((3, 3)))).trace() == 0

    @pytest.mark.parametrize("columns", [[0], [-1, 5], []])
    def test_it_has_nothing_along_an_empty_row(self, columns):
        assert not Table.empty(3).along(1, np.array(columns, np.int64)).any()


class TestSettings:
    def test_it_survives_being_stored(self):
        settings = Settings()
        assert Settings.from_json(settings.to_json()) == settings

    def test_it_refuses_what_it_does_not_know(self):
        with pytest.raises(TypeError):
            Settings.from_json({"taste": {"colour": 3}})
