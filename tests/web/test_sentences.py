"""The sentence on a card says what the reason says, and no more."""

import pytest

from app.foryou import sentences
from app.foryou.sentences import Names, sentence
from recommender.data import Reason, ReasonCode

NAMES = Names(
    titles={1: "Ohm's law", 2: "#circuits"},
    names={
        "role:planner": "Service planner",
        "role:fitter": "Fitter",
        "skill:sql": "SQL",
        "tool:wiki": "Team wiki",
        "curator:planner": "Jonas Weber",
    },
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
            "5+ people with the role Service planner took this within 30 days",
        ),
        (Reason(ReasonCode.TRENDING, people=9, days=7), "5+ people took this within 7 days"),
        (Reason(ReasonCode.SHARES_SKILL, skill="sql", item=1), "More on SQL, like Ohm's law"),
        (Reason(ReasonCode.SHARES_SKILL, skill="sql"), "More on SQL"),
        (Reason(ReasonCode.IN_ROLE, role="planner"), "Meant for the role Service planner"),
        (Reason(ReasonCode.NEW, days=30), "Published within the last 30 days"),
        (Reason(ReasonCode.BECAUSE_OF, item=1, verb="rated"), "Because you rated Ohm's law well"),
        (
            Reason(ReasonCode.BECAUSE_OF, item=1, verb="spent"),
            "Because you spent time on Ohm's law",
        ),
        (
            Reason(ReasonCode.BECAUSE_OF, item=1, verb="found"),
            "Because you searched for Ohm's law and opened it",
        ),
        (Reason(ReasonCode.BECAUSE_OF, item=1, verb="viewed"), "Because you looked at Ohm's law"),
        (Reason(ReasonCode.BECAUSE_OF, item=1, verb="liked"), "Because you liked Ohm's law"),
        (Reason(ReasonCode.BECAUSE_OF, item=2, verb="launched"), "Because you opened #circuits"),
        (
            Reason(ReasonCode.FIRST_MONTH, role="planner", people=6, days=30),
            "5+ people with the role Service planner finished this in their first month",
        ),
        (
            Reason(ReasonCode.CIRCLE, circle="dept:service", people=8, days=90),
            "5+ people in your department finished this within 90 days",
        ),
        (
            Reason(ReasonCode.CIRCLE, circle="loc:de", people=8, days=90),
            "5+ people at your location finished this within 90 days",
        ),
        (
            Reason(ReasonCode.CIRCLE, circle="group:pilot", people=8, days=90),
            "5+ people in one of your groups finished this within 90 days",
        ),
        (
            Reason(ReasonCode.PINNED, page="planner"),
            "Pinned for the role Service planner, whose page Jonas Weber curates",
        ),
        (Reason(ReasonCode.PINNED, page="fitter"), "Pinned for the role Fitter"),
        (Reason(ReasonCode.NEXT_STEP), "The next step of your playlist"),
        (
            Reason(ReasonCode.FITS_TIME, minutes=8, has=10),
            "Fits your 10 minutes: it takes 8 minutes",
        ),
        (Reason(ReasonCode.SHORT, minutes=4), "Takes only 4 minutes"),
        (Reason(ReasonCode.CLOSES_GAP, skill="sql"), "Closes a gap: your role asks for SQL"),
        (Reason(ReasonCode.IN_LANGUAGE, language="en"), "In your language"),
        (Reason(ReasonCode.FROM_TOOL, tool="wiki"), "In Team wiki, where you come from"),
        (Reason(ReasonCode.FROM_TOOL, tool="lab"), "In the tool that you come from"),
        (Reason(ReasonCode.GOES_WITH, item=1), "Goes with Ohm's law, where you come from"),
        (Reason(ReasonCode.DRAWN), "Something new, to see whether it suits you"),
        (Reason(ReasonCode.UNSEEN), "You have not opened this lately"),
    ],
)
def test_it_words_every_reason(reason, text):
    assert sentence(reason, NAMES) == text


def test_every_code_has_its_writer():
    assert set(sentences.WRITERS) == set(ReasonCode)


BARE = {ReasonCode.NEXT_STEP, ReasonCode.DRAWN, ReasonCode.UNSEEN}


@pytest.mark.parametrize("code", sorted(set(ReasonCode) - BARE))
def test_it_says_nothing_without_evidence(code):
    assert sentence(Reason(code), NAMES) == ""


@pytest.mark.parametrize(
    "reason",
    [
        Reason(ReasonCode.BECAUSE_OF, item=99, verb="completed"),
        Reason(ReasonCode.OFTEN_NEXT, item=99, people=9),
        Reason(ReasonCode.GOES_WITH, item=99),
        Reason(ReasonCode.POPULAR_IN_ROLE, role="nobody", people=9, days=30),
        Reason(ReasonCode.FIRST_MONTH, role="nobody", people=9, days=30),
        Reason(ReasonCode.PINNED, page="nobody"),
        Reason(ReasonCode.CLOSES_GAP, skill="nothing"),
        Reason(ReasonCode.CIRCLE, circle="role:planner", people=9, days=90),
    ],
)
def test_it_says_nothing_of_what_it_cannot_name_to_this_reader(reason):
    assert sentence(reason, NAMES) == ""
