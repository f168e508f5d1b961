"""The administrators’ page about the search: figures, judged searches, what people search for."""

import pytest

from app.models import RecentSearch
from tests.support.pages import text_of

PAGE = "/admin/search"


@pytest.fixture
def pumps(make, index_now):
    """Return items about pumps; the last is for other readers."""
    tool = make.tool("learn", "Learn")
    found = [
        make.item("Pump seals", tool=tool),
        make.item("Pumps for beginners", tool=tool),
        make.item("Valves", tool=tool),
        make.item("Secret pumps", tool=tool, audience=["role:nobody"]),
    ]
    index_now()
    return found


@pytest.fixture
def searched(session, make):
    """Return a function that lets so many new people search for a text."""
    from tests.support.factories import NOW

    def done(text, people, results=1):
        for number in range(people):
            person = make.person(f"Searcher{number} Of{text}")
            row = {"text": text, "folded": text, "results": results, "searched_at": NOW}
            session.add(RecentSearch(person_id=person.id, **row))
        session.commit()

    return done


def judged_rows(page):
    return [text_of(row) for row in page.all("details", class_="judged")]


def test_it_shows_the_figures_of_the_judged_searches(as_admin, pumps, judge):
    judge("seals", (pumps[0], 3))
    judge("nothing like it", (pumps[2], 3))
    page = as_admin.get(PAGE)
    figures = page.text("dl", class_="quality-figures")
    for said in ("nDCG@10 0.500", "MRR 0.500", "Without any result 50 %", "Judged searches 2"):
        assert said in figures


def test_the_worst_searches_come_first_with_what_was_found_beside_what_was_wanted(
    as_admin, pumps, judge, make, session
):
    judge("seals", (pumps[0], 3))
    make.role("engineer", "Engineer")
    session.commit()
    judge("pump", (pumps[2], 3), (pumps[1], 1), role="engineer")
    worst, best = judged_rows(as_admin.get(PAGE))
    assert worst.startswith("pump for the role Engineer")
    assert "Because." in worst
    assert "Valves Learn · not among the first ten grade 3" in worst
    assert "Pumps for beginners Learn · place" in worst
    assert best.startswith("seals 1.00")


def test_it_names_no_item_that_the_administrator_may_not_see(as_admin, pumps, judge):
    judge("pumps", (pumps[3], 3), role="nobody")
    page = as_admin.get(PAGE)
    assert "Secret" not in page.words
    assert "An item for other readers" in page.words


def test_it_says_which_wanted_items_are_not_here(as_admin, pumps, judge, judged_file):
    judge("pump", (pumps[0], 3))
    judged_file.write_text(
        judged_file.read_text().replace('"note"', '"kind": "topic", "note"')
        + '{"query": "gone", "items": {"learn/gone": 3}, "note": "It was here."}\n'
        + "no json\n"
    )
    page = as_admin.get(PAGE)
    assert "1 more wants only items that are not here." in page.words
    assert "1 line of the file of judged searches is left out" in page.words


def test_it_shows_fifteen_searches_and_all_if_asked(as_admin, pumps, judge):
    for number in range(17):
        judge(f"pump {number}", (pumps[0], 3))
    assert len(judged_rows(as_admin.get(PAGE))) == 15
    assert "Show all 17" in as_admin.get(PAGE).words
    assert len(judged_rows(as_admin.get(f"{PAGE}?all=1"))) == 17


def test_it_says_how_to_begin_without_judged_searches(as_admin, pumps):
    assert "No judged searches yet" in as_admin.get(PAGE).words


def test_it_says_when_the_file_cannot_be_read(as_admin, pumps, judged_file):
    judged_file.write_bytes(b"\xff\xfe{")
    page = as_admin.get(PAGE)
    assert page.status == 200
    assert "The file of judged searches cannot be read (UnicodeDecodeError)." in page.words


def test_it_says_when_there_is_no_index(as_admin, judge, make, session):
    judge("pump", (make.item("Pump", tool=make.tool("learn")), 3))
    session.commit()
    assert "There is no search index yet." in as_admin.get(PAGE).words


def test_it_counts_what_people_search_for_and_names_nobody(as_admin, pumps, searched):
    searched("pumps", 6)
    page = as_admin.get(PAGE)
    assert "pumps 5+ people" in page.words
    assert "/discover?q=pumps" in page.links()
    assert "Searcher" not in page.words


def test_it_does_not_tell_what_fewer_than_five_people_search_for(as_admin, pumps, searched):
    searched("my colleague eve", 4, results=0)
    page = as_admin.get(PAGE)
    assert "colleague" not in page.words
    assert "found nothing (" not in page.words


def test_what_is_searched_for_in_vain_leads_to_a_synonym(as_admin, as_curator, pumps, searched):
    searched("abac", 5, results=0)
    page = as_admin.get(PAGE)
    assert "/curate/synonyms/add?words=abac" in page.links()
    assert "Of 5 searches that people keep, 5 found nothing (100 %)." in page.words
    assert "/curate/synonyms/add?words=abac" in as_curator.get("/curate/synonyms").links()


def test_the_overview_leads_there(as_admin):
    assert PAGE in as_admin.get("/admin").links()


def test_only_administrators_have_it(as_curator):
    assert as_curator.get(PAGE).status == 404
    assert as_curator.get(f"{PAGE}/ranking").status == 404
