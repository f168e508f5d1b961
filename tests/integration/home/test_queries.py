"""Channels to talk in and what was begun, on both databases."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.home import queries

EVERYONE = frozenset({"everyone"})
DAY = timedelta(days=1)


@pytest.fixture
def engineers(make):
    return make.role("field-engineer")


@pytest.fixture
def amara(make, engineers):
    return make.person("Amara Okafor", roles=[engineers])


def channels(session, person, tokens=EVERYONE):
    found = queries.channels_for(
        session, person.id, roles=("field-engineer",), tokens=tokens, limit=4
    )
    return [card.title for card in found]


def begun(session, person, now):
    found = queries.begun(session, person.id, tokens=EVERYONE, now=now, limit=4)
    return [each.card.title for each in found]


def test_it_offers_first_the_channel_of_what_the_reader_took_up(
    session, make, amara, engineers, now
):
    make.item("anybody", kind="channel")
    make.item("engineers", kind="channel", roles=[engineers])
    pumps = make.item("pumps", kind="channel", roles=[make.role("designer")])
    activity.launch(session, amara.id, make.item(channel_id=pumps.id), now=now)
    assert channels(session, amara) == ["pumps", "engineers", "anybody"]


def test_it_offers_no_channel_of_another_role(session, make, amara):
    make.item("designers", kind="channel", roles=[make.role("designer")])
    assert channels(session, amara) == []


@pytest.mark.parametrize("values", [{"status": "retired"}, {"audience": ("role:pilot",)}])
def test_it_offers_no_channel_that_is_closed_to_the_reader(session, make, amara, values):
    make.item("closed", kind="channel", **values)
    assert channels(session, amara) == []


def test_it_offers_no_channel_that_the_reader_dismissed(session, make, amara, now):
    activity.dismiss(session, amara.id, make.item("noise", kind="channel").id, now=now)
    assert channels(session, amara) == []


def test_it_leads_back_to_what_was_opened_last(session, make, amara, now):
    for days, title in ((3, "Earlier"), (1, "Later")):
        activity.launch(session, amara.id, make.item(title), now=now - days * DAY)
    assert begun(session, amara, now) == ["Later", "Earlier"]


def test_it_names_an_item_opened_twice_once(session, make, amara, now):
    item = make.item("Twice")
    for days in (3, 1):
        activity.launch(session, amara.id, item, now=now - days * DAY)
    assert begun(session, amara, now) == ["Twice"]


def test_it_forgets_what_was_opened_long_ago(session, make, amara, now):
    activity.launch(session, amara.id, make.item(), now=now - 15 * DAY)
    assert begun(session, amara, now) == []


@pytest.mark.parametrize("finish", [activity.complete, activity.dismiss])
def test_it_does_not_lead_back_to_what_is_settled(session, make, amara, now, finish):
    item = make.item()
    activity.launch(session, amara.id, item, now=now - DAY)
    finish(session, amara.id, item.id, now=now)
    assert begun(session, amara, now) == []


def test_it_does_not_lead_back_to_what_was_closed(session, make, amara, now):
    activity.launch(session, amara.id, make.item(audience=("role:pilot",)), now=now - DAY)
    assert begun(session, amara, now) == []


def test_it_counts_different_items_by_what_was_done(session, make, amara, now):
    item = make.item()
    for _ in range(2):
        activity.launch(session, amara.id, item, now=now)
    activity.save(session, amara.id, item.id, now=now)
    counts = queries.counts_by_verb(session, amara.id, since=now - DAY)
    assert counts == {"launched": 1, "saved": 1}
