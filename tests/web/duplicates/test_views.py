"""The curators’ pages about duplicates: why items were joined, and what curators say of them."""

import pytest

from app.catalogue import clusters
from app.models import AuditEntry, ClusterDecision
from tests.support.factories import NOW
from tests.support.queries import count_queries

WHERE = "https://provider.example.org/course/"
LIST = "/curate/duplicates"


@pytest.fixture
def same(make, session):
    """One course in three tools, and a stranger in a fourth."""
    names = ("Academy", "Wiki", "Videos", "Lab")
    academy, wiki, videos, lab = (make.tool(name.lower(), name) for name in names)
    items = [
        make.item("Working at heights", tool=academy, url=f"{WHERE}5"),
        make.item("Working at heights", tool=wiki, url=f"{WHERE}5?utm_source=wiki"),
        make.item("Heights: a course", tool=videos, url=f"{WHERE}5", status="retired"),
        make.item("Climbing safely", tool=lab),
    ]
    clusters.catch_up(session)
    session.commit()
    return items


@pytest.fixture
def split(as_curator, same):
    """Return a function that posts that an item is different from the three it stands with."""

    def posted(item, seen=None, client=as_curator):
        seen = seen or [each.id for each in same[:3]]
        data = {"seen": ",".join(map(str, seen))}
        return client.post(f"{LIST}/items/{item.id}/split", data)

    return posted


@pytest.fixture
def merge(as_curator):
    """Return a function that posts that two items are the same."""

    def posted(item, other, seen, client=as_curator):
        data = {"other": other.id, "seen": ",".join(str(each.id) for each in seen)}
        return client.post(f"{LIST}/items/{item.id}/merge", data)

    return posted


@pytest.fixture
def together(session):
    """Return a function that gives the ids of an item's cluster as they are now."""

    def found(item):
        session.rollback()
        return clusters.members(session, item.id)

    return found


def test_it_lists_what_is_taken_for_one_thing(as_curator, same):
    page = as_curator.get(LIST)
    assert "1 group of duplicates" in page.words
    assert {f"/items/{item.id}" for item in same[:3]} <= set(page.links())
    assert f"/items/{same[3].id}" not in page.links()


def test_it_says_which_member_is_preferred_and_which_is_retired(as_curator, same):
    rows = [row for row in as_curator.get(LIST).texts("li") if "Working at heights" in row]
    assert "Preferred" in next(row for row in rows if row.startswith("Working at heights Academy"))
    assert as_curator.get(LIST).words.count("Retired") == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"url": f"{WHERE}7"}, "same address"),
        ({"url": "https://youtu.be/dQw4w9WgXcQ"}, "same provider id"),
        ({"attribution": "Safe Co", "minutes": 40}, "same title, provider and duration"),
    ],
)
def test_it_says_why_items_were_joined(as_curator, make, session, values, reason):
    for _ in range(2):
        make.item("Rescue from heights", tool=make.tool(), **values)
    clusters.catch_up(session)
    session.commit()
    assert as_curator.get(LIST).words.count(f"Joined by: {reason}") == 2


def test_it_gives_htmx_only_the_list(as_curator, same):
    page = as_curator.htmx(LIST, "results")
    assert "1 group of duplicates" in page.words
    assert not page.all("h1")


@pytest.mark.parametrize(
    ("query", "count"),
    [("?q=heights+WORKING", 1), ("?q=climbing", 0), ("?tool=wiki", 1), ("?tool=lab", 0)],
)
def test_it_finds_duplicates_by_words_and_by_tool(as_curator, same, query, count):
    assert len(as_curator.get(LIST + query).all("li", class_="duplicate")) == count


def test_it_shows_twenty_on_a_page(as_curator, make, session):
    tools = [make.tool(), make.tool()]
    for number in range(21):
        for tool in tools:
            make.item(f"Course {number}", tool=tool, url=f"{WHERE}{number}")
    clusters.catch_up(session)
    session.commit()
    first, second = as_curator.get(LIST), as_curator.get(f"{LIST}?page=2")
    assert len(first.all("li", class_="duplicate")) == 20
    assert len(second.all("li", class_="duplicate")) == 1
    assert "This page is empty" in as_curator.get(f"{LIST}?page=3").words


def test_it_splits_an_item_off_and_says_who_did(as_curator, same, split, together):
    page = split(same[0])
    assert (page.status, page.location) == (303, LIST)
    assert together(same[0]) == {same[0].id}
    said = "Jonas Weber split “Working at heights” in Academy off on 12 November."
    assert as_curator.get(LIST).words.count(said) == 1


def test_it_lists_what_was_told_apart(as_curator, same, split):
    split(same[0])
    page = as_curator.get(f"{LIST}/apart")
    assert "2 pairs" in page.words
    assert f"{LIST}/items/{same[0].id}/merge?q={same[1].id}" in page.links()


