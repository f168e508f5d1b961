"""The curators’ pages about synonyms: tried out first, kept, changed by two at once, pasted."""

import pytest

from app.models import AuditEntry, SynonymGroup
from tests.support.factories import NOW
from tests.support.queries import count_queries

LIST = "/curate/synonyms"


@pytest.fixture
def items(make, index_now):
    """Return an item that says CoE, one that says it in words, and one for other readers."""
    found = [
        make.item("CoE for welding"),
        make.item("Our centre of excellence"),
        make.item("Secret centre of excellence", audience=["role:nobody"]),
    ]
    index_now()
    return found


@pytest.fixture
def group(session, curator):
    row = SynonymGroup(
        words=["SOP", "standard operating procedure"],
        note="Quality says SOP.",
        changed_at=NOW,
        changed_by_id=curator.id,
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def form(group):
    """Return a function that gives the form of the group as the curator has it before them."""

    def filled(**values):
        shown = {"words": "\n".join(group.words), "direction": "both", "note": group.note}
        return {**shown, "seen": group.changed_at.isoformat(), "what": "keep", **values}

    return filled


@pytest.fixture
def groups(session):
    """Return a function that gives all groups as they are now."""

    def read():
        session.rollback()
        session.expire_all()
        return [
            (row.words, row.becomes)
            for row in session.query(SynonymGroup).order_by(SynonymGroup.id)
        ]

    return read


def places(page, column):
    """Return the titles in the column of a comparison (0: before, 1: after)."""
    lists = page.all("ol", class_="places-tried")
    return ["".join(link.itertext()) for link in lists[column].iter("a")]


COE = {"words": "CoE\ncentre of excellence", "direction": "both"}


def test_it_lists_groups_with_who_changed_them_last(as_curator, group):
    page = as_curator.get(LIST)
    assert "1 group" in page.words
    assert "SOP = means the same as standard operating procedure" in page.words
    assert "Jonas Weber, 12 November" in page.words
    assert f"{LIST}/{group.id}" in page.links()


def test_it_says_what_to_begin_with_while_there_are_none(as_curator):
    assert "No synonyms yet" in as_curator.get(LIST).words


def test_it_finds_groups_by_a_part_of_a_word(as_curator, group):
    for text, count in (("sop", 1), ("OPERATING", 1), ("coe", 0)):
        page = as_curator.htmx(f"{LIST}?q={text}", "results")
        assert not page.all("h1")
        assert len([link for link in page.links() if link == f"{LIST}/{group.id}"]) == count


def test_the_list_asks_the_database_as_often_however_long_it_is(
    as_curator, app, session, group, now
):
    def asked():
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_curator.get(LIST)
        return len(sent)

    asked()
    before = asked()
    session.add_all(
        SynonymGroup(words=[f"a{number}", f"b{number}"], changed_at=now) for number in range(60)
    )
    session.commit()
    assert asked() == before <= 5
    assert len(as_curator.get(f"{LIST}?page=2").all("p", class_="synonym-words")) == 11


def test_only_curators_have_these_pages(as_employee, group):
    for path in ("", "/add", "/paste", f"/{group.id}"):
        assert as_employee.get(LIST + path).status == 404


def test_the_dashboard_leads_there(as_curator):
    assert LIST in as_curator.get("/curate").links()


def test_trying_out_keeps_nothing(as_curator, items, groups):
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "try"})
    assert page.status == 200
    assert "Nothing is kept yet." in page.words
    assert groups() == []
    assert page.text("textarea", name="words") == "CoE centre of excellence"


def test_trying_out_shows_both_answers_beside_each_other(as_curator, items):
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "try"})
    assert "Search for “CoE”" in page.words
    assert "Search for “centre of excellence”" in page.words
    assert "1 result before, 2 after" in page.words
    assert "1 comes in" in page.words
    assert places(page, 0) == ["CoE for welding"]
    assert set(places(page, 1)) == {"CoE for welding", "Our centre of excellence"}


def test_trying_out_shows_nothing_that_the_curator_may_not_see(as_curator, items):
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "try"})
    assert "Secret" not in page.words
    assert "1 result before, 2 after." in page.text("section", class_="panel")


def test_it_tries_with_the_search_that_was_typed(as_curator, items):
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "try", "query": " welding "})
    assert "Search for “welding”" in page.words
    assert "Search for “CoE”" not in page.words
    assert "Nothing changes: 1 result before and after." in page.words


