"""Launches, names, picks and keys as rows, on both kinds of database."""

from datetime import timedelta

import pytest

from app.lti import keys, queries, service
from app.models import Connection, Item, LtiKey, LtiLaunch, LtiLink, LtiNonce, ToolAccount
from app.vault import Vault

VAULT = Vault("for tests only")
PICKED = {
    "picks": [
        {
            "type": "ltiResourceLink",
            "url": "https://lab.test/x",
            "title": "A",
            "custom": {"n": "1"},
        },
        {"type": "link", "url": "https://lab.test/y", "title": "B"},
    ],
    "refused": [],
    "message": "",
}


@pytest.fixture
def lab(session, make, now):
    """Return the connection of an LTI tool, its tool loaded."""
    tool = make.tool("lab", "Lab")
    session.add(Connection(tool_id=tool.id, kind="lti", settings={}, created_at=now))
    session.flush()
    return queries.connection_named(session, "lab")


@pytest.fixture
def asked(session, make, lab, now):
    """Return a picking under way and the data that the tool has to send back."""
    person = make.person(access="curator")
    begun = service.begin(session, lab, person_id=person.id, item_id=None, now=now)
    launch = service.take(session, lab, hint=begun.hint, person_id=person.id, now=now)
    return launch, service.ask_for_picks(session, launch, now=now)


def test_it_uses_a_launch_up_for_its_person_and_tool_alone(session, make, lab, now):
    ada, grace = make.person(), make.person()
    item = make.item(tool=lab.tool)
    begun = service.begin(session, lab, person_id=ada.id, item_id=item.id, now=now)
    late = now + timedelta(seconds=120)
    taken = [
        service.take(session, lab, hint=begun.hint, person_id=grace.id, now=now),
        service.take(session, lab, hint="guessed", person_id=ada.id, now=now),
        service.take(session, lab, hint=begun.hint, person_id=ada.id, now=late),
        service.take(session, lab, hint=begun.hint, person_id=ada.id, now=now),
        service.take(session, lab, hint=begun.hint, person_id=ada.id, now=now),
    ]
    assert [bool(one) for one in taken] == [False, False, False, True, False]


def test_it_gives_a_person_one_name_at_a_tool(session, make, lab, now):
    ada, grace = make.person(), make.person()
    names = [service.subject_of(session, lab.id, who.id, now=now) for who in (ada, grace, ada)]
    assert names[0] == names[2] != names[1]
    assert session.query(ToolAccount).count() == 2


def test_it_waits_for_one_answer(session, lab, asked, now):
    launch, _data = asked
    found = queries.asked_for(session, lab.id, launch.data_hash, now=now)
    assert found is launch
    assert queries.picked_by(session, launch.data_hash, launch.person_id, now=now) is None
    assert service.keep_picks(session, launch, PICKED, now=now)
    assert not service.keep_picks(session, launch, PICKED, now=now)
    assert queries.asked_for(session, lab.id, launch.data_hash, now=now) is None
    session.expire_all()
    assert queries.picked_by(session, launch.data_hash, launch.person_id, now=now) is launch


def test_it_waits_for_no_launch_of_an_item(session, make, lab, now):
    item, person = make.item(tool=lab.tool), make.person()
    service.begin(session, lab, person_id=person.id, item_id=item.id, now=now)
    assert queries.asked_for(session, lab.id, "", now=now) is None


def test_it_makes_items_of_what_was_chosen(session, lab, asked, now):
    launch, _data = asked
    service.keep_picks(session, launch, PICKED, now=now)
    session.refresh(launch)
    service.add_picks(session, lab, launch, {0, 1}, kind="simulation", now=now)
    rows = session.query(Item).order_by(Item.title).all()
    assert [(row.title, row.source_kind) for row in rows] == [
        ("A", "ltiResourceLink"),
        ("B", "link"),
    ]
    assert [link.item_id for link in session.query(LtiLink)] == [rows[0].id]
    assert queries.custom_of(session, rows[0].id) == {"n": "1"}
    assert session.query(LtiLaunch).count() == 0


def test_it_keeps_what_has_run_out_no_longer(session, lab, asked, make, now):
    assert service.use_up(session, lab, "n", good_until=now)
    assert not service.use_up(session, lab, "n", good_until=now)
    service.begin(
        session, lab, person_id=make.person().id, item_id=None, now=now + timedelta(hours=3)
    )
    assert session.query(LtiLaunch).count() == 1
    assert session.query(LtiNonce).count() == 0


def test_it_changes_the_key_in_two_steps(session, now):
    first = keys.current(session, VAULT, now=now)
    keys.prepare_next(session, VAULT, now=now)
    keys.prepare_next(session, VAULT, now=now)
    assert [key.state for key in keys.published(session, now=now)] == ["current", "next"]
    keys.use_next(session, now=now)
    assert keys.current(session, VAULT, now=now) is not first
    month = now + keys.STAYS_PUBLISHED
    assert first in keys.published(session, now=month)
    assert first not in keys.published(session, now=month + timedelta(seconds=1))
    keys.sweep(session, now=month + timedelta(seconds=1))
    assert session.query(LtiKey).count() == 1


def test_it_keeps_the_private_key_sealed(session, now):
    row = keys.current(session, VAULT, now=now)
    assert "PRIVATE" not in row.private_key
    assert VAULT.open(row.private_key).startswith("-----BEGIN PRIVATE KEY-----")
    assert set(row.public_jwk) == {"kty", "n", "e", "kid", "use", "alg"}
