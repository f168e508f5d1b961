"""Curators pick items in a foreign tool; what comes back becomes items when they say so."""

from datetime import timedelta

import pytest

from app.lti.claims import DEEP_LINKING, LTI
from app.models import AuditEntry, IndexOutbox, Item, LtiLaunch, LtiLink
from tests.support.lti_tool import SIMULATIONS


@pytest.fixture
def at_work(browse, sign_in, curator, lab):
    """Return a browser in which a curator is signed in."""
    return browse(sign_in(curator))


@pytest.fixture
def shown(at_work, visitor, lab):
    """Return the page of what the curator picked: two simulations."""
    path, fields = at_work.choose(lab)
    back = visitor.post(path, fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert back.status == 303, back.html
    return at_work.client.follow(back)


def action(page, name):
    """Return the address of the page's form that ends so."""
    found = [form.get("action") for form in page.all("form")]
    return next(address for address in found if address.endswith(f"/{name}"))


def test_it_asks_the_tool_for_links_of_both_kinds(at_work, lab):
    at_work.choose(lab)
    told = lab.launches[-1]
    settings = told[DEEP_LINKING + "deep_linking_settings"]
    assert told[LTI + "message_type"] == "LtiDeepLinkingRequest"
    assert settings["accept_types"] == ["ltiResourceLink", "link"]
    assert settings["accept_multiple"] is True
    assert settings["deep_link_return_url"].startswith(lab.values.issuer)


def test_it_shows_what_was_picked_and_adds_nothing(shown, session):
    assert [text in shown.words for text, *_more in SIMULATIONS] == [True, True]
    assert session.query(Item).count() == 0


def test_it_adds_what_was_chosen(shown, at_work, session, make, browse, sign_in, lab):
    add = action(shown, "add")
    page = at_work.client.follow(at_work.client.post(add, {"pick": ["0", "1"]}))
    assert "2 items are in the catalogue now." in page.words
    items = session.query(Item).order_by(Item.title).all()
    assert [(item.title, item.kind) for item in items] == [
        ("Pump start-up", "simulation"),
        ("Valve failure", "simulation"),
    ]
    assert {row.item_id for row in session.query(IndexOutbox)} == {item.id for item in items}
    assert session.query(LtiLaunch).count() == 0
    assert browse(sign_in(make.person())).open(f"/go/{items[1].id}").status_code == 200
    assert lab.launches[-1][LTI + "custom"] == {"level": "2"}


def test_it_leaves_out_what_was_not_chosen(shown, at_work, session):
    add = action(shown, "add")
    at_work.client.post(add, {"pick": ["1", "7", "x"]})
    assert [item.title for item in session.query(Item)] == ["Valve failure"]


def test_it_knows_an_item_that_is_picked_again(shown, at_work, lab, visitor, session):
    add = action(shown, "add")
    at_work.client.post(add, {"pick": ["0", "1"]})
    path, fields = at_work.choose(lab, ["0"])
    again = at_work.client.follow(visitor.post(path, fields))
    assert "here already" in again.words
    at_work.client.post(action(again, "add"), {"pick": ["0"]})
    assert session.query(Item).count() == 2
    assert session.query(LtiLink).count() == 2


def test_it_adds_nothing_when_told_so(shown, at_work, session):
    drop = action(shown, "drop")
    page = at_work.client.follow(at_work.client.post(drop))
    assert "Nothing was added." in page.words
    assert session.query(Item).count() == session.query(LtiLaunch).count() == 0
    assert at_work.client.post(drop).status == 404


def test_it_writes_down_who_added_what(shown, at_work, session):
    add = action(shown, "add")
    at_work.client.post(add, {"pick": ["0"]})
    entries = {entry.action: entry for entry in session.query(AuditEntry)}
    assert entries["lti.deep_linking"].actor == "Lab"
    assert entries["lti.add_picked"].actor == "Jonas Weber"
    assert "Pump start-up" in str(entries["lti.add_picked"].details)


def test_it_forgets_what_nobody_looked_through(shown, at_work, clock, lab, session):
    clock.ahead = timedelta(hours=2, minutes=1)
    assert at_work.client.get(f"/curate/lti/lab/picked/{'0' * 64}").status == 404
    at_work.leave("/curate/lti/lab/pick")
    assert session.query(LtiLaunch).count() == 1


def test_it_lists_the_tools_and_what_is_here_of_them(at_work, make, simulation):
    assert "Lab" in at_work.client.get("/curate/lti").words
    assert "Pump start-up" in at_work.client.get("/curate/lti/lab").words
    assert at_work.client.get("/curate/lti/nowhere").status == 404


def test_it_picks_nothing_in_a_tool_without_keys(at_work, connection, lab, session):
    connection.settings = lab.settings(jwks_url="")
    session.commit()
    assert "key set" in at_work.client.get("/curate/lti/lab").words
    assert at_work.client.get("/curate/lti/lab/pick").status == 503


def test_it_takes_a_public_key_in_place_of_a_key_set(at_work, connection, lab, session, visitor):
    connection.settings = lab.settings(jwks_url="", public_key=lab.public_key)
    session.commit()
    path, fields = at_work.choose(lab)
    assert visitor.post(path, fields).status == 303
