"""Reports of problems, on both databases."""

from datetime import timedelta

import pytest

from app.errors import Invalid, NotFound
from app.governance import queries, service
from app.governance.deciding import decide
from app.governance.queries import Told
from app.models import Notice
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
    return queries.queue(session, kind=Told.REPORT, person_id=person.id, tokens=tokens, limit=limit)


def resolve(session, row, by, tokens=EVERYONE, now=NOW, **how):
    how = {"accepted": True, "answer": ""} | how
    return decide(session, Told.REPORT, (row.id,), by=by.id, tokens=tokens, now=now, **how)


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
    assert queue(session, reader).totals["report"] == 2


def test_it_adds_a_report_after_the_first_was_resolved(session, item, reader, make):
    first = report(session, item, reader)
    resolve(session, first, make.person())
    assert report(session, item, reader).id != first.id


def test_it_tells_reporters_and_items_apart(session, item, reader, make):
    report(session, item, reader)
    report(session, item, make.person())
    report(session, make.item(), reader)
    assert queue(session, reader).totals["report"] == 3


@pytest.mark.parametrize("values", [{"problem": "rude"}, {"note": "x" * 1001}])
def test_it_refuses_what_it_cannot_keep(session, item, reader, values):
    with pytest.raises(Invalid) as refused:
        report(session, item, reader, **values)
    assert set(refused.value.fields) == set(values)


def test_it_shows_the_oldest_first_and_how_many_there_are(session, make, reader):
    for hours in (3, 1, 2):
        report(session, make.item(f"{hours}"), reader, now=NOW + timedelta(hours=hours))
    found = queue(session, reader, limit=2)
    assert (found.totals["report"], [each.about for each in found.entries]) == (3, ["1", "2"])


def test_it_shows_reports_of_hidden_items_to_who_answers_for_them(session, make, reader):
    curator = make.person(access="curator")
    secret = make.item(audience=("group:pilot",), curator_id=curator.id)
    report(session, secret, reader)
    assert queue(session, make.person(access="curator")).totals["report"] == 0
    assert queue(session, curator).totals["report"] == 1


def test_it_keeps_the_first_who_resolves(session, item, reader, make):
    row, first, second = report(session, item, reader), make.person(), make.person()
    resolve(session, row, first)
    resolve(session, row, second, now=NOW + timedelta(1))
    assert (row.resolved_by_id, row.resolved_at) == (first.id, NOW)
    assert queue(session, reader).totals["report"] == 0


def test_it_resolves_nothing_that_the_curator_may_not_see(session, make, reader):
    row = report(session, make.item(audience=("group:pilot",)), reader)
    with pytest.raises(NotFound):
        resolve(session, row, reader)


def test_an_answer_reaches_the_reporter_once(session, item, reader, make):
    row, curator = report(session, item, reader), make.person(access="curator")
    resolve(session, row, curator, accepted=False, answer="It is the norm")
    resolve(session, row, curator, accepted=True, answer="Another")
    [notice] = session.query(Notice)
    assert (notice.person_id, notice.item_id, row.answer) == (reader.id, item.id, "It is the norm")
    assert notice.sentence.endswith("it stays as it is. A curator writes: It is the norm")


def test_nobody_hears_of_what_they_answered_themselves(session, item, make):
    curator = make.person(access="curator")
    resolve(session, report(session, item, curator), curator)
    assert session.query(Notice).count() == 0
