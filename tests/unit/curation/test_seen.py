"""Texts that two write at once: nothing is lost, and nobody overwrites what they have not seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.seen import Overtaken, merge, merged, seen_of

texts = st.text(max_size=8)


@pytest.mark.parametrize(
    ("saw", "mine", "now", "kept"),
    [
        ("a", "b", "a", "b"),
        ("a", "a", "b", "b"),
        ("a", "b", "b", "b"),
        ("a", "b", "", "b"),
        ("", "b", "", "b"),
    ],
)
def test_it_takes_the_text_of_the_one_who_changed_it(saw, mine, now, kept):
    assert merged({"note": mine}, {"note": now}, seen_of(saw)) == {"note": kept}


@pytest.mark.parametrize("seen", [seen_of("a"), "", "junk", "1.2.3.4"])
def test_it_refuses_to_overwrite_what_was_not_seen(seen):
    with pytest.raises(Overtaken) as refused:
        merged({"note": "mine"}, {"note": "theirs"}, seen)
    assert refused.value.theirs == {"note": "theirs"}


def test_it_merges_fields_that_each_changed_alone():
    mine, now = {"title": "New", "intro": "old"}, {"title": "Old", "intro": "newer"}
    found = merge(mine, now, seen_of("Old", "old"))
    assert (found.texts, found.theirs) == ({"title": "New", "intro": "newer"}, {})


@given(texts, texts, texts)
def test_it_keeps_or_shows_every_text_that_somebody_wrote(saw, mine, now):
    found = merge({"note": mine}, {"note": now}, seen_of(saw))
    told = {*found.texts.values(), *found.theirs.values()}
    assert now in told or now in {saw, ""}
    assert mine in told or mine == saw or found.theirs
