"""Interrupted trainings go on, to the same bits."""

from dataclasses import replace

import numpy as np
import pytest

from recommender import Event, train
from recommender.checkpoints import Checkpoints, digest_of
from recommender.data import Shown
from recommender.log import EventLog


class Interrupted(Exception):
    """What ends a training in the middle."""


def arrays_of(model):
    return {
        f"{part}.{name}": array
        for part, scorer in model.scorers.each().items()
        for name, array in scorer.arrays().items()
    }


@pytest.fixture(scope="module")
def whole(portal, tmp_path_factory):
    """The model of a training that nobody interrupts, and its steps."""
    steps = []
    kept = Checkpoints.begin(tmp_path_factory.mktemp("whole") / "begun", {"seed": 0})
    model = train(portal, progress=lambda *step: steps.append(step), kept=kept)
    return model, steps


class TestInterruption:
    def begin(self, folder):
        return Checkpoints.begin(folder / "begun", {"seed": 0})

    def broken_off(self, portal, folder, after):
        left = iter(range(after))

        def tell(_stage, _share):
            if next(left, None) is None:
                raise Interrupted

        with pytest.raises(Interrupted):
            train(portal, progress=tell, kept=self.begin(folder))

    @pytest.mark.parametrize("after", [3, 14, 17, 18, 22])
    def test_one_that_goes_on_gives_the_same_bits(self, portal, whole, tmp_path, after):
        model, steps = whole
        assert len(steps) > 22
        self.broken_off(portal, tmp_path, after)
        resumed = train(portal, kept=self.begin(tmp_path))
        assert (resumed.settings, resumed.metrics) == (model.settings, model.metrics)
        found, wanted = arrays_of(resumed), arrays_of(model)
        assert found.keys() == wanted.keys()
        assert all(np.array_equal(found[name], wanted[name]) for name in wanted)

    def test_it_does_not_do_again_what_was_done(self, portal, whole, tmp_path):
        self.broken_off(portal, tmp_path, 22)
        steps = []
        train(portal, progress=lambda *step: steps.append(step), kept=self.begin(tmp_path))
        assert len(steps) < len(whole[1]) - 15
        assert min(share for stage, share in steps if stage == "taste" and share) > 0.5

    def test_another_plan_begins_anew(self, portal, whole, tmp_path):
        self.broken_off(portal, tmp_path, 22)
        steps = []
        kept = Checkpoints.begin(tmp_path / "begun", {"seed": 1})
        train(portal, progress=lambda *step: steps.append(step), kept=kept)
        assert steps == whole[1]

    def test_it_leaves_nothing_when_it_is_cleared(self, portal, tmp_path):
        kept = self.begin(tmp_path)
        train(portal, kept=kept)
        kept.clear()
        assert list(tmp_path.iterdir()) == []

    def test_what_is_half_written_is_written_anew(self, portal, whole, tmp_path):
        kept = self.begin(tmp_path)
        half = kept.folder / ".rehearsal"
        half.mkdir()
        (half / "items.npy").write_bytes(b"half")
        (kept.folder / "taste.factors" / ".fresh").mkdir(parents=True)
        resumed = train(portal, kept=kept)
        assert resumed.metrics == whole[0].metrics

    def test_the_digest_knows_every_part_of_the_data(self, portal):
        log = EventLog.of(portal.events)
        others = [
            replace(portal, now=portal.now + 1),
            replace(portal, events=log.where(np.arange(len(log) - 1))),
            replace(portal, people_roles={**portal.people_roles, 1: ("other",)}),
            replace(portal, items=portal.items[1:]),
            replace(portal, circles={1: ("dept:a",)}),
            replace(portal, started={1: 3.0}),
            replace(portal, shown=[Shown(1, 3.0, (101, 102), (102,))]),
            replace(portal, shown=[Shown(1, 3.0, (101, 102), (101,))]),
        ]
        assert len({digest_of(each) for each in (portal, *others)}) == 9

    def test_what_happens_after_the_watermark_changes_no_digest(self, portal):
        later = replace(portal, events=[*portal.events, Event(1, 101, "viewed", portal.now + 1)])
        assert digest_of(later) == digest_of(portal)
