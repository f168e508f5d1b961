"""Cards: one statement for any number of items, and only what the reader may see."""

import pytest

from app.activity import service
from app.activity.cards import cards_by_id, cards_in_order


@pytest.fixture
def reader(make):
    return make.person()


def cards(session, reader, *items):
    ids = [item.id for item in items]
    return cards_by_id(session, ids, person_id=reader.id, tokens={"everyone"})


def test_it_shows_where_an_item_stands_for_its_reader(session, make, reader, now):
    item = make.item("Ohm's law")
    service.save(session, reader.id, item.id, now=now)
    card = cards(session, reader, item)[item.id]
    assert (card.title, card.saved, card.done) == ("Ohm's law", True, False)


def test_it_shows_nobody_elses_state(session, make, reader, now):
    item = make.item()
    service.save(session, make.person().id, item.id, now=now)
    assert cards(session, reader, item)[item.id].saved is False


def test_it_leaves_out_what_the_reader_may_not_see(session, make, reader):
    hidden = make.item(audience=["group:pilot"])
    assert cards(session, reader, hidden) == {}


def test_it_leaves_out_retired_items(session, make, reader):
    assert cards(session, reader, make.item(status="retired")) == {}


def test_it_keeps_the_order_asked_for(session, make, reader):
    items = [make.item() for _ in range(5)]
    wanted = [item.id for item in reversed(items)]
    found = cards(session, reader, *items)
    assert [card.id for card in cards_in_order(wanted, found)] == wanted
