"""The one sentence that says why an item is recommended, in the reader's language.

The recommender gives a code and its evidence; every sentence here says no more than that. Where
what it would speak of cannot be named to this reader, there is no sentence.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from app.sums import FEWEST, told
from recommender.data import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and slugs in reasons are called: titles by id, names by `role:` or `skill:` slug.

    By `tool:` and `curator:` they are those of a tool, and of who curates the page of a role.
    `channels` are those of the items that one follows rather than finishes. People are counted in
    groups of `fewest`.
    """

    titles: Mapping[int, str]
    names: Mapping[str, str]
    channels: Collection[int] = ()
    fewest: int = FEWEST

    def title(self, reason: Reason) -> str:
        """Return the title of the item that the reason speaks of, or an empty text."""
        return self.titles.get(reason.item, "") if reason.item is not None else ""


def sentence(reason: Reason, names: Names) -> str:
    """Return the reason as one sentence; an empty text if what it speaks of cannot be named."""
    return WRITERS[reason.code](reason, names)


def items_named(reasons: Iterable[Reason]) -> set[int]:
    """Return the items whose titles the sentences of these reasons will name."""
    return {reason.item for reason in reasons if reason.item is not None}


def _because_of(reason: Reason, names: Names) -> str:
    title = names.title(reason)
    if not title:
        return ""
    if reason.item in names.channels and reason.verb in _FOLLOWED:
        return gettext("Because you follow %(title)s", title=title)
    if reason.verb == "completed":
        return gettext("Because you finished %(title)s", title=title)
    if reason.verb == "saved":
        return gettext("Because you saved %(title)s", title=title)
    if reason.verb == "liked":
        return gettext("Because you liked %(title)s", title=title)
    if reason.verb == "rated":
        return gettext("Because you rated %(title)s well", title=title)
    if reason.verb == "spent":
        return gettext("Because you spent time on %(title)s", title=title)
    if reason.verb == "found":
        return gettext("Because you searched for %(title)s and opened it", title=title)
    if reason.verb == "viewed":
        return gettext("Because you looked at %(title)s", title=title)
    return gettext("Because you opened %(title)s", title=title)


def _often_next(reason: Reason, names: Names) -> str:
    title = names.title(reason)
    return gettext("Often taken after %(title)s", title=title) if title else ""


def _popular_in_role(reason: Reason, names: Names) -> str:
    role = names.names.get(f"role:{reason.role}", "")
    if not role or not reason.people:
        return ""
    return ngettext(
        "%(num)s person with the role %(role)s took this within %(days)s days",
        "%(num)s people with the role %(role)s took this within %(days)s days",
        told(reason.people, fewest=names.fewest),
        role=role,
        days=reason.days,
    )


def _taken(reason: Reason, names: Names) -> str:
    if not reason.people:
        return ""
    return ngettext(
        "%(num)s person took this within %(days)s days",
        "%(num)s people took this within %(days)s days",
        told(reason.people, fewest=names.fewest),
        days=reason.days,
    )


def _shares_skill(reason: Reason, names: Names) -> str:
    skill = names.names.get(f"skill:{reason.skill}", "")
    title = names.title(reason)
    if not skill:
        return ""
    if title:
        return gettext("More on %(skill)s, like %(title)s", skill=skill, title=title)
    return gettext("More on %(skill)s", skill=skill)


def _in_role(reason: Reason, names: Names) -> str:
    role = names.names.get(f"role:{reason.role}", "")
    return gettext("Meant for the role %(role)s", role=role) if role else ""


def _new(reason: Reason, _names: Names) -> str:
    if not reason.days:
        return ""
    return gettext("Published within the last %(days)s days", days=reason.days)


def _unseen(_reason: Reason, _names: Names) -> str:
    return gettext("You have not opened this lately")


def _first_month(reason: Reason, names: Names) -> str:
    role = names.names.get(f"role:{reason.role}", "")
    if not role or not reason.people:
        return ""
    return ngettext(
        "%(num)s person with the role %(role)s finished this in their first month",
        "%(num)s people with the role %(role)s finished this in their first month",
        told(reason.people, fewest=names.fewest),
        role=role,
    )


