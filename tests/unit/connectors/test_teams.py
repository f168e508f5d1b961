"""What is special about Teams: a token of the app's own, pages elsewhere, private channels."""

import httpx
import pytest

from app.connectors.base import ErrorKind, Mode, Presence, SourceError, Upsert
from tests.support.tools.faults import Once, answers
from tests.support.tools.teams import GRAPH, FakeTeams, refusal


@pytest.fixture
def fake():
    return FakeTeams()


def swept(fake, handle=None, cursor=None):
    events = fake.connector(handle).pull(cursor, Mode.SWEEP)
    return [event for event in events if isinstance(event, Upsert)]


def hosts(fake):
    return {request.url.host for request in fake.requests}


def test_it_signs_in_once_and_again_when_the_token_has_run_out(fake):
    for number in range(120):
        fake.add(f"Channel {number}")
    pull = fake.connector().pull(None, Mode.SWEEP)
    next(pull)
    fake.expire()
    assert len([event for event in pull if isinstance(event, Upsert)]) == 119
    assert fake.issued == 2


def test_the_secret_goes_to_the_sign_in_alone(fake):
    fake.add("Pumps")
    swept(fake)
    assert hosts(fake) == {"graph.microsoft.com", "login.microsoftonline.com"}
    told = [r.url.host for r in fake.requests if b"client_secret" in r.content]
    assert told == ["login.microsoftonline.com"]


def test_it_reads_every_page_of_teams(fake):
    for number in range(50 * 12):
        fake.add(f"Channel {number}")
    assert len(swept(fake)) == 50 * 12


def test_the_next_page_may_be_nowhere_but_at_the_graph(fake):
    fake.add("Pumps")

    def misled(request):
        answer = fake.handle(request)
        if request.url.path != "/v1.0/groups":
            return answer
        values = answer.json() | {"@odata.nextLink": "https://graph.evil.test/v1.0/groups"}
        return httpx.Response(200, json=values, headers={"Date": answer.headers["Date"]})

    with pytest.raises(SourceError) as caught:
        swept(fake, misled)
    assert caught.value.kind is ErrorKind.CONFIG


def test_private_channels_and_private_teams_are_never_read(fake):
    public, private = fake.add("Public"), fake.add("Private")
    fake.hide(private)
    assert [event.external_id for event in swept(fake)] == [public]
    fake.private_teams.add("team-0")
    assert swept(fake) == []


@pytest.mark.parametrize(
    "forgotten",
    [
        lambda r, a: refusal("resyncRequired", 410),
        lambda r, a: refusal("Directory_ExpiredPageToken", 400),
    ],
    ids=["410", "400"],
)
def test_a_page_mark_that_has_run_out_asks_for_a_new_beginning(fake, forgotten):
    cursor = f'{{"done":0,"page":"{GRAPH}/v1.0/groups?$top=100&$skiptoken=100"}}'.encode()
    with pytest.raises(SourceError) as caught:
        swept(fake, Once(fake.handle, forgotten, at=1), cursor)
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_it_waits_as_long_as_the_graph_says(fake):
    fake.add("Pumps")
    busy = Once(fake.handle, answers(429, json={}, Retry_After="41"), at=1)
    swept(fake, busy)
    assert sum(fake.slept) >= 41


def test_a_channel_that_became_private_is_hidden(fake):
    channel = fake.add("Pumps")
    fake.hide(channel)
    assert fake.connector().probe([channel]) == {channel: Presence.HIDDEN}


def test_it_opens_in_the_browser_and_in_the_app(fake):
    fake.add("Pumps")
    [event] = swept(fake)
    assert event.raw["url"].startswith("https://teams.microsoft.com/l/channel/19%3A")
    assert event.raw["app_url"] == event.raw["url"].replace(
        "https://teams.microsoft.com", "msteams:"
    )
