"""Duplicates among the results: one card, with the other tools named on it."""

import pytest

from app.catalogue import clusters

SAME = "https://provider.example.org/course/5"


@pytest.fixture
def twins(make, session, index_now):
    """Two items that are one thing, in tools of which the second stands first, and a stranger."""
    items = [
        make.item("Pump seals", tool=make.tool("academy", "Academy"), url=SAME),
        make.item("Pump seals", tool=make.tool("library", "Video library", position=1), url=SAME),
        make.item("Pump oil", tool=make.tool("blog", "Our blog")),
    ]
    clusters.catch_up(session)
    index_now()
    return items


def results(page):
    return [row.get("id") for row in page.all("li") if (row.get("id") or "").startswith("result_")]


def test_duplicates_are_one_card_that_names_the_other_tools(as_employee, twins):
    page = as_employee.get("/discover?q=pump")
    assert set(results(page)) == {f"result_{twins[1].id}", f"result_{twins[2].id}"}
    assert "Also in Academy" in page.words
    assert f"/items/{twins[0].id}" in page.links()


def test_what_a_reader_may_not_see_is_not_named(as_employee, make, session, index_now):
    seen = make.item("Pump seals", tool=make.tool("academy", "Academy"), url=SAME)
    make.item(
        "Pump seals", tool=make.tool("secret", "Secret lab"), url=SAME, audience=("role:chief",)
    )
    clusters.catch_up(session)
    index_now()
    page = as_employee.get("/discover?q=pump")
    assert results(page) == [f"result_{seen.id}"]
    assert "Also in" not in page.words
    assert "Secret lab" not in page.words


def test_without_duplicates_every_item_has_its_card(as_employee, twins, session, index_now):
    clusters.split_off(session, twins[0].id, by=None, now=twins[0].created_at)
    session.commit()
    index_now()
    assert len(results(as_employee.get("/discover?q=pump"))) == 3
