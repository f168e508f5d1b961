"""Readings on pages: trial, run, stop, removals, mapping, who is who, the list and the map."""

import pytest

from app.connectors.base import Mode
from app.models import AuditEntry, Connection, Cursor, Item, ItemPresence, ToolAccount
from tests.support.factories import NOW
from tests.support.queries import count_queries

TOOL = "/admin/tools/service-blog"


def rows(session, table):
    session.expire_all()
    return session.query(table).all()


def test_a_trial_shows_what_would_come_in_and_writes_nothing(as_admin, read, session):
    trial = read(mode=Mode.SWEEP, dry=True)
    page = as_admin.get(f"{TOOL}/runs/{trial.id}")
    assert "This was a trial: nothing was written." in page.words
    assert "Replacing the pump seal" in page.words
    assert "3 new" in page.words
    assert not rows(session, Item)


@pytest.mark.parametrize(
    ("what", "mode", "dry"),
    [("auto", None, False), ("sweep", Mode.SWEEP, False), ("dry", Mode.SWEEP, True)],
)
def test_the_worker_is_asked_to_read(as_admin, connected, queue, what, mode, dry):
    as_admin.post(f"{TOOL}/run", {"what": what})
    assert queue.asked == [(connected.id, mode, dry, "Petra Admin")]


def test_another_way_of_reading_is_refused(as_admin, connected, queue):
    assert as_admin.post(f"{TOOL}/run", {"what": "everything!"}).status == 422
    assert not queue.asked


def test_after_a_reading_the_page_says_how_it_is(as_admin, connected, read):
    as_admin.post(f"{TOOL}/switch", {"enabled": "1"})
    read()
    page = as_admin.get(TOOL)
    assert "working" in page.words
    assert "3 items read, 3 new" in page.words
    assert "Everything" in page.words
    listed = as_admin.get("/admin/tools")
    assert "Service blog" in listed.words
    assert "working" in listed.words


def test_a_paused_tool_is_not_planned(as_admin, connected, session):
    as_admin.post(f"{TOOL}/switch", {"enabled": "1"})
    assert rows(session, Connection)[0].next_run_at == NOW
    as_admin.post(f"{TOOL}/switch", {"enabled": ""})
    row = rows(session, Connection)[0]
    assert (row.enabled, row.next_run_at) == (False, None)


def test_stopping_asks_the_reading_to_end(as_admin, connected, session):
    as_admin.post(f"{TOOL}/stop")
    assert rows(session, Connection)[0].stop_wanted


def held(session, connection):
    """Mark every item of the tool as one that a sweep would take away."""
    for item in rows(session, Item):
        session.add(
            ItemPresence(item_id=item.id, presence="gone", absences=1, held=True, since=NOW)
        )
    session.commit()


@pytest.mark.parametrize(("answer", "status"), [("remove", "retired"), ("keep", "live")])
def test_what_a_sweep_would_take_away_waits_for_a_word(
    as_admin, connected, read, session, answer, status
):
    read()
    held(session, connected)
    page = as_admin.get(TOOL)
    assert "3 items would be taken away" in page.words
    as_admin.post(f"{TOOL}/removals", {"answer": answer})
    assert {item.status for item in rows(session, Item)} == {status}
    assert "would be taken away" not in as_admin.get(TOOL).words


def mapping_form(**changed):
    rules = [
        ("title", "title.rendered", "html", "", ""),
        ("url", "url", "address", "", ""),
        ("kind", "type", "text", "article", "post = job-aid"),
    ]
    names = ("field", "path", "transform", "default", "words")
    form = {
        f"{name}-{place}": value
        for place, rule in enumerate(rules)
        for name, value in zip(names, rule, strict=True)
    }
    return form | changed


def test_a_mapping_is_tried_before_it_is_kept(as_admin, connected, session):
    page = as_admin.post(f"{TOOL}/mapping", mapping_form(what="try"))
    assert page.status == 200
    assert "job-aid" in page.words
    assert rows(session, Connection)[0].mapping is None


