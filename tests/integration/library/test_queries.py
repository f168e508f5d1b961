"""Reads of the library, on both databases."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.library import queries

EVERYONE = frozenset({"everyone"})


@pytest.fixture
def amara(make):
    return make.person("Amara Okafor")


def page_of(read, session, person, offset=0, limit=10, **more):
    return read(session, person.id, tokens=EVERYONE, offset=offset, limit=limit, **more)


def titles(kept):
    return [each.card.title for each in kept.rows]


def test_it_lists_what_was_saved_last_first(session, make, amara, now):
    for minutes, title in enumerate(("Earlier", "Later")):
        item = make.item(title)
        activity.save(session, amara.id, item.id, now=now + timedelta(minutes=minutes))
    assert titles(page_of(queries.saved, session, amara)) == ["Later", "Earlier"]


def test_it_counts_no_saved_item_that_the_reader_may_no_longer_see(session, make, amara, now):
    activity.save(session, amara.id, make.item(audience=("role:pilot",)).id, now=now)
    assert page_of(queries.saved, session, amara).total == 0


def test_it_leaves_retired_items_out_of_what_is_saved(session, make, amara, now):
    activity.save(session, amara.id, make.item(status="retired").id, now=now)
    assert titles(page_of(queries.saved, session, amara)) == []


def test_it_keeps_retired_items_in_the_history(session, make, amara, now):
    activity.complete(session, amara.id, make.item("Old", status="retired").id, now=now)
    [kept] = page_of(queries.done, session, amara, today=now.date()).rows
    assert (kept.card.title, kept.retired, kept.at) == ("Old", True, now)


def test_it_lists_what_was_dismissed(session, make, amara, now):
    activity.dismiss(session, amara.id, make.item("Not for me").id, now=now)
    assert titles(page_of(queries.dismissed, session, amara)) == ["Not for me"]


def test_it_keeps_other_readers_out(session, make, amara, now):
    activity.save(session, make.person().id, make.item().id, now=now)
    assert page_of(queries.saved, session, amara).total == 0


def test_it_counts_the_whole_list_on_each_page(session, make, amara, now):
    for _ in range(5):
        activity.complete(session, amara.id, make.item().id, now=now)
    kept = page_of(queries.done, session, amara, today=now.date(), offset=3, limit=3)
    assert (kept.total, len(kept.rows)) == (5, 2)