def test_it_merges_two_items_and_says_who_did(as_curator, same, merge, together):
    page = merge(same[0], same[3], same)
    assert page.status == 303
    assert together(same[3]) == {item.id for item in same}
    words = as_curator.follow(page).words
    assert "Jonas Weber said on 12 November that" in words
    assert words.count("a curator said so") == 2


def test_a_split_can_be_taken_back(same, split, merge, together):
    split(same[0])
    merge(same[0], same[1], same[:3])
    assert together(same[0]) == {item.id for item in same[:3]}


@pytest.mark.parametrize("pasted", ["/items/{}", "http://localhost/go/{}?in=app", "{}", "Climbing"])
def test_it_finds_the_other_item_by_address_number_or_title(as_curator, same, pasted):
    query = {"q": pasted.format(same[3].id)}
    page = as_curator.get(f"{LIST}/items/{same[0].id}/merge", query_string=query)
    assert [field.get("value") for field in page.all("input", name="other")] == [str(same[3].id)]


def test_it_offers_a_whole_cluster_once(as_curator, same):
    page = as_curator.get(f"{LIST}/items/{same[3].id}/merge?q=heights")
    assert len(page.all("input", name="other")) == 1


def test_a_second_curator_does_not_overrule_what_they_have_not_seen(
    same, split, merge, make, sign_in, together
):
    second = sign_in(make.person("Second Curator", access="curator"))
    split(same[0])
    assert split(same[1], client=second).status == 409
    assert merge(same[3], same[1], same, client=second).status == 409
    assert together(same[0]) == {same[0].id}
    assert together(same[1]) == {same[1].id, same[2].id}


def test_both_words_of_two_curators_count_once_they_have_seen_each_others(
    same, split, make, sign_in, together
):
    second = sign_in(make.person("Second Curator", access="curator"))
    split(same[0])
    split(same[1], seen=[same[1].id, same[2].id], client=second)
    assert [together(item) for item in same] == [{item.id} for item in same]


def test_the_audit_log_tells_of_a_decision(same, split, session):
    split(same[0])
    entry = session.query(AuditEntry).filter_by(action="duplicates.split").one()
    assert entry.subject == f"item {same[0].id} “Working at heights”"
    assert "different" in str(entry.details)


@pytest.mark.parametrize("form", [{}, {"seen": "x"}, {"seen": "1,"}, {"seen": "1", "other": "x"}])
def test_a_form_that_says_nothing_is_refused(as_curator, same, session, form):
    for verb in ("split", "merge"):
        page = as_curator.post(f"{LIST}/items/{same[0].id}/{verb}", form)
        assert page.status in {409, 422}
    assert session.query(ClusterDecision).count() == 0


def test_an_item_is_not_merged_with_itself(same, merge):
    assert merge(same[0], same[0], same[:3]).status == 422


def test_a_curator_sees_nothing_of_what_is_for_others(as_curator, make, session, same, split):
    hidden = make.item("Zqxsecret", tool=make.tool(), url=f"{WHERE}5", audience=["group:pilot"])
    pairs = [make.item(tool=make.tool(), url=f"{WHERE}8") for _ in range(2)]
    pairs[1].audience_id, pairs[1].title = hidden.audience_id, "Zqxother"
    clusters.catch_up(session)
    session.commit()
    page = as_curator.get(LIST)
    assert "1 group of duplicates" in page.words
    for address in (LIST, f"{LIST}?q=Zqx", f"{LIST}/items/{pairs[0].id}/merge?q={hidden.id}"):
        page = as_curator.get(address)
        assert not page.all("li", class_="duplicate") or address == LIST
        assert "Zqxother" not in page.words
        assert f"/items/{hidden.id}" not in page.links()
    assert as_curator.get(f"{LIST}/items/{hidden.id}/merge").status == 404
    assert split(hidden).status == 404
    assert split(same[0]).status == 303


def test_every_page_takes_the_same_few_statements(as_curator, make, session, app, same, split):
    def sent(address):
        with count_queries(app.extensions["foyer"].database.engine) as statements:
            as_curator.get(address)
        return len(statements)

    split(same[0])
    addresses = [LIST, f"{LIST}/apart", f"{LIST}/items/{same[1].id}/merge?q=course"]
    before = [sent(address) for address in addresses]
    for number in range(12):
        items = [make.item("A course", tool=make.tool(), url=f"{WHERE}x{number}") for _ in "abc"]
        clusters.catch_up(session)
        clusters.split_off(session, items[0].id, by=None, now=NOW)
    session.commit()
    assert [sent(address) for address in addresses] == before
    assert before == [7, 3, 7]
