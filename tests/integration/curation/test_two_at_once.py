"""Two curators at the same moment, in real transactions of their own."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from app.curation import pages, service
from app.errors import Conflict
from app.models import Pin, Section
from tests.integration.curation.conftest import World
from tests.support.emptying import empty
from tests.support.factories import NOW, Factory

EVERYONE = frozenset({"everyone"})


@pytest.fixture
def world(database):
    """Return a page whose rows are committed, and take all rows away again."""
    with database.sessions() as session:
        world = World(Factory(session), session)
        session.commit()
        yield world
    empty(database)


def at_once(database, *changes):
    """Make each change in a transaction and thread of its own; return what each gave or raised."""

    def run(change):
        try:
            with database.transaction() as session:
                return change(session)
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(len(changes)) as pool:
        return list(pool.map(run, changes))


def test_it_gives_every_pin_a_place_of_its_own(database, world):
    def pinning(item_id):
        return lambda s: (
            service.pin_item(
                s, world.one.id, item_id, by=world.curator.id, tokens=EVERYONE, now=NOW
            ).is_new
        )

    new = at_once(database, *(pinning(item.id) for item in world.items[3:]))
    assert new == [True] * 3
    assert sorted(world.orders()[0]) == list("abcdef")


def test_it_pins_an_item_once_though_two_want_it(database, world):
    def pinning(section_id):
        return lambda s: (
            service.pin_item(
                s, section_id, world.items[4].id, by=world.curator.id, tokens=EVERYONE, now=NOW
            ).is_new
        )

    new = at_once(database, pinning(world.two.id), pinning(world.three.id))
    assert sorted(new) == [False, True]


def test_it_loses_nothing_while_one_orders_and_the_other_moves(database, world):
    ids = [pin.id for pin in world.pins]
    at_once(
        database,
        lambda s: service.reorder(s, world.one.id, ids[::-1], **world.by),
        lambda s: service.move_pin(s, ids[2], 1, **world.by),
        lambda s: service.move_pin(s, ids[0], -1, **world.by),
    )
    assert sorted("".join(world.orders())) == list("abc")


def test_it_refuses_what_went_while_it_waited(database, world):
    with database.sessions() as first:
        pages.remove_section(first, world.one.id, **world.by)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(
                at_once, database, lambda s: service.move_pin(s, world.pins[0].id, 1, **world.by)
            )
            still = wait([waiting], timeout=0.3).not_done
            first.commit()
            (answer,) = waiting.result(timeout=20)
    assert (still, type(answer)) == ({waiting}, Conflict)
    with database.sessions() as session:
        wanted = select(Section.title).where(Section.page_id == world.page.id)
        assert sorted(session.scalars(wanted)) == ["Three", "Two"]
        assert session.scalars(select(Pin)).all() == []
