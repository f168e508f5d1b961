"""What is special about Slack: errors with 200, private channels, links into the app."""

import httpx
import pytest

from app.connectors.base import Delete, ErrorKind, Link, Mode, Presence, SourceError, Upsert
from app.connectors.mapping import apply
from app.intake.text import plain
from tests.support.tools.faults import Once, answers
from tests.support.tools.slack import TEAM, FakeSlack, refusal


@pytest.fixture
def fake():
    return FakeSlack()


def swept(fake, handle=None):
    return list(fake.connector(handle).pull(None, Mode.SWEEP))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_auth", ErrorKind.AUTH_INVALID),
        ("token_revoked", ErrorKind.AUTH_INVALID),
        ("account_inactive", ErrorKind.AUTH_INVALID),
        ("token_expired", ErrorKind.AUTH_EXPIRED),
        ("missing_scope", ErrorKind.FORBIDDEN),
        ("ratelimited", ErrorKind.RATE_LIMITED),
        ("invalid_cursor", ErrorKind.CURSOR_INVALID),
        ("internal_error", ErrorKind.TRANSIENT),
        ("method_deprecated", ErrorKind.CONFIG),
    ],
)
def test_an_error_comes_with_status_200(fake, code, kind):
    with pytest.raises(SourceError) as caught:
        swept(fake, lambda request: refusal(code))
    assert caught.value.kind is kind


def test_it_waits_as_long_as_retry_after_says(fake):
    fake.add("pumps")
    busy = Once(fake.handle, answers(429, json={"ok": False}, Retry_After="30"), at=1)
    swept(fake, busy)
    assert sum(fake.slept) >= 30


def test_an_archived_channel_is_gone(fake):
    fake.add("stays")
    archived = fake.add("archived")
    fake.remove(archived)
    assert [e.external_id for e in swept(fake) if isinstance(e, Delete)] == [archived]
    assert fake.connector().probe([archived]) == {archived: Presence.GONE}


def test_a_private_channel_is_never_an_item(fake):
    fake.add("board")

    def leaking(request):
        answer = fake.handle(request)
        return httpx.Response(
            200, content=answer.content.replace(b'"is_private":false', b'"is_private":true')
        )

    assert [e for e in swept(fake, leaking) if isinstance(e, Upsert)] == []


def test_a_channel_that_is_not_found_may_be_private(fake):
    assert fake.connector().probe(["C9"]) == {"C9": Presence.UNKNOWN}


def test_marks_inside_a_text_become_words(fake):
    fake.add("pumps")
    said = "Ask &amp; tell: <https://acme.test/x|the manual>, <#C2|valves>, <https://acme.test>"

    def marked(request):
        answer = fake.handle(request)
        return httpx.Response(
            200, content=answer.content.replace(b"What it is about", said.encode())
        )

    [event] = [e for e in swept(fake, marked) if isinstance(e, Upsert)]
    fields = apply(fake.connector_class.spec.mapping, event.raw).fields
    assert plain(fields["summary"]) == "Ask & tell: the manual, valves, https://acme.test"


def test_it_opens_in_the_browser_and_in_the_app(fake):
    channel = fake.add("pumps")
    [event] = [e for e in swept(fake) if isinstance(e, Upsert)]
    assert event.raw["url"] == f"https://acme.slack.com/archives/{channel}"
    assert event.raw["app_url"] == f"slack://channel?team={TEAM}&id={channel}"


def test_its_web_address_is_made_of_the_id_alone(fake):
    assert fake.connector().link("C1", Link("https://old.slack.com/x")).url == (
        "https://acme.slack.com/archives/C1"
    )


def test_the_token_travels_in_a_header_to_slack_alone(fake):
    fake.add("pumps")
    swept(fake)
    assert {request.url.host for request in fake.requests} == {"slack.com"}
