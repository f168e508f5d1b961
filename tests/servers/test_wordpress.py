"""The connector for WordPress against WordPress 6.1."""

import pytest

from app import outbound
from app.connectors.base import Checkpoint, Delete, ErrorKind, Mode, Presence, SourceError, Upsert
from app.connectors.http import Http
from app.connectors.settings import read_settings
from app.connectors.tools.wordpress import Settings, WordPress

HIDDEN = {"Half a thought", "For editors only", "With a password", "Next year"}


@pytest.fixture
def blog(wordpress):
    """Return the blog as it was at its start, and leave it so."""
    wordpress.reset()
    yield wordpress
    wordpress.reset()


@pytest.fixture
def connect(blog):
    with outbound.client(private_hosts=["127.0.0.1"]) as client:

        def connected(by=None, meanwhile=lambda: None, **settings):
            if by:
                settings = {"user": by, "password": blog.application_passwords[by]}
            values = read_settings(Settings, {"address": blog.url, **settings})
            http = Http(blog.url, client, sleep=lambda _seconds: None)
            http.meter.stop = meanwhile
            return WordPress(values, http)

        yield connected


def swept(connector):
    return list(connector.pull(None, Mode.SWEEP))


def since(connector, events):
    return list(connector.pull(events[-1].cursor, Mode.DELTA))


def ids(events):
    return {event.external_id for event in events if isinstance(event, Upsert)}


def deletes(events):
    return {event for event in events if isinstance(event, Delete)}


def open_ids(blog):
    return {str(number) for title, number in blog.ids.items() if title not in HIDDEN}


def after(tries):
    """Return what is called before each request: `tries` before the second one."""
    asked = []

    def meanwhile():
        asked.append(1)
        if len(asked) == 2:
            tries()

    return meanwhile


def trouble(tries):
    with pytest.raises(SourceError) as caught:
        list(tries)
    return caught.value.kind


def test_a_sweep_yields_what_everybody_may_read(blog, connect):
    assert ids(swept(connect())) == open_ids(blog)
    assert ids(swept(connect(by="editor"))) == open_ids(blog)


def test_an_item_reads_the_same_in_a_delta(blog, connect):
    events = swept(connect())
    blog.change("C++ at the press", excerpt="C++ & more")
    found = {one.external_id: one for one in since(connect(), events) if isinstance(one, Upsert)}
    changed = found[str(blog.ids["C++ at the press"])]
    assert changed in swept(connect())
    assert changed.raw["excerpt"]["rendered"] == "<p>C++ &#038; more</p>\n"


def test_posts_trashed_while_paging_hide_none_of_the_others(blog, connect, monkeypatch):
    monkeypatch.setattr("app.connectors.tools.wordpress._PAGE", 4)
    first = sorted((number, title) for title, number in blog.ids.items() if title not in HIDDEN)[:4]
    walk = connect(meanwhile=after(lambda: [blog.trash(title) for _number, title in first]))
    assert ids(swept(walk)) == open_ids(blog)


def test_a_sweep_goes_on_from_each_checkpoint(blog, connect, monkeypatch):
    monkeypatch.setattr("app.connectors.tools.wordpress._PAGE", 4)
    events = swept(connect())
    places = [place for place, one in enumerate(events) if isinstance(one, Checkpoint)]
    assert len(places) > 3
    for place in places[:-1]:
        rest = ids(connect().pull(events[place].cursor, Mode.SWEEP))
        assert rest | ids(events[:place]) == open_ids(blog)
        assert not rest & ids(events[:place])


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_delta_loses_nothing_whatever_the_zone_of_the_site(blog, connect, zone):
    events = swept(connect())
    blog.change("Reading a gauge", excerpt="Reading two gauges")
    blog.sql(f"UPDATE wp_options SET option_value='{zone}' WHERE option_name='timezone_string'")
    assert str(blog.ids["Reading a gauge"]) in ids(since(connect(), events))


