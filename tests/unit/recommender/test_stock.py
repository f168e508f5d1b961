"""What may be said of how many people of a role took an item."""

from recommender.data import DAY, Context, Event, ItemFacts
from recommender.dataset import Dataset
from recommender.model import fit
from recommender.stock import taken_in_roles

NOW = 1_000 * DAY
ITEMS = {item: ItemFacts(item) for item in range(1, 6)}


def model(takers):
    """Return a model: so many engineers took item 1 ten days ago, all took item 2 long before."""
    people = range(1, 13)
    events = [Event(person, 1, "completed", NOW - 10 * DAY) for person in people[:takers]]
    events += [Event(person, 2, "completed", NOW - 60 * DAY) for person in people]
    roles = dict.fromkeys(people, ("engineer",))
    return fit(Dataset(events, roles, [*ITEMS.values()], NOW))


def reader(*roles):
    return Context(99, roles, [], NOW)


def test_it_counts_the_people_of_the_role_in_the_last_month():
    told = taken_in_roles(model(7), reader("engineer"), [1, 2, 3, 77], ITEMS)
    assert {item: (reason.people, reason.role) for item, reason in told.items()} == {
        1: (7, "engineer")
    }


def test_it_counts_no_fewer_than_five():
    assert taken_in_roles(model(4), reader("engineer"), [1], ITEMS) == {}


def test_it_counts_only_the_readers_own_role():
    assert taken_in_roles(model(7), reader("designer"), [1], ITEMS) == {}
    assert taken_in_roles(model(7), reader(), [1], ITEMS) == {}


def test_without_a_model_nothing_is_counted():
    assert taken_in_roles(None, reader("engineer"), [1], ITEMS) == {}
