"""What a malicious or broken tool sends harms one item at most, and no run lasts for ever."""

import datetime as dt
import json

import pytest
from sqlalchemy import select

from app.connectors.base import (
    Account,
    AccountKind,
    Checkpoint,
    Delete,
    Did,
    ErrorKind,
    Fail,
    Mode,
    SourceError,
    Upsert,
    Withdrawn,
)
from app.errors import Wording
from app.harvest import checking
from app.models import HarvestProblem, Item
from tests.support.factories import NOW
from tests.support.tools.scripted import end, upsert

NUL, LONE = "a\0b", "a\ud800b"
NESTED = json.loads("[" * 900 + "]" * 900)
BAD_IDS = (NUL, LONE, "a\nb", "\u202eevil", "x" * 10_000, "", " ", 7, None)
BAD_VALUES = (
    NUL,
    LONE,
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "\u202e",
    "x" * 1_000_000,
    float("nan"),
    float("inf"),
    10**400,
    -1,
    True,
    NESTED,
    {"a": NESTED},
    ["x"] * 100_000,
    "0000-01-01",
    "99999-12-31",
    "P" + "9" * 5000 + "Y",
)


def problems(harvesting):
    with harvesting.database.sessions() as session:
        return [(one.what, one.reason) for one in session.scalars(select(HarvestProblem))]


@pytest.mark.parametrize("bad", BAD_IDS, ids=lambda one: repr(one)[:12])
def test_an_id_that_cannot_be_kept_harms_its_item_alone(harvesting, script, bad):
    script.pulls = [[Upsert(bad, upsert("x").raw), Delete(bad), upsert("good"), end()]]
    assert harvesting.run().state == "done"
    assert harvesting.live() == ["good"]
    assert harvesting.run(Mode.SWEEP).state == "done"


@pytest.mark.parametrize("name", ["title", "summary", "url", "app_url", "kind", "level", "keys"])
def test_a_value_that_cannot_be_kept_harms_its_item_alone(harvesting, script, name):
    bad = [upsert(f"bad-{place}", **{name: one}) for place, one in enumerate(BAD_VALUES)]
    script.pulls = [[*bad, upsert("good"), end()]]
    assert harvesting.run().state == "done"
    assert "good" in harvesting.live()


def test_words_that_cannot_be_kept_are_told_without_harm(harvesting, script):
    trouble = SourceError(ErrorKind.SCHEMA, Wording("It says %(what)s.", what=f"{NUL}{LONE}"))
    script.pulls = [[Fail(NUL, trouble), Fail(LONE, trouble), upsert("good"), end()], [trouble]]
    assert harvesting.run().state == "done"
    assert harvesting.live() == ["good"]
    assert harvesting.run().state == "failed"
    assert harvesting.connection().last_error.encode()
    assert all("\0" not in what and what.encode() for what, _reason in problems(harvesting))


def test_a_trial_survives_what_a_run_survives(harvesting, script):
    bad = [Upsert(one, upsert("x").raw) for one in BAD_IDS]
    odd = [upsert(f"bad-{place}", summary=one) for place, one in enumerate(BAD_VALUES)]
    script.pulls = [[*bad, *odd, Delete(NUL), upsert("good"), end()]]
    assert harvesting.run(dry=True).state == "done"


def test_a_check_survives_what_a_run_survives(harvesting, script):
    odd = {f"field-{place}": one for place, one in enumerate(BAD_VALUES)}
    for bad in (*BAD_IDS, "good"):
        script.pulls = [[Upsert(bad, odd), end()]]
        checking.check(harvesting.parts, harvesting.connection_id)
        kept = harvesting.connection().sample
        assert len(json.dumps(kept)) < 100_000
        assert "\\u0000" not in json.dumps(kept)
        assert "\\ud800" not in json.dumps(kept)


def test_one_id_a_hundred_times_is_one_item(harvesting, script):
    script.pulls = [[*(upsert("one", f"Title {place}") for place in range(100)), end()]]
    assert harvesting.run().state == "done"
    assert harvesting.items() == {"one": ("Title 99", "live")}
