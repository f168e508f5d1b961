"""Live links of an unwilling web: none of them is ever said to be gone, hidden or moved."""

import datetime as dt

import pytest

from app.links.checking import over_the_network as by_address
from app.links.queries import TO_LOOK_AT
from tests.support.factories import Factory
from tests.support.hostile_web import WAYS, hostile_web
from tests.support.links import Checking

CLOSED = {"no_robots", "wants_a_password", "sends_to_sign_in", "sends_to_sign_in_for_good"}
UNCLEAR = {"is_odd"}
BUSY = {"too_many", "stumbles"}  # where not all may have been heard in so short a time


def checked(database, each):
    """Check so many live links of each site for a month; return the states by site, each day's."""
    checking = Checking(database)
    checking.make_client = lambda _hosts: by_address(["127.0.0.1"])
    with hostile_web() as sites:
        with database.transaction() as session:
            make = Factory(session)
            tool = make.tool("web", "Web")
            for way, address in sites.items():
                for number in range(each):
                    name = f"{way}/{number}"
                    make.item(name, tool=tool, external_id=name, url=f"{address}/pages/{number}")
        checking.enrol()
        for day in range(3):
            checking.check(days=14 * bool(day))
            checking.check(hours=2)
            yield checking.states()


def never_flagged(database, each):
    last = {}
    for states in checked(database, each):
        assert len(states) == each * len(WAYS)
        assert {key for key, state in states.items() if state in set(TO_LOOK_AT)} == set()
        last = states
    ways = [way.__name__ for way in WAYS]
    known = {way: {last[f"{way}/{number}"] for number in range(each)} for way in ways}
    unheard = {way for way, states in known.items() if states != {"live"}}
    assert CLOSED | UNCLEAR <= unheard <= CLOSED | UNCLEAR | BUSY


def test_none_of_sixty_live_links_is_flagged(sqlite):
    never_flagged(sqlite, each=3)


@pytest.mark.slow
def test_none_of_a_thousand_live_links_is_flagged(sqlite):
    never_flagged(sqlite, each=50)


def test_a_page_behind_a_private_address_is_not_asked_for(sqlite):
    with hostile_web() as sites:
        checking = Checking(sqlite)
        with sqlite.transaction() as session:
            make = Factory(session)
            make.item("A", external_id="a", url=f"{sites['plain']}/pages/1")
        checking.enrol()
        checking.check(hours=1)
    assert checking.rows()["a"].state == "unknown"
    assert checking.rows()["a"].next_at - checking.now > dt.timedelta(days=5)
