"""What is special about Mattermost: silent pages of 200, archived channels, a 429 in plain text."""

import httpx
import pytest

from app.connectors.base import Delete, Link, Mode, Presence, SourceError, Upsert
from tests.support.tools.faults import Once, answers
from tests.support.tools.mattermost import FakeMattermost


@pytest.fixture
def fake():
    return FakeMattermost()


def test_it_reads_on_although_a_page_is_silently_cut_to_200(fake):
    added = [fake.add(f"Channel {number}") for number in range(450)]
    found = [
        e.external_id for e in fake.connector().pull(None, Mode.SWEEP) if isinstance(e, Upsert)
    ]
    assert sorted(found) == sorted(added)


def test_a_sweep_says_what_was_archived(fake):
    fake.add("Stays")
    archived = fake.add("Archived")
    fake.remove(archived)
    events = list(fake.connector().pull(None, Mode.SWEEP))
    assert [e.external_id for e in events if isinstance(e, Delete)] == [archived]


def test_a_private_channel_is_never_read(fake):
    fake.hide(fake.add("Board"))
    events = list(fake.connector().pull(None, Mode.SWEEP))
    assert [e for e in events if isinstance(e, Upsert)] == []


def test_a_private_channel_that_the_account_may_read_is_hidden(fake):
    channel = fake.add("Board")
    row = {**fake.channels[channel], "type": "P"}
    allowed = fake.connector(lambda request: httpx.Response(200, json=row))
    assert allowed.probe([channel]) == {channel: Presence.HIDDEN}


def test_it_opens_in_the_browser_and_in_the_app(fake):
    fake.add("Pumps")
    [event] = [e for e in fake.connector().pull(None, Mode.SWEEP) if isinstance(e, Upsert)]
    assert event.raw["url"] == "https://chat.test/service/channels/channel-1"
    assert event.raw["app_url"] == "mattermost://chat.test/service/channels/channel-1"


def test_its_links_are_those_that_were_kept(fake):
    kept = Link("https://chat.test/service/channels/pumps", "mattermost://chat.test/x")
    assert fake.connector().link("c1", kept) == kept


def test_it_waits_until_the_second_that_the_limit_names(fake):
    fake.add("Pumps")
    busy = Once(fake.handle, answers(429, text="limit exceeded", X_RateLimit_Reset="2"))
    list(fake.connector(busy).pull(None, Mode.SWEEP))
    assert sum(fake.slept) >= 2


def test_only_the_wanted_team_is_read(fake):
    fake.add("Pumps")
    events = list(fake.connector(team="sales").pull(None, Mode.SWEEP))
    assert [e for e in events if isinstance(e, Upsert)] == []
    [teams] = fake.connector(team="sales").check()
    assert not teams.ok
    assert "no team" in teams.why


def test_a_token_that_has_run_out_is_not_tried_again(fake):
    with pytest.raises(SourceError):
        list(fake.connector(token="old-one").pull(None, Mode.SWEEP))
    assert len(fake.requests) == 1
