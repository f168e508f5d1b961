"""What is special about PeerTube: what is public, one channel alone, links by the short id."""

import pytest

from app.connectors.base import ErrorKind, Link, Mode, Presence, SourceError, Upsert
from app.connectors.mapping import apply
from tests.support.tools.faults import Once, answers
from tests.support.tools.peertube import FakePeerTube


@pytest.fixture
def fake():
    return FakePeerTube()


def swept(fake, **settings):
    events = fake.connector(**settings).pull(None, Mode.SWEEP)
    return [event for event in events if isinstance(event, Upsert)]


def test_it_keeps_what_the_instance_says_of_a_video(fake):
    fake.add("Lockout, tagout")
    [event] = swept(fake)
    fields = apply(fake.connector_class.spec.mapping, event.raw).fields
    assert fields["minutes"] == 13
    assert fields["published"].isoformat() == "2026-03-02"
    assert fields["licence"] == "Attribution - Share Alike"
    assert fields["attribution"] == "Safety first"
    assert fields["keys"][0].startswith("urn:uuid:")


def test_private_videos_and_those_not_for_work_stay_out(fake):
    fake.hide(fake.add("Private"))
    fake.videos[fake.add("Party")]["nsfw"] = True
    assert swept(fake) == []


def test_what_stands_before_the_tool_does_not_speak_for_a_video(fake):
    shown = fake.add("Shown")
    stray = answers(401, json={"error": "token_expired"})
    with pytest.raises(SourceError) as raised:
        fake.connector(Once(fake.handle, stray)).probe([shown])
    assert raised.value.kind is ErrorKind.SCHEMA


def test_a_private_video_is_hidden_and_a_deleted_one_gone(fake):
    private, deleted = fake.add("Private"), fake.add("Deleted")
    fake.hide(private)
    fake.remove(deleted)
    found = fake.connector().probe([private, deleted])
    assert found == {private: Presence.HIDDEN, deleted: Presence.GONE}


def test_it_reads_one_channel_alone(fake):
    fake.add("Ours")
    fake.videos[fake.add("Theirs")]["channel"] = "other"
    assert [event.raw["name"] for event in swept(fake, channel="safety")] == ["Ours"]
    assert [hit.title for hit in fake.connector(channel="safety").search("rs", 5)] == ["Ours"]


def test_it_asks_for_videos_of_its_own_by_an_order_that_exists(fake):
    swept(fake)
    asked = fake.requests[0].url.params
    assert (asked["isLocal"], asked["sort"]) == ("true", "createdAt")


def test_its_link_is_made_of_the_short_id(fake):
    made = fake.connector().link("kkGMgK9ZtnKfYAgnEtQxbv", Link(""))
    assert made == Link("https://video.test/w/kkGMgK9ZtnKfYAgnEtQxbv")