def test_one_way_is_tried_from_its_side_only(as_curator, items):
    typed = {"words": "CoE", "becomes": "centre of excellence", "direction": "one-way"}
    page = as_curator.post(f"{LIST}/add", {**typed, "what": "try"})
    assert "Search for “CoE”" in page.words
    assert "Search for “centre of excellence”" not in page.words
    assert "1 comes in" in page.words


def test_htmx_gets_only_the_comparison(as_curator, items):
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "try"}, htmx_target="trial")
    assert "What it would change" in page.words
    assert not page.all("h1")


def test_htmx_is_told_what_is_wrong_where_it_looks(as_curator):
    page = as_curator.post(f"{LIST}/add", {"words": "", "what": "try"}, htmx_target="trial")
    assert page.status == 422
    assert "Give at least one word." in page.words


def test_a_trial_without_an_index_says_so(as_curator):
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "try"})
    assert "There is no search index yet" in page.words


def test_a_change_is_tried_against_the_group_as_it_is(as_curator, items, session, now):
    row = SynonymGroup(words=["CoE", "centre of excellence"], changed_at=now)
    session.add(row)
    session.commit()
    typed = {"words": "CoE\nheart", "direction": "both", "what": "try", "query": "CoE"}
    page = as_curator.post(f"{LIST}/{row.id}", typed)
    assert "2 results before, 1 after" in page.words
    assert "1 goes out" in page.words


def test_keeping_makes_searches_find_it_at_once(as_curator, items, groups):
    assert "Our centre of excellence" not in as_curator.get("/discover?q=CoE").words
    page = as_curator.post(f"{LIST}/add", {**COE, "what": "keep"})
    assert (page.status, page.location) == (303, LIST)
    assert groups() == [(["CoE", "centre of excellence"], [])]
    assert "Our centre of excellence" in as_curator.get("/discover?q=CoE").words


BAD = [
    ({"words": " \n "}, "words", "Give at least one word."),
    ({"words": "CoE"}, "words", "Give at least two words that find each other."),
    ({"words": "CoE\ncoe"}, "words", "Give at least two words that find each other."),
    ({"words": f"CoE\n{'x' * 81}"}, "words", "too long: at most 80 characters"),
    ({"words": "CoE\nof the"}, "words", "“of the” says nothing to the search"),
    ({"words": "CoE\n---"}, "words", "“---” says nothing to the search"),
    ({"words": "\n".join("abcdefghijklmnopqrstuvwxyz")}, "words", "at most 20 words"),
    ({"words": "sop\nStandard  operating procedure"}, "words", "says exactly this already"),
    ({"words": "LMS", "direction": "one-way"}, "becomes", "Give at least one word."),
    (
        {"words": "LMS", "becomes": "lms", "direction": "one-way"},
        "becomes",
        "This only says again what stands on the other side.",
    ),
    ({**COE, "note": "x" * 501}, "note", "at most 500 fit"),
]


def test_bad_input_names_the_field_and_stays(as_curator, group, groups):
    for typed, field, complaint in BAD:
        page = as_curator.post(f"{LIST}/add", {"direction": "both", **typed, "what": "keep"})
        assert page.status == 422, complaint
        assert f"#field_{field}" in page.links()
        assert complaint in page.words
        assert page.by_id(f"field_{field}").get("aria-invalid") == "true"
    assert len(groups()) == 1


def test_it_fills_in_a_word_from_the_address(as_curator):
    page = as_curator.get(f"{LIST}/add?words=risk%20%20assesment")
    assert page.text("textarea", name="words") == "risk assesment"


def test_it_changes_a_group(as_curator, form, group, groups):
    typed = form(words="SOP\nwork instruction", direction="both", note="")
    page = as_curator.post(f"{LIST}/{group.id}", typed)
    assert page.status == 303
    assert groups() == [(["SOP", "work instruction"], [])]


def test_it_may_keep_a_group_as_it_is(as_curator, form, group):
    assert as_curator.post(f"{LIST}/{group.id}", form()).status == 303


