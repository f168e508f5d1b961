"""Reports of problems, on both databases."""

from datetime import timedelta

import pytest

from app.errors import Invalid, NotFound
from app.governance import queries, service
from tests.support.factories import NOW

EVERYONE = frozenset({"everyone"})


@pytest.fixture
def reader(make):
    return make.person()


@pytest.fixture
def item(make):
    return make.item("Ohm's law")


def report(session, item, by, **values):
    options = {"problem": "outdated", "note": "", "now": NOW} | values
    return service.report_problem(session, item.id, by=by.id, **options)


def queue(session, person, tokens=EVERYONE, limit=100):
    return queries.open_reports(session, person_id=person.id, tokens=tokens, limit=limit)


def test_it_keeps_a_report(session, item, reader):
    row = report(session, item, reader, note="Two\r\nlines")
    assert (row.reporter_id, row.problem, row.note) == (reader.id, "outdated", "Two\nlines")


def test_it_changes_an_open_report_of_the_last_day(session, item, reader):
    first = report(session, item, reader)
    again = report(session, item, reader, problem="other", now=NOW + timedelta(hours=23))
    assert (again.id, again.problem, again.reported_at) == (first.id, "other", NOW)


def test_it_adds_a_report_after_a_day(session, item, reader):
    report(session, item, reader)
    report(session, item, reader, now=NOW + timedelta(hours=24))
    assert queue(session, reader).total == 2


def test_it_adds_a_report_after_the_first_was_resolved(session, item, reader, make):
    first = report(session, item, reader)
    service.resolve(session, first.id, by=make.person().id, tokens=EVERYONE, now=NOW)
    assert report(session, item, reader).id != first.id


def test_it_tells_reporters_and_items_apart(session, item, reader, make):
    report(session, item, reader)
    report(session, item, make.person())
    report(session, make.item(), reader)
    assert queue(session, reader).total == 3


@pytest.mark.parametrize("values", [{"problem": "rude"}, {"note": "x" * 1001}])
def test_it_refuses_what_it_cannot_keep(session, item, reader, values):
    with pytest.raises(Invalid) as refused:
        report(session, item, reader, **values)
    assert set(refused.value.fields) == set(values)


def test_it_shows_the_oldest_first_and_how_many_there_are(session, make, reader):
    for hours in (3, 1, 2):
        report(session, make.item(f"{hours}"), reader, now=NOW + timedelta(hours=hours))
    found = queue(session, reader, limit=2)
    assert (found.total, [each.item.title for each in found.reports]) == (3, ["1", "2"])


def test_it_shows_reports_of_hidden_items_to_who_answers_for_them(session, make, reader):
    curator = make.person(access="curator")
    secret = make.item(audience=("group:pilot",), curator_id=curator.id)
    report(session, secret, reader)
    assert queue(session, make.person(access="curator")).total == 0
    assert queue(session, curator).total == 1


def test_it_keeps_the_first_who_resolves(session, item, reader, make):
    row, first, second = report(session, item, reader), make.person(), make.person()
    service.resolve(session, row.id, by=first.id, tokens=EVERYONE, now=NOW)
    service.resolve(session, row.id, by=second.id, tokens=EVERYONE, now=NOW + timedelta(1))
    assert (row.resolved_by_id, row.resolved_at) == (first.id, NOW)
    assert queue(session, reader).total == 0


def test_it_resolves_nothing_that_the_curator_may_not_see(session, make, reader):
    row = report(session, make.item(audience=("group:pilot",)), reader)
    with pytest.raises(NotFound):
        service.resolve(session, row.id, by=reader.id, tokens=EVERYONE, now=NOW)
