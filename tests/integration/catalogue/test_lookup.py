"""Finding an item by its title, an address or its number, on each kind of database."""

import pytest

from app.catalogue.lookup import audience_of_item, item_named, items_called, typed


@pytest.fixture
def items(make):
    return make.item("Ohm's law"), make.item("100% of Ohm"), make.item("Volts", audience=["dept:x"])


def found(session, text, tokens=("everyone",), limit=5):
    return [item.title for item in items_called(session, text, tokens=tokens, limit=limit)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("ohm", ["100% of Ohm", "Ohm's law"]),
        ("LAW ohm", ["Ohm's law"]),
        ("100%", ["100% of Ohm"]),
        ("%", ["100% of Ohm"]),
        ("_", []),
        ("volts", []),
        ("  ", []),
    ],
)
def test_words_of_a_title_find_what_the_reader_may_see(session, items, text, titles):
    assert found(session, text) == titles


def test_a_number_and_both_addresses_name_one_item(session, items):
    law = items[0]
    for text in (f"{law.id}", f"#{law.id}", f"/go/{law.id}", f" {law.url} "):
        assert found(session, text) == ["Ohm's law"]


def test_what_others_see_is_found_by_no_name(session, items):
    hidden = items[2]
    for text in (str(hidden.id), hidden.url, hidden.title):
        assert found(session, text) == []
    assert found(session, str(hidden.id), tokens=["dept:x"]) == ["Volts"]


def test_no_more_are_found_than_asked_for(session, items):
    assert len(found(session, "ohm", limit=1)) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("https://foyer.example/items/12?x=1", 12), ("Item 7", None), ("9" * 10, None)],
)
def test_a_number_is_read_from_what_names_one(text, number):
    assert item_named(text) == number


def test_what_is_typed_becomes_one_short_line():
    assert typed(" Ohm's\x00\n law ") == "Ohm's law"
    assert len(typed("x" * 999)) == 300


def test_the_audience_of_an_item_is_read_as_tokens(session, items):
    assert audience_of_item(session, items[2].id) == {"dept:x"}
    assert audience_of_item(session, 2**31 - 1) == frozenset()
