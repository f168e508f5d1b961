"""Channels to talk in and what is counted, on both databases."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.home import queries
from app.home.queries import News

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


def test_news_in_a_search_leave_out_what_is_gone():
    news = News(name="Pumps", total=7, items=[1, 2, 3])
    assert news.seen_in({1, 3}) == 6
    assert news.seen_in(set()) == 0


def test_it_counts_different_items_by_what_was_done(session, make, amara, now):
    item = make.item()
    for _ in range(2):
        activity.launch(session, amara.id, item, now=now)
    activity.save(session, amara.id, item.id, now=now)
    counts = queries.counts_by_verb(session, amara.id, since=now - DAY)
    assert counts == {"launched": 1, "saved": 1}
