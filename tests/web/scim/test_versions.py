"""Versions: nobody writes over what somebody else has changed (RFC 7644, section 3.14)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.web.scim.conftest import user

TITLE = {"op": "replace", "path": "title", "value": "Lead"}


@pytest.fixture
def path(entra):
    return f"/Users/{entra.add()['id']}"


def etag(entra, path):
    return entra.get(path).headers["ETag"]


def test_it_gives_a_weak_version_that_changes_with_the_content(entra, path):
    before = etag(entra, path)
    assert before.startswith('W/"')
    assert before == entra.get(path).json["meta"]["version"]
    after = entra.patch(path, TITLE).headers["ETag"]
    assert after == etag(entra, path) != before


def test_it_keeps_the_version_when_nothing_changes(entra, path):
    before = entra.get(path).json["meta"]
    entra.ask("PUT", path, user("amara@example.org"))
    assert entra.get(path).json["meta"] == before


def test_it_changes_the_version_with_the_groups_of_a_user(entra, path):
    before = etag(entra, path)
    entra.add_group("Pilots", path.rpartition("/")[2])
    assert etag(entra, path) != before


def test_it_sends_nothing_again_that_has_not_changed(entra, path):
    answer = entra.ask("GET", path, headers={"If-None-Match": etag(entra, path)})
    assert (answer.status_code, answer.data) == (304, b"")
    assert entra.ask("GET", path, headers={"If-None-Match": 'W/"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("PUT", user("amara@example.org", title="Late")),
        ("PATCH", {"Operations": [TITLE]}),
        ("DELETE", None),
    ],
)
def test_it_refuses_to_write_over_another_version(entra, path, method, body):
    old = etag(entra, path)
    entra.patch(path, {"op": "replace", "path": "title", "value": "Engineer"})
    assert entra.ask(method, path, body, headers={"If-Match": old}).status_code == 412
    assert entra.get(path).json["title"] == "Engineer"
    new = etag(entra, path)
    assert entra.ask(method, path, body, headers={"If-Match": new}).status_code in {200, 204}


def test_it_lets_one_of_two_writers_win(entra, path):
    old = etag(entra, path)

    def write(title):
        operation = {"op": "replace", "path": "title", "value": title}
        return entra.patch(path, operation, headers={"If-Match": old}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ["one", "two"])) == [200, 412]
