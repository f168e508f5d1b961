"""The one sentence that says why an item is recommended, in the reader's language.

The recommender gives a code and its evidence; every sentence here says no more than that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from recommender.data import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and slugs in reasons are called: titles by id, names by `role:` or `skill:` slug.

    `channels` are those of the items that one follows rather than finishes.
    """

    titles: Mapping[int, str]
    names: Mapping[str, str]
    channels: Collection[int] = ()

    def title(self, reason: Reason) -> str:
        """Return the title of the item that the reason speaks of, or an empty text."""
        return self.titles.get(reason.item, "") if reason.item is not None else ""


def sentence(reason: Reason, names: Names) -> str:
    """Return the reason as one sentence; an empty text if what it speaks of cannot be named."""
    return _WRITERS[reason.code](reason, names)


def items_named(reasons: Iterable[Reason]) -> set[int]:
    """Return the items whose titles the sentences of these reasons will name."""
    return {reason.item for reason in reasons if reason.item is not None}


def _because_of(reason: Reason, names: Names) -> str:
    title = names.title(reason)
    if not title:
        return ""
    if reason.item in names.channels:
        return gettext("Because you follow %(title)s", title=title)
    if reason.verb == "completed":
        return gettext("Because you finished %(title)s", title=title)
    if reason.verb == "saved":
        return gettext("Because you saved %(title)s", title=title)
    if reason.verb == "liked":
        return gettext("Because you liked %(title)s", title=title)
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
        reason.people,
        role=role,
        days=reason.days,
    )


def _taken(reason: Reason, _names: Names) -> str:
    if not reason.people:
        return ""
    return ngettext(
        "%(num)s person took this within %(days)s days",
        "%(num)s people took this within %(days)s days",
        reason.people,
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


def _new(_reason: Reason, _names: Names) -> str:
    return gettext("New here")


def _unseen(_reason: Reason, _names: Names) -> str:
    return gettext("You have not opened this yet")


_WRITERS = {
    ReasonCode.BECAUSE_OF: _because_of,
    ReasonCode.OFTEN_NEXT: _often_next,
    ReasonCode.POPULAR_IN_ROLE: _popular_in_role,
    ReasonCode.TRENDING: _taken,
    ReasonCode.POPULAR: _taken,
    ReasonCode.SHARES_SKILL: _shares_skill,
    ReasonCode.IN_ROLE: _in_role,
    ReasonCode.NEW: _new,
    ReasonCode.UNSEEN: _unseen,
}
