"""The review queue: read, cleared by buttons alone, and through htmx; nothing hidden shows."""

from datetime import timedelta

import pytest

from app.models import ItemCare
from tests.support.factories import NOW


def titles(page):
    return page.texts("h2")[: len(page.all("li", class_="review-row"))]


def test_the_most_urgent_comes_first_with_its_reasons(as_curator, due):
    page = as_curator.get("/curate/review")
    assert page.text("h1") == "Review"
    assert titles(page)[0] == "Valves"
    assert "A reader says that it is out of date" in page.words
    assert len(titles(page)) == 3


def test_keep_works_without_script_and_can_be_undone(as_curator, due, session):
    answer = as_curator.post("/curate/review/keep", {"item": due[0].id})
    page = as_curator.follow(answer)
    assert "Kept: 1 item." in page.words
    assert "Pumps" not in titles(page)
    batch = page.all("input", name="batch")[0].get("value")
    page = as_curator.follow(as_curator.post("/curate/review/undo", {"batch": batch}))
    assert "Pumps" in titles(page)


def test_other_pages(as_curator, due, session):
    item = due[0].id
    for path in (f"/curate/items/{item}/care", f"/curate/items/{item}/retire", "/curate/care/rules",
        "/curate/care/rules/new", "/curate/care/rules/new?review=3&sunset=12", "/curate/care/rules/1", "/curate/tools/report", "/curate/tools/report.csv", "/curate/tools/tool-1/report", "/curate/tools/tool-1/report.csv"):
        page = as_curator.get(path)
        print(path, page.status)
        assert page.status == 200, path
