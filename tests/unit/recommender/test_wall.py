"""What may never stand on a slate stays away, whatever the moment and whoever asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import VERBS, Context, Eligibility, Event, ItemFacts, recommend
from recommender.data import DAY
from recommender.model import fit
from tests.unit.recommender.worlds import NOW, world

PORTAL = world(11, people=40, items=30, events=400)
KNOWN = sorted(each.item for each in PORTAL.items)
NEWER = list(range(130, 136))
FACTS = {each.item: each for each in PORTAL.items} | {
    item: ItemFacts(item, ("skill-1",), ("role-2",), "subject3", published=NOW) for item in NEWER
}
ITEMS = st.sampled_from(KNOWN + NEWER)
TWINS = {item: frozenset({item, item + 1}) for item in range(100, 136, 2)}
"""Each even item and the next are the same in two tools."""


@pytest.fixture(scope="module")
def model():
    return fit(PORTAL)


@st.composite
def contexts(draw):
    """Draw somebody with any past, at any moment, with anything a portal may know of it."""
    past = st.builds(
        Event,
        st.just(1),
        ITEMS,
        st.sampled_from(VERBS),
        st.floats(NOW - 90 * DAY, NOW),
        st.floats(1, 5),
    )
    role = f"role-{draw(st.integers(0, 6))}"
    return Context(
        1,
        draw(st.sampled_from([(), (role,), (role, "role-1")])),
        sorted(draw(st.lists(past, max_size=12)), key=lambda event: event.at),
        NOW + draw(st.floats(0, 60)) * DAY,
        draw(st.frozensets(ITEMS, max_size=4)),
        circles=draw(st.sampled_from([(), ("dept:service", "loc:de")])),
        started=draw(st.none() | st.just(NOW - 100 * DAY)),
        role_since=draw(st.none() | st.floats(NOW - 90 * DAY, NOW)),
        minutes=draw(st.none() | st.sampled_from([5, 30])),
        device=draw(st.sampled_from(["", "phone", "desktop"])),
        language=draw(st.sampled_from(["", "en", "de"])),
        tool=draw(st.sampled_from(["", "wiki"])),
        origin=draw(st.none() | ITEMS),
        steps=draw(st.frozensets(ITEMS, max_size=3)),
        gaps=draw(st.frozensets(st.sampled_from(["skill-1", "skill-2", "skill-99"]))),
        pins=dict.fromkeys(draw(st.frozensets(ITEMS, max_size=3)), role),
    )


class TestTheWall:
    @given(
        contexts(),
        st.frozensets(ITEMS),
        st.frozensets(ITEMS, max_size=6),
        st.integers(0, 40),
        st.booleans(),
    )
    def test_it_lets_nothing_through_and_bars_nothing_else(
        self, model, context, eligible, excluded, limit, trained
    ):
        done = {event.item for event in context.history}
        twins = {twin for item in done for pair in TWINS.values() if item in pair for twin in pair}
        barred = excluded | twins
        pool = Eligibility(eligible, FACTS)
        slate = recommend(model if trained else None, context, pool, FACTS, limit, barred)
        allowed = eligible - done - context.assigned - barred
        assert set(slate.items) <= allowed
        assert len(slate.items) == len(set(slate.items)) == min(limit, len(allowed))

    @given(contexts())
    def test_it_keeps_out_what_the_moment_speaks_for(self, model, context):
        speaking = context.steps | frozenset(context.pins) | {context.origin}
        barred = speaking - {None}
        items = recommend(model, context, FACTS.keys(), FACTS, 40, barred).items
        assert barred.isdisjoint(items)
