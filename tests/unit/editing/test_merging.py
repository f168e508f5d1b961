"""Two people change one item: nobody's change is lost unseen, whatever they change."""

from hypothesis import given
from hypothesis import strategies as st

from app.editing.merging import merged, seen_of

VALUES = st.fixed_dictionaries(
    {name: st.one_of(st.none(), st.integers(0, 2), st.lists(st.text(max_size=1), max_size=2))
     for name in ("title", "minutes", "skills")}
)  # fmt: skip


@given(VALUES, VALUES, VALUES)
def test_every_field_ends_as_one_of_them_said_or_is_asked_about(before, theirs, mine):
    found = merged(theirs, mine, seen_of(before))
    assert not found.changes.keys() & found.conflicts.keys()
    for name in before:
        i_changed, they_changed = mine[name] != before[name], theirs[name] != before[name]
        if name in found.conflicts:
            assert i_changed
            assert they_changed
            assert found.conflicts[name] == theirs[name]
        elif name in found.changes:
            assert i_changed
            assert not they_changed
            assert found.changes[name] == mine[name]
        else:
            assert not i_changed or mine[name] == theirs[name]


@given(VALUES, VALUES)
def test_a_form_without_digests_overwrites_nothing(theirs, mine):
    assert merged(theirs, mine, {}).changes == {}
