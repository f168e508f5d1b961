"""Tending the search in a real browser: nothing for axe to find, and whole without script."""

import pytest

from app import clock
from app.models import Person, RankingChoice, RecentSearch, SynonymGroup
from tests.browser.test_accessibility import found_by_axe


@pytest.fixture(scope="module")
def searched(database):
    """Let people search, in vain too, and let somebody have chosen boosts."""
    now = clock.now()
    with database.sessions() as session:
        people = session.query(Person).order_by(Person.id).limit(6).all()
        rows = [
            RecentSearch(
                person_id=person.id,
                text=text,
                folded=text,
                results=count,
                searched_at=now,
            )
            for person in people
            for text, count in (("toolbox talk", 0), ("copper wire", 9))
        ]
        figures = {"queries": 113, "ndcg": 0.84, "mrr": 0.95}
        choices = [
            RankingChoice(boosts=boosts, figures=figures, note="To try.", chosen_at=now)
            for boosts in ({"fresh": 0.2}, {"title": 0.4})
        ]
        session.add_all([*rows, *choices])
        session.commit()
        yield
        for row in (*rows, *choices):
            session.delete(row)
        session.query(SynonymGroup).filter(SynonymGroup.note == "Tried in a browser.").delete()
        session.commit()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_nothing_for_axe_to_find_where_curators_tend(
    open_browser, sign_in, searched, scheme
):
    page = sign_in(open_browser(scheme=scheme), "curator")
    page.goto("/curate/synonyms")
    found = found_by_axe(page)
    page.set_viewport_size({"width": 1360, "height": 900})
    page.get_by_role("link", name="Add a synonym for “toolbox talk”").click()
    page.get_by_label("Words or phrases").fill("sparks\nstatic electricity")
    page.get_by_role("button", name="Try out").click()
    page.get_by_role("heading", name="What it would change").wait_for()
    found += found_by_axe(page)
    page.goto("/curate/synonyms/paste")
    page.get_by_role("textbox", name="Lines").fill("SOP =")
    page.get_by_role("button", name="Save the good lines").click()
    page.get_by_role("heading", name="1 line is not saved").wait_for()
    assert found + found_by_axe(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_nothing_for_axe_to_find_where_administrators_do(
    open_browser, sign_in, searched, scheme
):
    page = sign_in(open_browser(scheme=scheme), "admin")
    page.goto("/admin/search")
    page.locator("details.judged summary").first.click()
    found = found_by_axe(page)
    page.set_viewport_size({"width": 1360, "height": 900})
    page.goto("/admin/search/ranking")
    page.get_by_label("All words in the title").fill("0.1")
    page.get_by_role("button", name="Try out").click()
    page.get_by_role("heading", name="What it would change").wait_for()
    assert "boost_title=0.1" in page.url
    assert found + found_by_axe(page) == []


def test_a_curator_tries_out_and_keeps_synonyms_without_script(open_browser, sign_in, searched):
    page = sign_in(open_browser(javascript=False), "curator")
    page.goto("/curate/synonyms/add")
    page.get_by_label("Words or phrases").fill("sparks\nstatic electricity")
    page.get_by_label("Note for other curators").fill("Tried in a browser.")
    page.get_by_role("button", name="Try out").click()
    page.get_by_text("Nothing is kept yet.").wait_for()
    assert page.get_by_text("comes in").count()
    page.get_by_role("button", name="Save group").click()
    page.get_by_text("Saved. Searches find it from now on.").wait_for()
    page.goto("/discover?q=sparks")
    page.get_by_role("link", name="Balloons and Static Electricity").first.wait_for()
