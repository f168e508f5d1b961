"""The administrator's overview and list of people."""

from datetime import timedelta

import pytest

from app.models import Connection, IndexOutbox
from tests.support.factories import NOW
from tests.support.queries import count_queries


@pytest.fixture
def as_admin(make, sign_in):
    return sign_in(make.person("Ada Admin", access="admin"))


def test_it_counts_the_items_of_each_tool(as_admin, make, session):
    moodle = make.tool("moodle", "Moodle")
    make.item(tool=moodle)
    make.item(tool=moodle, status="retired")
    session.commit()
    assert as_admin.get("/admin").texts("td") == ["1", "1", "12 November, 09:00"]


def test_it_names_the_tools_that_need_somebody(as_admin, make, session):
    blog, wiki = make.tool("blog", "Blog"), make.tool("wiki", "Wiki")
    known = {"settings": {}, "created_at": NOW}
    why = {"last_error": "The password is wrong.", "last_error_kind": "auth_invalid"}
    session.add(Connection(tool_id=blog.id, kind="wordpress", enabled=True, **known, **why))
    session.add(Connection(tool_id=wiki.id, kind="mediawiki", **known))
    session.commit()
    page = as_admin.get("/admin")
    assert "1 tool needs you" in page.words
    assert "The password is wrong." in page.words
    assert {"/admin/tools/blog", "/admin/tools/wiki"} <= set(page.links())


def test_it_says_when_a_tool_has_nothing_yet(as_admin, make, session):
    make.tool("wiki", "Wiki")
    session.commit()
    assert as_admin.get("/admin").texts("td") == ["0", "0", "nothing yet"]


def test_it_counts_people_and_open_sessions(as_admin, make, session):
    make.person(active=False)
    session.commit()
    words = as_admin.get("/admin").words
    assert "1 person may sign in. 1 browser is signed in. 1 person has left." in words


def test_it_says_how_to_build_an_index_that_is_missing(as_admin):
    assert "foyer reindex" in as_admin.get("/admin").words


def test_it_says_since_when_changes_wait_for_the_index(as_admin, session):
    session.add(IndexOutbox(item_id=1, queued_at=NOW - timedelta(hours=1)))
    session.commit()
    assert "1 change waits for the index, since 12 November, 08:00" in as_admin.get("/admin").words


def test_it_says_that_nothing_is_trained_yet(as_admin):
    assert "Nothing is trained yet" in as_admin.get("/admin").words


def test_it_lets_the_worker_train_when_asked(as_admin, app):
    page = as_admin.post("/admin/train")
    assert page.status == 303
    assert app.extensions["foyer-jobs"].waiting() == 1
    assert "1 job waits" in as_admin.get("/admin").words


def test_it_keeps_its_number_of_statements_whatever_the_rows(as_admin, app, make, session):
    engine = app.extensions["foyer"].database.engine
    make.item()
    session.commit()
    with count_queries(engine) as few:
        as_admin.get("/admin")
    for _ in range(5):
        make.item(tool=make.tool())
        make.person()
    session.commit()
    with count_queries(engine) as many:
        as_admin.get("/admin")
    assert len(many) == len(few) <= 12  # four of them for how the connected tools are


def test_it_lists_people_by_name(as_admin, make, session):
    make.person("Zoe Zimmer", roles=[make.role("designer", "Designer")])
    session.commit()
    names = as_admin.get("/admin/people").texts("th", scope="row")
    assert [name.split("person")[0] for name in names] == ["Ada Admin", "Zoe Zimmer"]


def test_it_finds_people_by_a_part_of_the_name(as_admin, make, session):
    make.person("Zoe Zimmer")
    session.commit()
    assert "Ada Admin" not in as_admin.get("/admin/people?q=zimm").text("table")


def test_it_answers_htmx_with_the_results_alone(as_admin):
    page = as_admin.htmx("/admin/people?q=ada", "results")
    assert "Ada Admin" in page.words
    assert not page.all("h1")


def test_it_says_when_nobody_is_found(as_admin):
    assert "Nobody found" in as_admin.get("/admin/people?q=%25").words


def test_it_pages_long_lists(as_admin, make, session):
    for number in range(60):
        make.person(f"Person {number:02}")
    session.commit()
    assert "/admin/people?page=2" in as_admin.get("/admin/people").links()
    assert "Person 59" in as_admin.get("/admin/people?page=2").words


@pytest.mark.parametrize("text", ["'", "\0", "%", "_", "\\", "a" * 5000, "<script>", "\ud7ff"])
def test_it_answers_any_search_text(as_admin, text):
    assert as_admin.get("/admin/people", query_string={"q": text}).status == 200


def test_it_is_not_there_for_others(as_curator):
    assert as_curator.get("/admin").status == 404
    assert as_curator.get("/admin/people").status == 404
