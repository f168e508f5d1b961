"""The pages of notices: what was told, the bell, the choices, and the end of all mails."""

import pytest

from app.errors import Wording
from app.models import Notice, NoticeChoice, NoticeKind
from app.notices.digest import unsubscribe_token
from app.notices.service import tell
from tests.support.queries import count_queries


@pytest.fixture
def told(session, employee, now):
    """Return a function that tells the employee something."""

    def said(text="A step is due.", kind=NoticeKind.STEP, **values):
        tell(session, [employee.id], kind, key=text, sentence=Wording(text), now=now, **values)
        session.commit()

    return said


@pytest.fixture
def stop(app, employee, session):
    session.commit()
    return f"/notices/stop/{unsubscribe_token(app.extensions['foyer'].config, employee.id)}"


def bell(page):
    return next(a.get("aria-label") for a in page.all("a") if a.get("href") == "/notices")


def test_the_bell_tells_of_something_new_until_it_was_seen(as_employee, told):
    assert bell(as_employee.get("/library")) == "Notices"
    told()
    assert bell(as_employee.get("/library")) == "Notices, there is something new"
    as_employee.get("/notices")
    assert bell(as_employee.get("/library")) == "Notices, there is something new"
    as_employee.post("/notices/seen")
    assert bell(as_employee.get("/library")) == "Notices"


def test_each_leads_to_what_it_is_about(as_employee, told):
    told(path="/playlists/welcome")
    page = as_employee.get("/notices")
    assert "A step is due." in page.words
    assert "/playlists/welcome" in page.links()


def test_others_see_nothing_of_it(as_curator, told):
    told()
    assert "A step is due." not in as_curator.get("/notices").words


def test_an_empty_page_says_what_will_stand_there(as_employee):
    assert "When a step is due" in as_employee.get("/notices").words


def test_many_are_in_pages_and_as_few_statements(as_employee, told):
    told()
    engine = as_employee.app.extensions["foyer"].database.engine
    as_employee.get("/notices")
    with count_queries(engine) as few:
        as_employee.get("/notices")
    for number in range(39):
        told(f"Step {number} is due.")
    with count_queries(engine) as many:
        page = as_employee.get("/notices")
    assert len(many) == len(few) <= 5
    assert "/notices?page=2" in page.links()
    assert "A step is due." in as_employee.get("/notices?page=2").words


def test_choices_are_kept_and_shown(as_employee, employee, session):
    as_employee.post("/notices/choices", {"frequency": "weekly", "told": ["step", "answer"]})
    page = as_employee.get("/notices/choices")
    assert "Saved." in page.words
    kept = session.get(NoticeChoice, employee.id)
    assert (kept.frequency, kept.muted) == ("weekly", ["message", "playlist"])


def test_curators_choose_of_what_is_theirs_too(as_employee, as_curator):
    assert "Reviews that are due" in as_curator.get("/notices/choices").words
    assert "Reviews that are due" not in as_employee.get("/notices/choices").words


def test_a_frequency_that_there_is_not_is_refused(as_employee, session):
    assert as_employee.post("/notices/choices", {"frequency": "hourly"}).status == 422
    assert session.query(NoticeChoice).count() == 0


def test_looking_at_the_link_of_a_mail_changes_nothing(visitor, stop, session):
    assert "One click" in visitor.get(stop).words
    assert session.query(NoticeChoice).count() == 0


def test_one_click_ends_all_mails_without_signing_in(app, visitor, stop, session, employee):
    answer = app.test_client().post(stop, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert session.get(NoticeChoice, employee.id).frequency == "never"


def test_the_page_says_that_it_was_ended(as_employee, stop):
    as_employee.post(stop)
    assert "You ended the mails" in as_employee.get("/notices/choices").words


@pytest.mark.parametrize("token", ["x", "MQ.x", "a.b.c"])
def test_a_link_that_is_not_whole_says_so(visitor, token):
    page = visitor.get(f"/notices/stop/{token}")
    assert page.status == 404
    assert "Copy it whole" in page.words


def test_telling_leaves_no_trace_of_markup(as_employee, told):
    told("<script>alert(1)</script>")
    page = as_employee.get("/notices")
    assert "<script>alert(1)</script>" in page.words
    assert not [e for e in page.all("script") if e.text and "alert" in e.text]


def test_it_takes_a_notice_once(session, told):
    told()
    told()
    assert session.query(Notice).count() == 1
