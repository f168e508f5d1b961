"""The sentence on a card says what the reason says, and no more."""

import pytest

from app.foryou.sentences import Names, sentence
from recommender.data import Reason, ReasonCode

NAMES = Names(
    titles={1: "Ohm's law", 2: "#circuits"},
    names={"role:planner": "Service planner", "skill:sql": "SQL"},
    channels=[2],
)


@pytest.fixture(autouse=True)
def _in_english(app):
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(ReasonCode.BECAUSE_OF, item=1, verb="completed"), "Because you finished Ohm's law"),
        (Reason(ReasonCode.BECAUSE_OF, item=1, verb="saved"), "Because you saved Ohm's law"),
        (Reason(ReasonCode.BECAUSE_OF, item=1, verb="launched"), "Because you opened Ohm's law"),
        (Reason(ReasonCode.BECAUSE_OF, item=2, verb="completed"), "Because you follow #circuits"),
        (Reason(ReasonCode.OFTEN_NEXT, item=1), "Often taken after Ohm's law"),
        (
            Reason(ReasonCode.POPULAR_IN_ROLE, role="planner", people=7, days=30),
            "7 people with the role Service planner took this within 30 days",
        ),
        (Reason(ReasonCode.TRENDING, people=9, days=7), "9 people took this within 7 days"),
        (Reason(ReasonCode.SHARES_SKILL, skill="sql", item=1), "More on SQL, like Ohm's law"),
        (Reason(ReasonCode.SHARES_SKILL, skill="sql"), "More on SQL"),
        (Reason(ReasonCode.IN_ROLE, role="planner"), "Meant for the role Service planner"),
        (Reason(ReasonCode.NEW), "New here"),
    ],
)
def test_it_words_every_reason(reason, text):
    assert sentence(reason, NAMES) == text


@pytest.mark.parametrize("code", list(ReasonCode))
def test_it_has_words_for_every_code(code):
    assert isinstance(sentence(Reason(code), NAMES), str)


def test_it_says_nothing_of_an_item_that_the_reader_may_not_see():
    assert sentence(Reason(ReasonCode.BECAUSE_OF, item=99, verb="completed"), NAMES) == ""
