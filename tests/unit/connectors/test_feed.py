"""What feeds look like in the wild, and what becomes of it."""

import time

import httpx
import pytest

from app.connectors.base import Checkpoint, ErrorKind, Fail, Mode, Presence, SourceError, Upsert
from app.connectors.mapping import apply
from app.connectors.tools.feed import Feed
from tests.support.tools.feed import HEAD, FakeFeed

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://feed.test/"><title>A</title>
<entry><title type="html">R&amp;amp;D &lt;em&gt;now&lt;/em&gt;</title><id>tag:feed.test,2026:1</id>
<link href="/now"/><updated>2026-11-01T23:30:00-05:00</updated><summary>a &lt; b</summary></entry>
<entry><title>Video</title><id>yt:video:abc</id><link href="https://www.youtube.com/watch?v=abc"/>
<yt:videoId xmlns:yt="http://www.youtube.com/xml/schemas/2015">abc</yt:videoId></entry></feed>"""


@pytest.fixture
def feed():
    return FakeFeed()


def read(feed, body, kind="application/xml"):
    """Return the events of a feed that answers so."""
    answer = httpx.Response(200, content=body, headers={"Content-Type": kind})
    return list(feed.connector(lambda _request: answer).pull(None, Mode.DELTA))


def rss(*items):
    return HEAD + "".join(f"<item>{item}</item>" for item in items) + "</channel></rss>"


def fields(events):
    return [apply(Feed.spec.mapping, one.raw).fields for one in events if isinstance(one, Upsert)]


def trouble(feed, body, kind="application/xml"):
    with pytest.raises(SourceError) as caught:
        read(feed, body, kind)
    return caught.value.kind


def test_a_podcast_has_its_duration_and_opens_its_page(feed):
    item = (
        "<title>Episode 1</title><guid>ep1</guid><link>https://feed.test/1</link>"
        '<enclosure url="https://cdn.test/1.mp3" type="audio/mpeg" length="1"/>'
        "<itunes:duration>1:02:03</itunes:duration>"
    )
    [episode] = fields(read(feed, rss(item, item)))
    assert (episode["kind"], episode["minutes"], episode["url"]) == (
        "podcast",
        62,
        "https://feed.test/1",
    )
    assert episode["language"] == "en-US"


def test_an_episode_without_a_page_opens_its_file(feed):
    file = '<enclosure url="https://cdn.test/1.mp3" type="audio/mpeg"/>'
    item = f'<title>E</title><guid isPermaLink="false">ep1</guid>{file}'
    assert fields(read(feed, rss(item)))[0]["url"] == "https://cdn.test/1.mp3"


def test_an_atom_feed_says_which_of_its_texts_are_markup(feed):
    first, video = fields(read(feed, ATOM))
    assert (first["title"], first["url"]) == ("R&amp;D <em>now</em>", "https://feed.test/now")
    assert (first["summary"], str(first["published"])) == ("a &lt; b", "2026-11-02")
    assert (video["kind"], video["keys"]) == ("video", ["youtube:abc"])


def test_an_item_without_a_title_is_named_by_its_beginning(feed):
    item = (
        f"<guid>https://feed.test/1</guid><description>{'Torque &amp;amp; more ' * 9}</description>"
    )
    [found] = fields(read(feed, rss(item)))
    assert found["title"].startswith("Torque &amp; more Torque")
    assert found["title"].endswith("…")


def test_an_item_that_leads_nowhere_fails_and_the_others_come_in(feed):
    good = "<title>B</title><link>https://feed.test/b</link>"
    events = read(feed, rss("<title>A</title>", good))
    assert [type(one) for one in events] == [Fail, Upsert, Checkpoint]
    assert events[1].external_id == "https://feed.test/b"


def test_a_guid_that_is_too_long_is_named_by_its_hash(feed):
    item = f"<title>A</title><link>https://feed.test/a</link><guid>{'x' * 400}</guid>"
    assert len(read(feed, rss(item))[0].external_id) < 100


def test_a_page_and_half_a_feed_are_no_feed(feed):
    assert trouble(feed, "<html><title>Blog</title></html>", "text/html") is ErrorKind.SCHEMA
    assert trouble(feed, ATOM[:300]) is ErrorKind.SCHEMA
    assert trouble(feed, "/etc/passwd</rss>") is ErrorKind.SCHEMA


def test_nothing_outside_the_feed_is_read(feed, tmp_path):
    (tmp_path / "secret").write_text("secret-words")
    entity = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    body = rss("<title>A &x;</title><link>https://feed.test/a</link>").replace(
        '<rss version="2.0"', f'{entity}<rss version="2.0"'
    )
    assert "secret-words" not in repr(read(feed, body))


def test_entities_that_grow_are_not_grown(feed):
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)
    )
    body = rss("<title>A &a8;</title><link>https://feed.test/a</link>").replace(
        '<rss version="2.0"', f'<!DOCTYPE rss [{entities}]><rss version="2.0"'
    )
    assert len(repr(read(feed, body))) < 5000


def test_a_feed_does_not_claim_a_video_that_it_leads_away_from(feed):
    video = "<yt:videoId>dQw4w9WgXcQ</yt:videoId>"
    items = {
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ": ["youtube:dQw4w9WgXcQ"],
        "https://evil.test/watch?v=dQw4w9WgXcQ": None,
        "https://www.youtube.com.evil.test/": None,
        "https://www.youtube.com@evil.test/": None,
    }
    for link, keys in items.items():
        body = rss(f"<title>A</title><link>{link}</link>{video}").replace(
            "<rss ", '<rss xmlns:yt="http://www.youtube.com/xml/schemas/2015" ', 1
        )
        assert read(feed, body)[0].raw.get("keys") == keys


def test_a_feed_of_tags_alone_is_not_parsed(feed):
    began = time.monotonic()
    with pytest.raises(SourceError) as raised:
        read(feed, rss("<title>" + "<b>" * 500_000 + "</title><link>https://feed.test/a</link>"))
    assert raised.value.kind is ErrorKind.SCHEMA
    assert time.monotonic() - began < 5


def test_an_unchanged_feed_is_asked_with_its_marks_and_read_no_further(feed):
    feed.add("A")
    events = list(feed.connector().pull(None, Mode.DELTA))
    again = list(feed.connector().pull(events[-1].cursor, Mode.DELTA))
    assert again == [events[-1]]
    assert feed.requests[-1].headers["If-None-Match"]


def test_marks_of_the_second_in_which_it_was_read_are_not_kept(feed):
    feed.add("A")

    def just_changed(request):
        answer = feed.handle(request)
        answer.headers["Last-Modified"] = answer.headers["Date"]
        return answer

    events = list(feed.connector(just_changed).pull(None, Mode.DELTA))
    assert len(list(feed.connector().pull(events[-1].cursor, Mode.DELTA))) == 2


def test_what_a_feed_no_longer_holds_is_not_called_gone(feed):
    first, second = feed.add("A"), feed.add("B")
    feed.remove(first)
    assert feed.connector().probe([first, second]) == {
        first: Presence.UNKNOWN,
        second: Presence.LIVE,
    }
    assert not Feed.spec.capabilities.sweep