def _circle(reason: Reason, names: Names) -> str:
    kind = (reason.circle or "").partition(":")[0]
    if not reason.people or kind not in _CIRCLES:
        return ""
    return _CIRCLES[kind](told(reason.people, fewest=names.fewest), reason.days or 0)


def _department(people: int, days: int) -> str:
    return ngettext(
        "%(num)s person in your department finished this within %(days)s days",
        "%(num)s people in your department finished this within %(days)s days",
        people,
        days=days,
    )


def _location(people: int, days: int) -> str:
    return ngettext(
        "%(num)s person at your location finished this within %(days)s days",
        "%(num)s people at your location finished this within %(days)s days",
        people,
        days=days,
    )


def _group(people: int, days: int) -> str:
    return ngettext(
        "%(num)s person in one of your groups finished this within %(days)s days",
        "%(num)s people in one of your groups finished this within %(days)s days",
        people,
        days=days,
    )


def _pinned(reason: Reason, names: Names) -> str:
    role = names.names.get(f"role:{reason.page}", "")
    curator = names.names.get(f"curator:{reason.page}", "")
    if role and curator:
        return gettext(
            "Pinned for the role %(role)s, whose page %(name)s curates", role=role, name=curator
        )
    return gettext("Pinned for the role %(role)s", role=role) if role else ""


def _next_step(_reason: Reason, _names: Names) -> str:
    return gettext("The next step of your playlist")


def _fits_time(reason: Reason, _names: Names) -> str:
    if not reason.minutes or not reason.has:
        return ""
    return ngettext(
        "Fits your %(has)s minutes: it takes %(num)s minute",
        "Fits your %(has)s minutes: it takes %(num)s minutes",
        reason.minutes,
        has=reason.has,
    )


def _short(reason: Reason, _names: Names) -> str:
    if not reason.minutes:
        return ""
    return ngettext("Takes only %(num)s minute", "Takes only %(num)s minutes", reason.minutes)


def _closes_gap(reason: Reason, names: Names) -> str:
    skill = names.names.get(f"skill:{reason.skill}", "")
    return gettext("Closes a gap: your role asks for %(skill)s", skill=skill) if skill else ""


def _in_language(reason: Reason, _names: Names) -> str:
    return gettext("In your language") if reason.language else ""


def _from_tool(reason: Reason, names: Names) -> str:
    tool = names.names.get(f"tool:{reason.tool}", "")
    if tool:
        return gettext("In %(tool)s, where you come from", tool=tool)
    return gettext("In the tool that you come from") if reason.tool else ""


def _goes_with(reason: Reason, names: Names) -> str:
    title = names.title(reason)
    return gettext("Goes with %(title)s, where you come from", title=title) if title else ""


def _drawn(_reason: Reason, _names: Names) -> str:
    return gettext("Something new, to see whether it suits you")


_FOLLOWED = ("completed", "saved")

_CIRCLES: dict[str, Callable[[int, int], str]] = {
    "dept": _department,
    "loc": _location,
    "group": _group,
}

WRITERS: dict[ReasonCode, Callable[[Reason, Names], str]] = {
    ReasonCode.BECAUSE_OF: _because_of,
    ReasonCode.OFTEN_NEXT: _often_next,
    ReasonCode.POPULAR_IN_ROLE: _popular_in_role,
    ReasonCode.TRENDING: _taken,
    ReasonCode.POPULAR: _taken,
    ReasonCode.SHARES_SKILL: _shares_skill,
    ReasonCode.IN_ROLE: _in_role,
    ReasonCode.NEW: _new,
    ReasonCode.UNSEEN: _unseen,
    ReasonCode.FIRST_MONTH: _first_month,
    ReasonCode.CIRCLE: _circle,
    ReasonCode.PINNED: _pinned,
    ReasonCode.NEXT_STEP: _next_step,
    ReasonCode.FITS_TIME: _fits_time,
    ReasonCode.CLOSES_GAP: _closes_gap,
    ReasonCode.SHORT: _short,
    ReasonCode.IN_LANGUAGE: _in_language,
    ReasonCode.FROM_TOOL: _from_tool,
    ReasonCode.GOES_WITH: _goes_with,
    ReasonCode.DRAWN: _drawn,
}
