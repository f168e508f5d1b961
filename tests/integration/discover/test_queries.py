"""Reads for the search page, on both kinds of database."""

from datetime import timedelta

import pytest

from app.discover import queries
from tests.support.queries import count_queries

EVERYONE = frozenset({"everyone"})


@pytest.fixture
def engineer(make):
    return make.role("engineer", "Engineer")


@pytest.fixture
def section(session, make, engineer):
    """Return the one section of the engineers' page."""
    page = make.role_page(engineer, sections=("Week one",))
    session.refresh(page, ["sections"])
    return page.sections[0]


def pinned(session, now, roles=("engineer",), tokens=EVERYONE):
    return queries.pinned_for(session, roles=roles, tokens=tokens, today=now.date())


def test_it_knows_what_is_pinned_for_a_role(session, make, section, now):
    item = make.item()
    make.pin(section, item)
    assert pinned(session, now) == {item.id}
    assert pinned(session, now, roles=("planner",)) == set()


def test_it_asks_nothing_for_somebody_without_a_role(session, database, now):
    with count_queries(database.engine) as sent:
        assert pinned(session, now, roles=()) == set()
    assert sent == []


def test_it_leaves_out_pins_of_other_days(session, make, section, now):
    day, today = timedelta(days=1), now.date()
    make.pin(section, make.item(), ends_on=today - day)
    make.pin(section, make.item(), starts_on=today + day)
    current = make.item()
    make.pin(section, current, starts_on=today, ends_on=today)
    assert pinned(session, now) == {current.id}


def test_it_leaves_out_pages_that_are_not_for_the_reader(session, make, now):
    role = make.role("pilot")
    page = make.role_page(role, audience=("group:pilot",))
    session.refresh(page, ["sections"])
    make.pin(page.sections[0], make.item())
    assert pinned(session, now, roles=("pilot",)) == set()


def test_it_names_tools_roles_and_skills_in_one_statement(session, make, database, engineer):
    make.tool("simlab", "SimLab")
    make.skill("plc", "PLC")
    with count_queries(database.engine) as sent:
        names = queries.facet_names(
            session,
            {"tool": ["simlab"], "role": ["engineer"], "skill": ["plc", "?"], "kind": ["video"]},
            {},
            tokens={"everyone"},
        )
    assert names == {
        ("tool", "simlab"): "SimLab",
        ("role", "engineer"): "Engineer",
        ("skill", "plc"): "PLC",
    }
    assert len(sent) == 1


def test_it_names_nothing_when_nothing_is_asked(session):
    names = queries.facet_names(session, {"tool": [], "kind": ["video"]}, {}, tokens={"everyone"})
    assert names == {}


@pytest.mark.parametrize(("tokens", "names"), [({"role:x"}, 3), ({"everyone"}, 0)])
def test_it_names_what_was_only_asked_for_if_an_item_shows_it(session, make, tokens, names):
    make.item(
        tool=make.tool("lab"),
        skills=[make.skill("plc")],
        roles=[make.role("planner")],
        audience=["role:x"],
    )
    asked = {"tool": ["lab"], "skill": ["plc"], "role": ["planner"]}
    assert len(queries.facet_names(session, {}, asked, tokens=tokens)) == names


def test_it_knows_where_a_curator_is_pinning(session, make, section):
    item = make.item()
    make.pin(section, item)
    assert queries.pin_place(session, section.id) == queries.PinPlace(
        section_id=section.id,
        section="Week one",
        role="engineer",
        role_name="Engineer",
        pinned=frozenset({item.id}),
    )


def test_it_knows_what_is_pinned_elsewhere_on_the_page(session, make, engineer):
    page = make.role_page(engineer, sections=("Week one", "Later"))
    session.refresh(page, ["sections"])
    item = make.item()
    make.pin(page.sections[1], item)
    assert queries.pin_place(session, page.sections[0].id).pinned == {item.id}


def test_it_knows_an_empty_section(session, section):
    place = queries.pin_place(session, section.id)
    assert place is not None
    assert place.pinned == set()


def test_it_knows_that_a_section_is_gone(session):
    assert queries.pin_place(session, 4711) is None


def test_it_forgets_exactly_the_outbox_rows_it_was_given(session, now):
    session.add_all(queries.IndexOutbox(item_id=n, queued_at=now) for n in (5, 5, 6))
    session.flush()
    first, *rest = queries.outbox_rows(session)
    queries.forget_outbox(session, [first[0]])
    assert queries.outbox_rows(session) == rest


def test_it_knows_which_items_are_live(session, make, monkeypatch):
    monkeypatch.setattr(queries, "CHUNK", 2)
    live = [make.item().id for _ in range(3)]
    retired = make.item(status="retired").id
    assert queries.live_among(session, [*live, retired, 4711]) == set(live)