def test_a_mapping_that_is_kept_counts_from_the_next_reading_on(as_admin, connected, read, session):
    as_admin.post(f"{TOOL}/mapping", mapping_form(what="keep"))
    read()
    assert {item.kind for item in rows(session, Item)} == {"job-aid"}
    as_admin.post(f"{TOOL}/mapping", {"what": "usual"})
    read()
    assert {item.kind for item in rows(session, Item)} == {"article"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"field-0": ""}, "No rule says what “title” is."),
        ({"words-2": "post job-aid"}, "is not of the form"),
        ({"transform-0": "magic"}, "Nothing is read as"),
        ({"field-0": "colour"}, "is not a field of ours"),
    ],
)
def test_a_rule_that_cannot_be_is_named(as_admin, connected, session, wrong, sentence):
    page = as_admin.post(f"{TOOL}/mapping", mapping_form(what="keep", **wrong))
    assert page.status == 422
    assert sentence in page.words
    assert rows(session, Connection)[0].mapping is None


def test_a_word_without_a_meaning_is_shown(as_admin, connected):
    page = as_admin.post(f"{TOOL}/mapping", mapping_form(what="try", **{"words-2": "page = book"}))
    assert "“post” of Kind is not known." in page.words


def test_an_account_is_linked_by_hand(as_admin, connected, make, session):
    ada = make.person("Ada Lovelace")
    account = ToolAccount(connection_id=connected.id, name="ada7", statements=4, seen_at=NOW)
    session.add(account)
    session.commit()
    page = as_admin.get(f"{TOOL}/people")
    assert "ada7" in page.words
    assert "4 statements wait" in page.words
    as_admin.post(f"{TOOL}/people/link", {"account_id": account.id, "email": ada.email})
    assert rows(session, ToolAccount)[0].person_id == ada.id
    assert "Linked by hand" in as_admin.get(f"{TOOL}/people").words
    as_admin.post(f"{TOOL}/people/unlink", {"account_id": account.id})
    assert rows(session, ToolAccount)[0].person_id is None


def test_an_account_is_not_linked_to_nobody(as_admin, connected, session):
    account = ToolAccount(connection_id=connected.id, name="ada7", statements=4, seen_at=NOW)
    session.add(account)
    session.commit()
    for form in ({"account_id": account.id, "email": "x@example.org"}, {"account_id": "99"}):
        assert as_admin.post(f"{TOOL}/people/link", form).status in {404, 422}


def test_the_map_shows_every_tool_and_what_is_missing(as_admin, connected, make, session):
    make.tool("chat", "Our chat", kind="chat")
    session.commit()
    page = as_admin.get("/admin/ecosystem")
    assert "Service blog" in page.words
    assert "Our chat" in page.words
    assert "No tool stands in “Measure and optimise”." in page.words
    assert "Not connected, so nobody keeps them up to date: Our chat." in page.words


def test_the_map_names_what_two_tools_both_have(as_admin, make, session):
    first, second = make.tool("a", "Academy"), make.tool("b", "Library")
    for tool in (first, second):
        make.item(tool=tool, kind="course")
    session.commit()
    assert "Academy, Library" in as_admin.get("/admin/ecosystem").words


@pytest.mark.parametrize(
    ("path", "most"), [("/admin/tools", 9), (TOOL, 16), ("/admin/ecosystem", 9)]
)
def test_pages_ask_for_a_fixed_number_of_rows(
    app, as_admin, connected, read, make, session, path, most
):
    read()
    for number in range(12):
        make.tool(f"more-{number}", f"More {number}")
    session.commit()
    with count_queries(app.extensions["foyer"].database.engine) as statements:
        as_admin.get(path)
    assert len(statements) <= most


@pytest.fixture
def with_statements(session, make, as_admin):
    """Connect a store of statements whose activity has been read."""
    row = Connection(
        tool_id=make.tool("lrs", "Records").id,
        kind="lrs",
        settings={"address": "https://lrs.test"},
        people_by="email",
        people_read_at=NOW,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    session.add(Cursor(connection_id=row.id, stream="activity", value=b"far", saved_at=NOW))
    session.commit()
    return row


def test_what_people_did_is_read_again(as_admin, with_statements, queue, session):
    page = as_admin.get("/admin/tools/lrs")
    assert "Read what people did again" in page.words
    as_admin.post("/admin/tools/lrs/read-again")
    assert queue.asked == [(with_statements.id, None, False, "Petra Admin")]
    assert not rows(session, Cursor)
    assert rows(session, AuditEntry)[-1].action == "tools.read_again"


def test_where_nobody_is_named_there_is_nothing_to_read_again(as_admin, connected):
    assert "Read what people did again" not in as_admin.get(TOOL).words
