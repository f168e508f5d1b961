"""A reading is on the page from the moment it is asked for to its end."""

import pytest

from app.connectors.base import Mode
from app.models import Connection
from app.tools.advice import what_to_do

TOOL = "/admin/tools/service-blog"


def test_asking_leads_to_the_page_that_waits_for_the_worker(as_admin, connected, queue):
    answer = as_admin.post(f"{TOOL}/run", {"what": "auto"})
    assert answer.location == f"{TOOL}?after=0"
    assert "Waiting for the worker" in as_admin.get(answer.location).words


def test_it_says_what_came_of_the_reading_that_was_asked_for(as_admin, connected, read):
    page = as_admin.get(f"{TOOL}?after=0")
    assert "Waiting for the worker" in page.words
    read(mode=Mode.SWEEP)
    page = as_admin.get(f"{TOOL}?after=0")
    assert "3 items read, 3 new" in page.words
    assert "Look at this reading" in page.words
    assert "Waiting for the worker" not in page.words


def test_an_earlier_reading_is_not_taken_for_the_one_asked_for(as_admin, connected, read):
    earlier = read(mode=Mode.SWEEP)
    assert "Waiting for the worker" in as_admin.get(f"{TOOL}?after={earlier.id}").words


def test_without_a_reading_nothing_is_waited_for(as_admin, connected):
    assert "Waiting for the worker" not in as_admin.get(TOOL).words
    assert "Waiting for the worker" not in as_admin.get(f"{TOOL}?after=soon").words


def test_switching_on_reads_at_once(as_admin, connected, queue):
    answer = as_admin.post(f"{TOOL}/switch", {"enabled": "1"})
    assert answer.location == f"{TOOL}?after=0"
    assert queue.asked == [(connected.id, None, False, "Petra Admin")]


def test_trouble_is_shown_with_what_to_do(app, as_admin, connected, session):
    row = session.query(Connection).one()
    row.enabled, row.last_error, row.last_error_kind = True, "Refused.", "auth_invalid"
    session.commit()
    with app.test_request_context():
        advice = what_to_do("auth_invalid", enabled=True)
    assert advice in as_admin.get(TOOL).words
    assert advice in as_admin.get("/admin/tools").words


@pytest.mark.parametrize("kind", ["transient", "rate_limited", "partial"])
def test_a_paused_tool_is_not_said_to_go_on_by_itself(app, kind):
    with app.test_request_context():
        assert "by itself" in what_to_do(kind, enabled=False)
        assert what_to_do(kind, enabled=False) != what_to_do(kind, enabled=True)


def test_htmx_gets_the_end_together_with_what_it_changes(as_admin, connected, read):
    read(mode=Mode.SWEEP)
    fragment = as_admin.htmx(f"{TOOL}?after=0", "progress").html
    assert "<html" not in fragment
    assert 'hx-swap-oob="innerHTML:#steps"' in fragment
    assert "hx-trigger" not in fragment.partition("hx-swap-oob")[0]


def test_htmx_gets_only_the_progress_while_it_waits(as_admin, connected):
    fragment = as_admin.htmx(f"{TOOL}?after=0", "progress").html
    assert 'hx-trigger="load delay:1s"' in fragment
    assert "hx-swap-oob" not in fragment