def test_a_delta_reads_the_second_of_its_cursor_and_nothing_before(blog, connect):
    blog.stamp("Reading a gauge", "2026-11-01 08:00:00")
    blog.stamp("Gloves reviewed", "2026-11-01 07:59:59")
    found = ids(connect().pull(b'{"since":"2026-11-01T08:00:00Z"}', Mode.DELTA))
    assert str(blog.ids["Reading a gauge"]) in found
    assert str(blog.ids["Gloves reviewed"]) not in found


def test_a_delta_names_what_was_trashed_and_what_was_hidden(blog, connect):
    events = swept(connect(by="editor"))
    blog.trash("New lathe arrived")
    blog.hide("Meet the night shift")
    blog.change("Gloves reviewed", status="draft")
    assert deletes(since(connect(by="editor"), events)) >= {
        Delete(str(blog.ids["New lathe arrived"])),
        Delete(str(blog.ids["Meet the night shift"]), Presence.HIDDEN),
        Delete(str(blog.ids["Gloves reviewed"]), Presence.HIDDEN),
    }
    assert deletes(since(connect(), events)) <= {
        Delete(str(blog.ids["With a password"]), Presence.HIDDEN)
    }


@pytest.mark.parametrize("by", [None, "editor", "reader"])
def test_a_probe_never_calls_a_hidden_post_gone_nor_a_trashed_one_live(blog, connect, by):
    blog.trash("New lathe arrived")
    blog.delete("Gloves reviewed")
    asked = ["Contact", "Reading a gauge", "For editors only", "With a password", "Half a thought"]
    numbers = [str(blog.ids[title]) for title in asked]
    assert (
        list(connect(by=by).probe(numbers).values()) == [Presence.LIVE] * 2 + [Presence.HIDDEN] * 3
    )
    trashed, deleted = (str(blog.ids[one]) for one in ("New lathe arrived", "Gloves reviewed"))
    found = connect(by=by).probe([trashed, deleted, "x"])
    assert found[trashed] is (Presence.GONE if by == "editor" else Presence.HIDDEN)
    assert (found[deleted], found["x"]) == (Presence.GONE, Presence.GONE)


def test_a_wrong_password_is_told_from_a_weak_account_though_both_are_400(connect):
    cursor = b'{"since":"2026-11-01T08:00:00Z"}'
    wrong = connect(user="admin", password="wrong wrong")
    assert trouble(wrong.pull(cursor, Mode.DELTA)) is ErrorKind.AUTH_INVALID
    assert trouble(connect(by="reader").pull(cursor, Mode.DELTA)) is ErrorKind.FORBIDDEN
    assert [one.ok for one in wrong.check()] == [True, True, False]
    assert [one.ok for one in connect(by="editor").check()] == [True] * 3


@pytest.mark.parametrize("permalinks", ["/%postname%/", ""])
def test_links_open_posts_and_pages_with_and_without_pretty_permalinks(blog, connect, permalinks):
    sql = "UPDATE wp_options SET option_value='{}' WHERE option_name='permalink_structure'"
    blog.sql(sql.format(permalinks))
    blog.change("Gloves reviewed", slug="gloves-anew")
    found = [event for event in swept(connect()) if isinstance(event, Upsert)]
    assert len(found) == len(open_ids(blog))
    for event in found[-3:]:
        page = blog.visitor().get(event.raw["url"], follow_redirects=True)
        assert page.status_code == 200
        assert f"<h1>{event.raw['title']['rendered']}</h1>" in page.text


def test_hits_are_text_and_known_by_the_id_of_the_harvest(blog, connect):
    hits = connect().search("R&D", 5)
    assert [(hit.external_id, hit.title) for hit in hits] == [
        (str(blog.ids['R&D <Intro> "Q"']), "R&D “Q”")
    ]


@pytest.mark.parametrize("words", ['"', "a AND (", "%00", "ü" * 400, "*:*", "-", " ", ""])
def test_any_words_can_be_searched_for(connect, words):
    connect().search(words, 3)
