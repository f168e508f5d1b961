"""What readers and load balancers see while the index on the disk is damaged."""

import os

import pytest


@pytest.fixture(params=["fast", "term"])
def damage(request, config, pumps):
    """Return a function that overwrites the middle of one file of the index."""

    def damaged():
        path = next(config.index_dir.glob(f"generation-*/*.{request.param}"))
        whole = path.read_bytes()
        start, end = len(whole) // 4, len(whole) // 2
        path.write_bytes(whole[:start] + b"\xff" * (end - start) + whole[end:])
        os.utime(path, ns=(1, 1))

    return damaged


def test_it_says_that_the_index_is_being_built(as_employee, damage):
    damage()
    page = as_employee.get("/discover?q=pump")
    assert page.status == 200
    assert "The index is being built" in page.words


def test_it_is_not_ready(visitor, damage):
    damage()
    answer = visitor.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": True, "index": False}


def test_it_is_not_ready_once_an_open_index_is_damaged(as_employee, visitor, damage):
    assert as_employee.get("/discover?q=pump").status == 200
    damage()
    assert visitor.get("/readyz").status == 503


def test_it_is_mended_by_a_rebuild(as_employee, visitor, damage, index_now):
    damage()
    index_now()
    assert "Pump overhaul" in as_employee.get("/discover?q=pump").words
    assert visitor.http.get("/readyz").json["checks"]["index"]