def test_a_second_curator_overwrites_nothing_that_they_have_not_seen(
    as_curator, sign_in, make, form, group, groups
):
    second = sign_in(make.person("Second Curator", access="curator"))
    as_curator.post(f"{LIST}/{group.id}", form(words="SOP\nwork instruction"))
    page = second.post(f"{LIST}/{group.id}", form(words="SOP\nprocedure"))
    assert page.status == 409
    assert "Jonas Weber has changed this group in the meantime" in page.words
    assert "it now says: SOP = work instruction" in page.words
    assert page.text("textarea", name="words") == "SOP procedure"
    assert groups() == [(["SOP", "work instruction"], [])]


def test_who_has_seen_the_conflict_may_still_keep_theirs(
    as_curator, sign_in, make, form, group, groups
):
    second = sign_in(make.person("Second Curator", access="curator"))
    as_curator.post(f"{LIST}/{group.id}", form(words="SOP\nwork instruction"))
    told = second.post(f"{LIST}/{group.id}", form(words="SOP\nprocedure"))
    [seen] = {field.get("value") for field in told.all("input", name="seen")}
    again = second.post(f"{LIST}/{group.id}", form(words="SOP\nprocedure", seen=seen))
    assert again.status == 303
    assert groups() == [(["SOP", "procedure"], [])]


def test_it_removes_a_group(as_curator, form, group, groups):
    page = as_curator.post(f"{LIST}/{group.id}/remove", form())
    assert page.status == 303
    assert groups() == []
    assert "Removed: SOP = standard operating procedure" in as_curator.follow(page).words


def test_it_does_not_remove_what_somebody_has_changed(as_curator, form, group, groups):
    as_curator.post(f"{LIST}/{group.id}", form(words="SOP\nwork instruction"))
    assert as_curator.post(f"{LIST}/{group.id}/remove", form()).status == 409
    assert len(groups()) == 1


def test_a_group_that_is_gone_is_not_there(as_curator, form):
    for path in ("/999999", "/999999/remove"):
        assert as_curator.post(LIST + path, form()).status == 404


PASTED = """CoE = centre of excellence

LMS > learning platform
nothing here
SOP = Standard Operating Procedure
> learning platform
HSE = health and safety, EHS
a > b > c
"""


def test_pasting_keeps_the_good_lines_and_numbers_the_bad_ones(as_curator, group, groups):
    page = as_curator.post(f"{LIST}/paste", {"lines": PASTED})
    assert page.status == 200
    assert groups()[1:] == [
        (["CoE", "centre of excellence"], []),
        (["LMS"], ["learning platform"]),
        (["HSE", "health and safety", "EHS"], []),
    ]
    assert "3 groups are kept." in page.words
    assert "4 lines are not saved" in page.words
    for said in (
        "Line 4: nothing here It has no = and no > between words.",
        "Line 5: SOP = Standard Operating Procedure There is a group that says exactly this",
        "Line 6: > learning platform A word is missing beside = or >.",
        "Line 8: a > b > c There is more than one > in it.",
    ):
        assert said in page.words
    assert "CoE" not in page.text("textarea", name="lines")


def test_pasting_only_good_lines_leads_back_to_the_list(as_curator, groups):
    page = as_curator.post(f"{LIST}/paste", {"lines": "CoE = centre of excellence\r\n"})
    assert (page.status, page.location) == (303, LIST)
    assert len(groups()) == 1


def test_pasting_nothing_good_keeps_nothing(as_curator, groups):
    for lines in ("", " \n ", "bad", "a = b\n" * 501):
        assert as_curator.post(f"{LIST}/paste", {"lines": lines}).status == 422
    assert groups() == []


def test_the_audit_log_tells_of_every_change_and_trial(as_curator, session, items, form, group):
    as_curator.post(f"{LIST}/add", {**COE, "what": "try"})
    as_curator.post(f"{LIST}/add", {**COE, "what": "keep"})
    as_curator.post(f"{LIST}/paste", {"lines": "LMS > learning platform"})
    as_curator.post(f"{LIST}/{group.id}", form(words="SOP\nwork instruction"))
    session.rollback()
    said = {entry.action: entry for entry in session.query(AuditEntry)}
    assert set(said) == {
        "tending.try_synonyms",
        "tending.add_synonyms",
        "tending.paste_synonyms",
        "tending.edit_synonyms",
    }
    assert said["tending.add_synonyms"].subject == "CoE = centre of excellence"
    assert "work instruction" in str(said["tending.edit_synonyms"].details)
    assert "learning platform" in str(said["tending.paste_synonyms"].details)
