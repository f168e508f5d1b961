"""Metrics of tools keep to the grammar of Prometheus' text format, whatever a tool is called."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Wording
from app.harvest.health import Health
from app.harvest.metrics import exposition
from app.models import HarvestRun
from search.breaker import BreakerState

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"({NAME})\{{({LABEL}(?:,{LABEL})*)\}} (-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)")
COMMENT = re.compile(rf"# (?:HELP ({NAME}) [^\n]+|TYPE ({NAME}) gauge)")


def health(**values):
    usual = {
        "id": 1,
        "tool_id": 1,
        "kind": "wordpress",
        "state": Wording("working"),
        "look": "accent",
        "icon": "check",
        "running": False,
        "enabled": True,
        "error": "",
        "error_kind": "",
        "last_ok_at": NOW - dt.timedelta(minutes=5),
        "age": dt.timedelta(minutes=5),
        "next_run_at": NOW + dt.timedelta(minutes=55),
        "live": 40,
        "retired": 3,
        "hidden": 1,
        "held": 0,
        "counts": {"new": 2, "unchanged": 38},
        "last_run": HarvestRun(mode="delta"),
        "breaker": BreakerState(),
    }
    return Health(**{**usual, **values})


def samples(text):
    """Return {line up to the value: value} of a text that keeps to the grammar."""
    assert text.endswith("\n")
    found = {}
    described = set()
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("#"):
            comment = COMMENT.fullmatch(line)
            assert comment, line
            described.add(comment[1] or comment[2])
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] in described
            name = f"{sample[1]}{{{sample[2]}}}"
            assert name not in found
            found[name] = float(sample[3])
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("foyer_tool_enabled{%s}", 1),
        ("foyer_tool_last_ok_age_seconds{%s}", 300),
        ("foyer_tool_next_run_seconds{%s}", 3300),
        ('foyer_tool_items{%s,state="live"}', 40),
        ('foyer_tool_items{%s,state="retired"}', 3),
        ('foyer_tool_items{%s,state="hidden"}', 1),
        ('foyer_tool_last_run_items{%s,mode="delta",fate="new"}', 2),
        ('foyer_tool_last_run_items{%s,mode="delta",fate="removed"}', 0),
        ("foyer_tool_breaker_open{%s}", 0),
    ],
)
def test_it_says_how_a_tool_is(name, value):
    found = samples(exposition([("blog", health())], now=NOW))
    assert found[name % 'tool="blog",connector="wordpress"'] == value


def test_it_says_that_a_tool_rests():
    rests = BreakerState(failures=3, rests_until=NOW + dt.timedelta(minutes=1))
    found = samples(exposition([("blog", health(breaker=rests))], now=NOW))
    assert found['foyer_tool_breaker_open{tool="blog",connector="wordpress"}'] == 1


def test_what_is_not_known_has_no_line():
    new = health(age=None, last_ok_at=None, next_run_at=None, last_run=None, counts={})
    text = exposition([("blog", new)], now=NOW)
    samples(text)
    assert "last_ok_age_seconds{" not in text
    assert "next_run_seconds{" not in text
    assert "last_run_items{" not in text


def test_a_portal_without_tools_has_metrics_without_values():
    assert samples(exposition([], now=NOW)) == {}


@given(names=st.lists(st.text(max_size=30), min_size=1, max_size=4, unique=True))
def test_it_keeps_to_the_grammar_whatever_a_tool_is_called(names):
    found = samples(exposition([(name, health()) for name in names], now=NOW))
    assert sum(one.startswith("foyer_tool_enabled{") for one in found) == len(names)
