"""What is particular to Confluence Cloud, shown against the shapes of its documentation."""

import pytest

from app.connectors.base import Checkpoint, Delete, ErrorKind, Mode, Presence, SourceError, Upsert
from tests.support.tools.confluence import FakeConfluence


@pytest.fixture
def site():
    return FakeConfluence()


def swept(site, **settings):
    return list(site.connector(**settings).pull(None, Mode.SWEEP))


def since(site, events):
    return list(site.connector().pull(events[-1].cursor, Mode.DELTA))


def ids(events):
    return [event.external_id for event in events if isinstance(event, Upsert)]


def test_a_page_changed_a_minute_ago_is_found_in_an_account_of_another_time_zone(site):
    page = site.add("Valves")
    site.tick(3 * 24 * 60)
    events = swept(site)
    site.tick(1)
    site.change(page, "Relief valves")
    assert ids(since(site, events)) == [page]


def test_what_is_in_the_trash_is_gone_and_in_the_archive_hidden(site):
    trashed, archived, live = (site.add(title) for title in "ABC")
    events = swept(site)
    site.tick(60)
    site.remove(trashed)
    site.hide(archived)
    found = [one for one in since(site, events) if isinstance(one, Delete)]
    assert found == [Delete(trashed), Delete(archived, Presence.HIDDEN)]
    assert site.connector().probe([trashed, archived, live, "77"]) == {
        trashed: Presence.GONE,
        archived: Presence.HIDDEN,
        live: Presence.LIVE,
        "77": Presence.UNKNOWN,
    }


def test_only_the_wanted_spaces_are_read_and_searched(site):
    wanted, other = site.add("Valves", "IT"), site.add("Valves too", "HR")
    assert ids(swept(site, spaces="IT")) == [wanted]
    assert [hit.external_id for hit in site.connector(spaces="IT").search("valves", 5)] == [wanted]
    assert len(site.connector(spaces="IT, HR").search("valves", 5)) == 2
    assert ids(swept(site, spaces="HR")) == [other]


def test_a_space_that_is_not_there_is_said(site):
    with pytest.raises(SourceError) as caught:
        swept(site, spaces="IT, OLD")
    assert caught.value.kind is ErrorKind.CONFIG


def test_a_mark_that_ran_out_asks_for_a_new_beginning(site):
    for number in range(300):
        site.add(f"Page {number}")
    mark = next(one for one in swept(site) if isinstance(one, Checkpoint))
    site.forgets_marks = True
    with pytest.raises(SourceError) as caught:
        list(site.connector().pull(mark.cursor, Mode.SWEEP))
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_links_have_no_title_in_them(site):
    page = site.add("Valves")
    assert swept(site)[0].raw["url"] == f"https://company.test/wiki/spaces/HR/pages/{page}"


def test_a_hit_is_text_without_the_marks_of_the_search(site):
    site.add('R&D "Q"')
    [hit] = site.connector().search('R&D "Q"', 5)
    assert (hit.title, hit.summary) == ('R&D "Q"', "What & why: torque …")


def test_what_it_finds_depends_on_who_asks(site):
    assert site.connector().spec.capabilities.per_user_trim
