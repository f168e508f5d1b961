"""Statements that may be made about one item for one person, each only if it is true.

Every function looks at the item at `at` of a case and returns a reason with its evidence, or None
where there is nothing true to say. `recommender.proof` derives each of them again from raw events.
"""

from collections.abc import Callable

from recommender.case import ByGroup, Case
from recommender.data import DAY, Reason, ReasonCode
from recommender.reach import CIRCLE_DAYS, FIRST_DAYS, POPULAR_DAYS, TREND_DAYS

NEW_DAYS = 30
NEWCOMER_DAYS = 90
SHORT_MINUTES = 10

Maker = Callable[[Case, int], Reason | None]


def because_of(case: Case, at: int) -> Reason | None:
    """Claim that the person took something that others took along with it."""
    cause = case.causes[at]
    if cause is None or cause not in case.verbs or cause == case.chosen[at]:
        return None
    return Reason(ReasonCode.BECAUSE_OF, item=cause, verb=case.verbs[cause])


def often_next(case: Case, at: int) -> Reason | None:
    """Claim that at least five people went from an item of the history straight on to this one."""
    step = case.forerunners[at]
    if step is None or step[0] not in case.verbs or step[0] == case.chosen[at]:
        return None
    return _counted(case, ReasonCode.OFTEN_NEXT, step[1])._replace(item=step[0])


def popular_in_role(case: Case, at: int) -> Reason | None:
    """Claim that five or more people of a role of the person took it in the last month."""
    best = _most(case.in_roles, at)
    if best is None:
        return None
    return _counted(case, ReasonCode.POPULAR_IN_ROLE, best[0], POPULAR_DAYS)._replace(role=best[1])


def first_month(case: Case, at: int) -> Reason | None:
    """Claim that five or more people of a role finished it within 30 days of their start."""
    best = _most(case.in_first_month, at)
    if best is None:
        return None
    return _counted(case, ReasonCode.FIRST_MONTH, best[0], FIRST_DAYS)._replace(role=best[1])


def first_month_for_newcomers(case: Case, at: int) -> Reason | None:
    """Claim the same to somebody who began here or in their role in the last 90 days."""
    for since in (case.context.started, case.context.role_since):
        if since is not None and 0 <= case.context.now - since <= NEWCOMER_DAYS * DAY:
            return first_month(case, at)
    return None


def in_circle(case: Case, at: int) -> Reason | None:
    """Claim that five or more people of a group, department or location finished it of late."""
    best = _most(case.in_circles, at)
    if best is None:
        return None
    return _counted(case, ReasonCode.CIRCLE, best[0], CIRCLE_DAYS)._replace(circle=best[1])


def trending(case: Case, at: int) -> Reason | None:
    """Claim that five or more people took it in the week before training."""
    people = case.trending[at]
    return None if people is None else _counted(case, ReasonCode.TRENDING, people, TREND_DAYS)


def popular(case: Case, at: int) -> Reason | None:
    """Claim that five or more people took it in the month before training."""
    people = case.popular[at]
    return None if people is None else _counted(case, ReasonCode.POPULAR, people, POPULAR_DAYS)


def pinned(case: Case, at: int) -> Reason | None:
    """Claim that curators pinned it to the page of a role of the person."""
    page = case.context.pins.get(case.chosen[at])
    return None if page is None else Reason(ReasonCode.PINNED, page=page)


def next_step(case: Case, at: int) -> Reason | None:
    """Claim that it is the next step of a playlist of the person."""
    return Reason(ReasonCode.NEXT_STEP) if case.chosen[at] in case.context.steps else None


def fits_time(case: Case, at: int) -> Reason | None:
    """Claim that it takes no more minutes than the person says they have."""
    minutes, has = case.facts(at).minutes, case.context.minutes
    if not minutes or has is None or minutes > has:
        return None
    return Reason(ReasonCode.FITS_TIME, minutes=minutes, has=has)


def short(case: Case, at: int) -> Reason | None:
    """Claim that it takes ten minutes at most, which is what suits a phone."""
    minutes = case.facts(at).minutes
    if not minutes or minutes > SHORT_MINUTES:
        return None
    return Reason(ReasonCode.SHORT, minutes=minutes)


def closes_gap(case: Case, at: int) -> Reason | None:
    """Claim that it teaches a skill that a role of the person asks for and they have not shown."""
    for skill in case.facts(at).skills:
        if skill in case.context.gaps:
            return Reason(ReasonCode.CLOSES_GAP, skill=skill)
    return None


def in_language(case: Case, at: int) -> Reason | None:
    """Claim that it is in the language of the person."""
    language = case.facts(at).language
    if not language or language != case.context.language:
        return None
    return Reason(ReasonCode.IN_LANGUAGE, language=language)


def from_tool(case: Case, at: int) -> Reason | None:
    """Claim that it lives in the tool that the person comes from."""
    tool = case.facts(at).tool
    return Reason(ReasonCode.FROM_TOOL, tool=tool) if tool and tool == case.context.tool else None


def goes_with(case: Case, at: int) -> Reason | None:
    """Claim that it goes with the item the person comes from: taken by the same people, or alike.

    Alike are two items that teach the same skill.
    """
    origin = case.context.origin
    if origin is None or origin == case.chosen[at]:
        return None
    theirs = case.items[origin].skills if origin in case.items else ()
    for skill in case.facts(at).skills:
        if skill in theirs:
            return Reason(ReasonCode.GOES_WITH, item=origin, skill=skill)
    return Reason(ReasonCode.GOES_WITH, item=origin) if case.beside_origin[at] else None


def shares_skill(case: Case, at: int) -> Reason | None:
    """Claim that it teaches a skill that something in the person's history teaches too."""
    skills = set(case.facts(at).skills)
    for item in reversed(case.verbs):
        theirs = case.items[item].skills if item in case.items else ()
        for skill in theirs:
            if skill in skills and item != case.chosen[at]:
                return Reason(ReasonCode.SHARES_SKILL, item=item, skill=skill)
    return None


def in_role(case: Case, at: int) -> Reason | None:
    """Claim that it is tagged with one of the person's roles."""
    for role in case.facts(at).roles:
        if role in case.context.roles:
            return Reason(ReasonCode.IN_ROLE, role=role)
    return None


def new(case: Case, at: int) -> Reason | None:
    """Claim that it was published within the last thirty days."""
    published = case.facts(at).published
    if published is None or not 0 <= case.context.now - published <= NEW_DAYS * DAY:
        return None
    return Reason(ReasonCode.NEW, days=NEW_DAYS)


def _most(groups: ByGroup, at: int) -> tuple[int, str] | None:
    """Return the most people that may be told of at one item, and of which group they are."""
    told = [(people, name) for name, counts in groups if (people := counts[at]) is not None]
    return max(told, key=lambda each: each[0], default=None)


def _counted(case: Case, code: ReasonCode, people: int, days: int | None = None) -> Reason:
    return Reason(code, people=people, days=days, until=case.model.trained_at)
