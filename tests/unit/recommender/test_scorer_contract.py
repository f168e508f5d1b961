"""What every scorer has to stand: people and portals at the edge of what there can be."""

from dataclasses import fields

import numpy as np
import pytest

from recommender import Context, Dataset, Event, ItemFacts, Model
from recommender.model import Scorers, fit
from recommender.profile import Profile
from tests.unit.recommender.worlds import NOW, person_of

SCORERS = [each.name for each in fields(Scorers)]


@pytest.fixture(scope="module")
def lonely():
    """The model of a portal with one person, who took two of three items."""
    rows = [Event(1, item, "completed", NOW - item) for item in (1, 2)]
    return fit(Dataset(rows, {}, [ItemFacts(item) for item in (1, 2, 3)], NOW))


def profile(model, *history, roles=(), at=NOW, **known):
    """Read somebody with the given items, newest last, against a model."""
    rows = [Event(1, item, verb, at - 100 + n) for n, (item, verb) in enumerate(history)]
    return Profile.of(Context(1, roles, rows, at, **known), model.items, model.settings.activity)


@pytest.mark.parametrize("name", SCORERS)
class TestAnyScorer:
    def test_it_answers_in_the_row_it_is_given(self, name, model, portal):
        ask = model.scorers.each()[name]
        context = person_of(portal, 5)
        asked = Profile.of(context, model.items, model.settings.activity)
        row = np.full(model.items.size, np.nan, np.float32)
        assert ask(asked, row) is row
        assert np.array_equal(row, ask(asked))

    def test_it_changes_nothing_of_who_asks(self, name, model, portal):
        asked = Profile.of(person_of(portal, 5), model.items, model.settings.activity)
        before = asked.items.copy(), asked.strength.copy(), asked.disliked.copy()
        model.scorers.each()[name](asked)
        assert all(
            np.array_equal(*pair)
            for pair in zip(before, (asked.items, asked.strength, asked.disliked), strict=True)
        )

    def test_it_keeps_silent_about_items_it_does_not_know(self, name, model):
        known = profile(model, (101, "viewed"))
        mixed = profile(model, (9999, "completed"), (101, "viewed"), (5, "liked"))
        ask = model.scorers.each()[name]
        assert np.array_equal(ask(known).copy(), ask(mixed))

    def test_it_takes_an_unknown_role_for_none(self, name, model):
        ask = model.scorers.each()[name]
        nobody = ask(profile(model)).copy()
        assert np.allclose(ask(profile(model, roles=("no such role",))), nobody, atol=1e-5)

    def test_it_has_finite_answers_for_somebody_who_only_dislikes(self, name, model):
        asked = profile(model, *((item, "dismissed") for item in range(100, 110)))
        assert np.isfinite(model.scorers.each()[name](asked)).all()

    def test_it_has_finite_answers_for_somebody_who_took_everything(self, name, model):
        asked = profile(model, *((item, "completed") for item in model.items.tolist()))
        assert np.isfinite(model.scorers.each()[name](asked)).all()

    def test_it_stands_a_portal_of_one_person(self, name, lonely):
        for asked in (profile(lonely), profile(lonely, (1, "completed"))):
            scores = lonely.scorers.each()[name](asked)
            assert scores.shape == (3,)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_it_stands_a_portal_without_roles(self, name, portal):
        model = fit(Dataset(portal.events, {}, [ItemFacts(item) for item in range(100, 140)], NOW))
        asked = profile(model, (101, "viewed"), roles=("role-1",))
        assert np.isfinite(model.scorers.each()[name](asked)).all()

    def test_it_is_stored_as_plain_arrays(self, name, model):
        for array in model.scorers.each()[name].arrays().values():
            assert array.dtype.kind in "fiubU"

    def test_it_comes_back_bit_for_bit(self, name, model, tmp_path):
        model.save(tmp_path / "kept")
        before = model.scorers.each()[name].arrays()
        after = Model.load(tmp_path / "kept").scorers.each()[name].arrays()
        assert before.keys() == after.keys()
        assert all(np.array_equal(before[key], after[key]) for key in before)
        assert all(before[key].dtype == after[key].dtype for key in before if before[key].size)
