"""Shelves: one slate, laid out so that nothing stands twice on a page."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.data import DAY, Context, Event, ItemFacts, Reason, ReasonCode, Recommendation
from recommender.shelves import ShelfKind, ShelvesConfig, lay_out, next_on
from recommender.stock import Stock, causes

NOW = 1_000 * DAY
UNSEEN = Reason(ReasonCode.UNSEEN)


def recommended(item, reason=UNSEEN):
    return Recommendation(item, 1.0 / item, reason, {})


def took(item, people):
    return Reason(ReasonCode.POPULAR_IN_ROLE, role="engineer", people=people, days=30, until=NOW)


def did(item, verb="completed", days_ago=1.0, value=0.0):
    return Event(1, item, verb, NOW - days_ago * DAY, value)


def because(item):
    return Reason(ReasonCode.BECAUSE_OF, item=item, verb="completed")


def stock(items=range(1, 41), *, facts=(), history=(), reasons=(), **others):
    """Return a stock whose slate is `items` in their order."""
    known = {item: ItemFacts(item, minutes=60) for item in [*items, *range(100, 110)]}
    known.update({each.item: each for each in facts})
    told = dict(reasons)
    minutes = others.pop("minutes", None)
    return Stock(
        [recommended(item, told.get(item, UNSEEN)) for item in items],
        Context(1, ("engineer",), list(history), NOW, minutes=minutes),
        known,
        **others,
    )


def by_kind(shelves):
    return {shelf.kind: shelf for shelf in shelves}


def test_for_you_is_the_ranking_itself():
    (shelf,) = lay_out(stock())
    assert (shelf.kind, shelf.items) == (ShelfKind.FOR_YOU, (1, 2, 3, 4))


def test_an_empty_slate_makes_no_shelf():
    assert lay_out(stock([])) == ()


def test_what_was_begun_comes_first_and_is_not_recommended_beside():
    shelves = lay_out(stock(), begun=[7, 2])
    assert [(shelf.kind, shelf.items) for shelf in shelves] == [
        (ShelfKind.CONTINUE, (7, 2)),
        (ShelfKind.FOR_YOU, (1, 3, 4, 5)),
    ]


def test_what_stands_elsewhere_and_its_twins_stand_on_no_shelf():
    twins = {
        1: frozenset({1, 99}),
        99: frozenset({1, 99}),
        3: frozenset({3, 4}),
        4: frozenset({3, 4}),
    }
    (shelf,) = lay_out(stock(twins=twins), taken=[99, 2])
    assert shelf.items == (3, 5, 6, 7)


def test_a_shelf_follows_from_the_latest_completion_with_enough_to_follow():
    history = [did(100, days_ago=9), did(101, days_ago=5), did(102, days_ago=1)]
    reasons = {item: because(101) for item in (20, 21, 22)} | {23: because(102)}
    shelf = by_kind(lay_out(stock(history=history, reasons=reasons)))[ShelfKind.BECAUSE]
    assert (shelf.cause, shelf.items) == (because(101), (20, 21, 22))


def test_what_is_alike_follows_too():
    alike = {100: (30, 31)}
    found = stock(history=[did(100)], reasons={20: because(100)}, alike=lambda item: alike[item])
    assert by_kind(lay_out(found))[ShelfKind.BECAUSE].items == (20, 30, 31)


def test_two_that_follow_are_too_few_for_a_shelf():
    found = stock(history=[did(100)], reasons={20: because(100), 21: because(100)})
    assert ShelfKind.BECAUSE not in by_kind(lay_out(found))


def test_what_was_finished_goes_before_what_was_chosen_later():
    history = [did(100, days_ago=9), did(101, "liked"), did(102, "rated", value=5)]
    assert [(each.item, each.verb) for each in causes(stock(history=history), 5)] == [
        (100, "completed"),
        (102, "rated"),
        (101, "liked"),
    ]


@pytest.mark.parametrize(
    "history",
    [
        [did(100, "launched")],
        [did(100, "rated", value=2)],
        [did(100), did(100, "dismissed", days_ago=0.5)],
        [did(999)],
    ],
)
def test_nothing_follows_from_what_was_not_chosen_or_is_not_offered_any_more(history):
    assert causes(stock(history=history), 5) == []


def test_short_ones_fit_ten_minutes_where_nobody_says_otherwise():
    facts = [ItemFacts(20, minutes=10), ItemFacts(21, minutes=11), ItemFacts(22, minutes=3)]
    shelf = by_kind(lay_out(stock(facts=facts)))[ShelfKind.SHORT]
    assert (shelf.items, shelf.minutes) == ((20, 22), 10)


def test_items_of_unknown_length_are_not_called_short():
    facts = [ItemFacts(20, minutes=None), ItemFacts(21, minutes=5)]
    assert ShelfKind.SHORT not in by_kind(lay_out(stock(facts=facts)))


def test_what_fits_comes_first_for_somebody_who_says_how_long_they_have():
    facts = [ItemFacts(1, minutes=20), ItemFacts(25, minutes=20)]
    first, second = lay_out(stock(facts=facts, minutes=20))
    assert (first.kind, first.items, first.minutes) == (ShelfKind.SHORT, (1, 25), 20)
    assert (second.kind, second.items) == (ShelfKind.FOR_YOU, (2, 3, 4, 5))


def new(item, days_ago, roles=("engineer",)):
    return ItemFacts(item, roles=roles, published=NOW - days_ago * DAY)


def test_new_for_the_role_is_young_and_meant_for_it():
    facts = [new(20, 1), new(21, 30), new(22, 31), new(23, 1, roles=("designer",)), new(24, -1)]
    assert by_kind(lay_out(stock(facts=facts)))[ShelfKind.NEW].items == (20, 21)


def test_new_for_the_role_is_also_what_its_people_take():
    facts = [new(20, 1), new(21, 1, roles=())]
    found = stock(facts=facts, counted={21: took(21, 9)})
    assert by_kind(lay_out(found))[ShelfKind.NEW].items == (20, 21)


def test_popular_is_what_may_be_counted_and_says_how_many():
    counted = {30: took(30, 6), 31: took(31, 12)}
    shelf = by_kind(lay_out(stock(counted=counted)))[ShelfKind.POPULAR]
    assert shelf.items == (31, 30)
    assert [pick.reason.people for pick in shelf.picks] == [12, 6]


def test_one_item_alone_is_not_called_popular():
    assert ShelfKind.POPULAR not in by_kind(lay_out(stock(counted={30: took(30, 6)})))


def test_a_page_of_its_own_holds_more():
    config = ShelvesConfig(most=8)
    assert len(lay_out(stock(), config=config)[0].items) == 8


def test_the_next_best_comes_when_one_leaves():
    twins = {5: frozenset({5, 6}), 6: frozenset({5, 6})}
    found = next_on(stock(twins=twins), ShelfKind.FOR_YOU, taken=[1, 2, 3, 4, 6])
    assert found.item == 7


def test_what_comes_next_follows_from_the_same_cause():
    found = stock(reasons={20: because(100), 21: because(101)})
    assert next_on(found, ShelfKind.BECAUSE, taken=[1], cause=101).item == 21
    assert next_on(found, ShelfKind.BECAUSE, taken=[21], cause=101) is None


def test_nothing_comes_next_where_the_slate_has_nothing_left():
    assert next_on(stock([1, 2]), ShelfKind.FOR_YOU, taken=[1, 2]) is None


ITEMS = st.integers(1, 30)


@st.composite
def stocks(draw):
    items = draw(st.lists(ITEMS, unique=True, max_size=30))
    clusters = draw(st.lists(st.sets(ITEMS, min_size=2, max_size=4), max_size=4))
    twins, met = {}, set()
    for cluster in clusters:
        if met.isdisjoint(cluster):
            met |= cluster
            twins.update({item: frozenset(cluster) for item in cluster})
    facts = [
        ItemFacts(
            item,
            roles=draw(st.sampled_from([(), ("engineer",)])),
            minutes=draw(st.sampled_from([None, 5, 50])),
            published=draw(st.sampled_from([None, NOW - 5 * DAY, NOW - 50 * DAY])),
        )
        for item in items
    ]
    counted = {item: took(item, 5 + item) for item in draw(st.sets(ITEMS, max_size=12))}
    reasons = {item: because(100) for item in draw(st.sets(ITEMS, max_size=12))}
    made = stock(
        items,
        facts=facts,
        history=[did(100)],
        reasons=reasons,
        twins=twins,
        counted=counted,
        minutes=draw(st.sampled_from([None, 10, 60])),
    )
    return replace(made, alike=lambda _item: range(1, 31, 3))


@given(
    stocks(),
    st.lists(ITEMS, unique=True, max_size=6),
    st.sets(ITEMS, max_size=6),
    st.integers(3, 8),
)
def test_nothing_stands_twice_on_a_page_nor_does_a_twin(made, begun, taken, most):
    config = ShelvesConfig(most=most)
    shelves = lay_out(made, begun=begun, taken=taken, config=config)
    stand = [*taken]
    for item in (item for shelf in shelves for item in shelf.items):
        same = made.twins.get(item, {item})
        assert same.isdisjoint(stand)
        stand.append(item)
    for shelf in shelves:
        holds = config.begun if shelf.kind is ShelfKind.CONTINUE else most
        assert config.fewest[shelf.kind] <= len(shelf.items) <= holds


@given(stocks(), st.sets(ITEMS, max_size=20), st.sampled_from(ShelfKind))
def test_what_comes_next_stands_nowhere_nor_does_a_twin(made, taken, kind):
    following = next_on(made, kind, taken=taken, cause=100)
    if following is not None:
        assert made.twins.get(following.item, {following.item}).isdisjoint(taken)


@given(stocks())
def test_every_shelf_keeps_the_order_of_the_slate_but_the_counted_one(made):
    place = {each.item: at for at, each in enumerate(made.slate)}
    for shelf in lay_out(made):
        if shelf.kind is not ShelfKind.POPULAR:
            assert sorted(shelf.items, key=place.get) == [*shelf.items]
