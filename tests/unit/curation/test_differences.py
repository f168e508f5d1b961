"""What differs between two states of a page."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.content import PageContent, PinContent, SectionContent, from_json, to_json
from app.curation.differences import What, differences


def page(*sections, **values):
    """Return a page of sections such as "one:123", items of which are single digits."""
    found = []
    for text in sections:
        title, _, items = text.partition(":")
        pins = tuple(PinContent(item_id=int(digit)) for digit in items)
        found.append(SectionContent(key=title, title=title, pins=pins))
    return PageContent(title=values.pop("title", "Page"), sections=tuple(found), **values)


def said(before, after):
    return [(one.what, one.section, one.item_id) for one in differences(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (["one:12"], ["one:12"], []),
        (["one:12"], ["one:123"], [(What.PIN_ADDED, "one", 3)]),
        (["one:12"], ["one:1"], [(What.PIN_REMOVED, "one", 2)]),
        (["one:1234"], ["one:4123"], [(What.PIN_MOVED, "one", 4)]),
        (["one:12", "two:3"], ["one:2", "two:31"], [(What.PIN_MOVED, "two", 1)]),
        (["one", "two"], ["two", "one"], [(What.SECTION_MOVED, "two", None)]),
        (["one"], ["one", "two"], [(What.SECTION_ADDED, "two", None)]),
        (
            ["one:1"],
            ["two:1"],
            [
                (What.SECTION_REMOVED, "one", None),
                (What.SECTION_ADDED, "two", None),
                (What.PIN_MOVED, "two", 1),
            ],
        ),
    ],
)
def test_it_tells_the_fewest_differences(before, after, found):
    assert said(page(*before), page(*after)) == found


def test_it_tells_texts_before_and_after():
    before, after = page("one:1"), page("one:1", title="Other", intro="Why", audience=("role:x",))
    assert [(one.what, one.before, one.after) for one in differences(before, after)] == [
        (What.TITLE, "Page", "Other"),
        (What.INTRO, "", "Why"),
        (What.AUDIENCE, "everyone", "role:x"),
    ]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"note": "Why"}, What.PIN_NOTE),
        ({"starts_on": date(2026, 11, 1)}, What.PIN_DATES),
        ({"audience": ("role:x",)}, What.PIN_AUDIENCE),
    ],
)
def test_it_tells_what_was_said_of_a_pin(values, what):
    before = page("one:1")
    section = before.sections[0]
    changed = replace(section, pins=(replace(section.pins[0], **values),))
    (found,) = differences(before, replace(before, sections=(changed,)))
    assert (found.what, found.item_id) == (what, 1)


def test_it_knows_a_section_again_under_another_name():
    before = page("one:1")
    renamed = replace(before.sections[0], title="First")
    (found,) = differences(before, replace(before, sections=(renamed,)))
    assert (found.what, found.before, found.after) == (What.SECTION_RENAMED, "one", "First")


items = st.lists(st.integers(1, 9), unique=True, max_size=6)


@given(items, items)
def test_it_tells_nothing_of_the_same_and_something_of_the_rest(before, after):
    one = page("one:" + "".join(map(str, before)))
    other = page("one:" + "".join(map(str, after)))
    found = differences(one, other)
    assert bool(found) is (one != other)
    gone = {each.item_id for each in found if each.what is What.PIN_REMOVED}
    assert gone == set(before) - set(after)


@given(items)
def test_it_keeps_a_page_through_json(found):
    one = page("one:" + "".join(map(str, found)), "two", intro="Ünï")
    assert from_json(to_json(one)) == one
