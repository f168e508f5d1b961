"""The page about models, and every page that recommends, with a store that somebody has harmed."""

import pytest

from app.foryou.shelf import EXTENSION

PAGES = ("/", "/for-you", "/why", "/why?item=Pumps", "/items/%s/why")
HUGE = "99999999999999999999"
NO_MODELS = (
    "..%2fx",
    "%2e%2e",
    "x" * 5000,
    "20260101T000000-0123456789",
    "..%2f..%2fetc%2fpasswd",
    HUGE,
)


@pytest.fixture
def store(app):
    found = app.extensions[EXTENSION].models
    found.path.mkdir(parents=True, exist_ok=True)
    return found


@pytest.mark.parametrize(
    "pointer", [b"", b"../../x", b"\0", b"\xff", b"20200101T000000-0123456789"]
)
def test_a_pointer_to_nothing_leaves_every_page_standing(
    as_admin, as_employee, store, make, session, pointer
):
    pumps = make.item("Pumps")
    session.commit()
    (store.path / "current").write_bytes(pointer)
    pages = [page % pumps.id if "%s" in page else page for page in PAGES]
    assert {as_employee.get(page).status for page in pages} == {200}
    assert "Pumps" in as_employee.get("/for-you").html
    assert as_admin.get("/admin/recommendations").status == 200


@pytest.mark.parametrize(
    "line",
    [
        b"\xff",
        b"null",
        b"[]",
        b'{"accepted": true}',
        b'{"accepted": true, "why": "x", "name": "../x", "trained_at": 1e999, "ndcg": null}',
        b'{"accepted": true, "why": "x", "name": "../x", "trained_at": "x", "ndcg": null}',
        b'{"accepted": true, "why": "x", "name": "../x", "trained_at": -1e300, "ndcg": null}',
    ],
)
def test_a_harmed_line_of_the_history_is_left_out(as_admin, store, line):
    (store.path / "history.jsonl").write_bytes(line + b"\n")
    assert store.history() == []
    assert as_admin.get("/admin/recommendations").status == 200


@pytest.mark.parametrize("name", NO_MODELS)
def test_a_name_that_is_no_model_is_not_there(as_admin, name):
    page = f"/admin/recommendations/{name}"
    assert {as_admin.get(page).status, as_admin.get(f"{page}/serve").status} == {404}
    assert as_admin.post(f"{page}/serve").status == 404


@pytest.mark.parametrize("path", ["stop", "20260101T000000-0123456789/serve"])
def test_nobody_else_changes_what_serves(as_employee, as_curator, path):
    for client in (as_employee, as_curator):
        assert client.post(f"/admin/recommendations/{path}").status in (403, 404)
