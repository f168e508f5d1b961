"""What a statement says of time and stars, beside what was done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.base import Did
from app.connectors.xapi import events_of, seconds_of

VERBS = "http://adlnet.gov/expapi/verbs/"
CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
RATED = "http://id.tincanapi.com/verb/rated"


def said(verb, result=None, **values):
    """Return (verb, value) of what Ada's statement says."""
    statement = {
        "id": "s1",
        "actor": {"mbox": "mailto:ada@example.org"},
        "verb": {"id": verb if "://" in verb else VERBS + verb},
        "object": {"id": "https://courses.test/course/1"},
        "timestamp": "2026-11-12T09:00:00Z",
        "result": result or {},
        **values,
    }
    events = list(events_of(statement, {}))
    assert all(isinstance(one, Did) for one in events)
    return [(one.verb, one.value) for one in events]


def test_a_duration_is_told_beside_what_was_done():
    assert said("completed", {"duration": "PT25M"}) == [("completed", None), ("spent", 1500.0)]


def test_a_session_that_ends_tells_of_its_time_alone():
    assert said("terminated", {"duration": "PT1H0.5S"}) == [("spent", 3600.5)]


def test_both_have_ids_of_their_own_that_never_change():
    statement = {
        "id": "s1",
        "actor": {"mbox": "mailto:ada@example.org"},
        "verb": {"id": VERBS + "completed"},
        "object": {"id": "https://courses.test/course/1"},
        "timestamp": "2026-11-12T09:00:00Z",
        "result": {"duration": "PT1M"},
    }
    assert [one.id for one in events_of(statement, {})] == ["s1", "s1#spent"]


@pytest.mark.parametrize(
    "verb", ["answered", "interacted", "https://w3id.org/xapi/video/verbs/played"]
)
def test_the_time_of_a_click_within_is_none(verb):
    assert said(verb, {"duration": "PT25M"}) == []


def test_of_the_times_of_cmi5_that_overlap_only_the_sessions_own_counts():
    context = {"contextActivities": {"category": [{"id": CMI5}]}}
    spent = {"duration": "PT25M"}
    assert said("completed", spent, context=context) == [("completed", None)]
    assert said("terminated", spent, context=context) == [("spent", 1500.0)]


@pytest.mark.parametrize(
    ("score", "stars"),
    [
        ({"raw": 4, "min": 1, "max": 5}, 4),
        ({"raw": 0, "min": 0, "max": 10}, 1),
        ({"raw": 99, "min": 0, "max": 10}, 5),
        ({"scaled": 0.8}, 4),
        ({"scaled": 0.0}, 1),
        ({"scaled": -1}, 1),
        ({"raw": 3, "min": 5, "max": 5, "scaled": 1}, 5),
    ],
)
def test_a_score_becomes_stars(score, stars):
    assert said(RATED, {"score": score}) == [("rated", stars)]


@pytest.mark.parametrize("score", [{}, {"raw": 4}, {"scaled": "much"}, {"scaled": True}, None])
def test_a_rating_without_a_scale_says_nothing(score):
    assert said(RATED, {"score": score}) == []


@pytest.mark.parametrize(
    "text", ["P1Y", "P1M", "PT", "P", "", "T5M", "-PT5M", "pt5m", "PT5M ", 5, None]
)
def test_what_is_no_exact_duration_is_none(text):
    assert seconds_of(text) is None


@given(
    st.integers(0, 9),
    st.integers(0, 40),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(1, 999),
)
def test_a_duration_is_the_sum_of_its_parts(weeks, days, hours, minutes, hundredths):
    text = f"P{weeks}W{days}DT{hours}H{minutes}M{hundredths / 100}S"
    seconds = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + hundredths / 100
    assert seconds_of(text) == pytest.approx(seconds)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text):
    found = seconds_of("P" + text)
    assert found is None or found >= 0
