"""Rules are made, previewed, changed, removed and brought back; care is set by hand."""

from datetime import date, timedelta

import pytest

from app.care import tending
from app.models import CareRule, ItemCare
from tests.support.factories import NOW

RULES = "/curate/care/rules"


@pytest.fixture
def items(make, session, tend):
    """Return three items, one of them seen by pilots alone."""
    old = NOW.date() - timedelta(days=800)
    made = [
        make.item("Pumps", published_on=old),
        make.item("Film", kind="video", published_on=NOW.date()),
        make.item("Secret", audience=["role:pilot"], published_on=old),
    ]
    tend(*made)
    return made


def test_without_rules_it_says_what_a_rule_is_for(as_curator):
    assert "Make the first rule" in as_curator.get(RULES).words


def test_a_preview_says_what_a_rule_would_do_and_keeps_nothing(as_curator, items, session):
    page = as_curator.get(f"{RULES}/new?review=12&sunset=24")
    assert "Its items2" in page.words
    assert "Due at once1" in page.words
    assert "With this rule 1 item leaves by itself within 30 days" in page.words
    assert session.query(CareRule).count() == 0


def test_the_preview_comes_alone_through_htmx(as_curator, items):
    page = as_curator.htmx(f"{RULES}/new?review=12", "results")
    assert "<html" not in page.html
    assert "Due at once1" in page.words


def test_a_rule_is_kept_and_items_follow_it(as_curator, items, session):
    page = as_curator.follow(as_curator.post(RULES, {"kind": "video", "review": "12"}))
    assert "The rule is kept." in page.words
    assert "Look every 12 months" in page.words
    tending.tend(session, [item.id for item in items], now=NOW)
    days = [session.get(ItemCare, item.id).review_on for item in items]
    assert days == [None, date(2027, 11, 12), None]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({}, "Set at least one"),
        ({"review": "x"}, "Type a number of months from 1 to 240."),
        ({"review": "0"}, "Type a number of months from 1 to 240."),
        ({"review": "6", "tool": "99"}, "There is no such tool."),
        ({"review": "6", "kind": "poem"}, "There is no such kind."),
        ({"owner": "99"}, "Only curators can look after items."),
    ],
)
def test_what_cannot_be_is_said_and_loses_nothing(as_curator, session, typed, complaint):
    page = as_curator.post(RULES, typed)
    assert page.status == 422
    assert complaint in page.words
    assert page.by_id("field_review").get("value") == typed.get("review", "")
    assert session.query(CareRule).count() == 0


def test_there_is_one_rule_for_a_tool_and_kind(as_curator, session):
    as_curator.post(RULES, {"review": "6"})
    page = as_curator.post(RULES, {"review": "9"})
    assert "There is a rule for this tool and kind already." in page.words


def test_a_rule_is_changed(as_curator, session):
    as_curator.post(RULES, {"review": "6"})
    rule = session.query(CareRule).one()
    page = as_curator.get(f"{RULES}/{rule.id}")
    assert page.by_id("field_review").get("value") == "6"
    as_curator.post(f"{RULES}/{rule.id}", {"review": "never", "sunset": "36"})
    session.expire_all()
    assert (rule.review_months, rule.sunset_months) == (0, 36)


def test_a_removed_rule_is_brought_back(as_curator, session):
    as_curator.post(RULES, {"review": "6"})
    rule = session.query(CareRule).one()
    page = as_curator.follow(as_curator.post(f"{RULES}/{rule.id}/remove"))
    assert "This rule is removed." in page.words
    assert "Make the first rule" in as_curator.get(RULES).words
    page = as_curator.follow(as_curator.post(f"{RULES}/{rule.id}/restore"))
    assert "Look every 6 months" in page.words


def test_a_removed_rule_does_not_come_back_beside_another(as_curator, session):
    as_curator.post(RULES, {"review": "6"})
    rule = session.query(CareRule).one()
    as_curator.post(f"{RULES}/{rule.id}/remove")
    as_curator.post(RULES, {"review": "9"})
    page = as_curator.follow(as_curator.post(f"{RULES}/{rule.id}/restore"))
    assert "There is another rule for this tool and kind now." in page.words


def test_it_says_how_far_items_follow(as_curator, items, make, session):
    assert "All 3 items follow the rules." in as_curator.get(RULES).words
    make.item("New")
    session.commit()
    page = as_curator.get(RULES)
    assert "3 of 4 items follow the rules by now" in page.words
    assert "<html" not in as_curator.htmx(RULES, "progress").html


def test_care_is_set_by_hand_and_given_back_to_the_rules(as_curator, curator, items, session):
    as_curator.post(RULES, {"review": "6"})
    path, item = f"/curate/items/{items[1].id}/care", items[1].id
    by_hand = {
        "how_owner_id": "hand",
        "owner": curator.id,
        "how_review_on": "hand",
        "review_on": "2027-02-03",
        "how_sunset_on": "rule",
        "sunset_on": "",
    }
    page = as_curator.follow(as_curator.post(path, by_hand))
    care = session.get(ItemCare, item)
    assert (care.owner_id, care.review_on) == (curator.id, date(2027, 2, 3))
    assert page.by_id("field_review_on").get("value") == "2027-02-03"
    as_curator.post(path, by_hand | {"how_review_on": "rule"})
    session.expire_all()
    assert (care.review_on, care.by_hand) == (date(2027, 5, 12), ["owner_id"])


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("review_on", "soon", "This is not a day."),
        ("sunset_on", "2020-01-01", "This day has passed."),
        ("owner", "99", "Only curators can look after items."),
    ],
)
def test_care_that_cannot_be_is_said_and_loses_nothing(as_curator, items, field, text, complaint):
    how = {"owner": "how_owner_id"}.get(field, f"how_{field}")
    page = as_curator.post(f"/curate/items/{items[0].id}/care", {how: "hand", field: text})
    assert page.status == 422
    assert complaint in page.words


def test_reports_are_read_and_downloaded(as_curator, items):
    slug = "tool-1"
    page = as_curator.get("/curate/tools/report")
    [slug] = [link.split("/")[3] for link in page.links() if link.endswith("/report")][:1]
    assert "Live items2" in as_curator.get(f"/curate/tools/{slug}/report").words
    table = as_curator.get(f"/curate/tools/{slug}/report.csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert '"items","all","2"' in table.html
    assert '"tool","items"' in as_curator.get("/curate/tools/report.csv").html
    assert as_curator.get("/curate/tools/nothing/report").status == 404
