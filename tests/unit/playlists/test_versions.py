"""Moving on to another version, and what differs between two."""

from hypothesis import given
from hypothesis import strategies as st

from app.playlists.differences import differences
from app.playlists.outline import Outline, OutlineStep
from app.playlists.remapping import StepOf, carried, counterparts

STEPS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(1, 5)),
    max_size=6,
    unique_by=lambda pair: pair[0],
)
OUTLINES = STEPS.map(
    lambda pairs: Outline(
        steps=tuple(
            OutlineStep(key=key, due_day=day or 1, title=key.upper(), item_id=day)
            for day, (key, _item) in enumerate(pairs)
        )
    )
)


def version(pairs, first_id):
    return [StepOf(first_id + place, key, item) for place, (key, item) in enumerate(pairs)]


@given(STEPS, STEPS, st.data())
def test_moving_on_never_loses_a_done_step(before, after, data):
    old, new = version(before, 1), version(after, 100)
    done = data.draw(st.frozensets(st.sampled_from([step.id for step in old]))) if old else ()
    into = counterparts(old, new)
    kept = carried(done, into)
    now_done = {step for step in new if step.id in kept}
    for step in (step for step in old if step.id in done):
        same_key = [each for each in new if each.key == step.key]
        same_item = [each for each in new if step.item_id and each.item_id == step.item_id]
        if same_key:
            assert same_key[0] in now_done
        elif same_item:
            assert now_done & set(same_item)
        else:
            assert step.id in kept


@given(STEPS, STEPS)
def test_going_there_and_back_brings_everything_back(before, after):
    old, new = version(before, 1), version([(key, None) for key, _item in after], 100)
    done = frozenset(step.id for step in old)
    there = carried(done, counterparts(old, new))
    assert carried(there, counterparts([*old, *new], old)) >= done


@given(OUTLINES)
def test_a_version_does_not_differ_from_itself(outline):
    assert not differences(outline, outline)


@given(OUTLINES, OUTLINES)
def test_what_is_added_one_way_is_removed_the_other_way(one, other):
    there, back = differences(one, other), differences(other, one)
    assert {step.key for step in there.added} == {step.key for step in back.removed}
    assert {each.step.key for each in there.changed} == {each.step.key for each in back.changed}
    assert there.reordered == back.reordered
    assert bool(there) == bool(back)


def test_it_says_which_field_of_which_step_differs():
    old = OutlineStep(key="a", due_day=2, title="Read")
    found = differences(
        Outline(title="Start", steps=(old,)),
        Outline(title="Begin", steps=(OutlineStep(key="a", due_day=3, title="Read"),)),
    )
    assert [(each.name, each.before, each.after) for each in found.details] == [
        ("title", "Start", "Begin")
    ]
    (change,) = found.changed
    assert [(each.name, each.before, each.after) for each in change.changes] == [("due_day", 2, 3)]


def test_another_number_for_the_same_alternatives_is_no_difference():
    def pair(number):
        steps = (OutlineStep(key=key, due_day=1, title=key, choice=number) for key in "ab")
        return Outline(steps=tuple(steps))

    assert not differences(pair(1), pair(4))
