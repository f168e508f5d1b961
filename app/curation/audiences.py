"""Audiences as curators choose them: roles, groups, departments and locations that there are.

A token such as `dept:sales` never shows; what it means is said as “Department: Sales”. The name of
a kind is translated where it is shown, so a label is kept in two parts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Select, literal, select, union_all
from sqlalchemy.orm import Session

from app.errors import Invalid, Wording
from app.intake.text import slug
from app.models import EVERYONE, Group, Person, Role


class Part(StrEnum):
    """What an audience can be made of; the value is what its tokens begin with."""

    ROLE = "role"
    GROUP = "group"
    DEPARTMENT = "dept"
    LOCATION = "loc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose: `token` is what is kept, `name` what it is called."""

    token: str
    part: Part
    name: str


def choices(session: Session) -> list[Choice]:
    """Return everything of which an audience can be made, kind by kind, by name."""
    names: CompoundSelect[Any] = union_all(
        select(literal(Part.ROLE.value), Role.slug, Role.name),
        select(literal(Part.GROUP.value), Group.slug, Group.name),
        _places(Part.DEPARTMENT),
        _places(Part.LOCATION),
    )
    found: dict[str, Choice] = {}
    for part, key, name in session.execute(names):
        token = f"{part}:{key or slug(name)}"
        found.setdefault(token, Choice(token=token, part=Part(part), name=name))
    order = list(Part)
    return sorted(found.values(), key=lambda one: (order.index(one.part), one.name.casefold()))


def chosen(known: Iterable[Choice], tokens: Collection[str]) -> list[Choice]:
    """Return what these tokens stand for; of what is there no more, the token's own words.

    `everyone` stands for nothing: whoever chooses nobody means everybody.
    """
    by_token = {choice.token: choice for choice in known}
    return [by_token.get(one) or _gone(one) for one in sorted(tokens) if one not in EVERYONE]


def tokens_of(
    known: Collection[Choice], *, kept: Collection[str], added: str = "", before: Collection[str]
) -> tuple[str, ...]:
    """Return the tokens of an audience that was chosen, sorted; none where nobody is named.

    `kept` are ticked tokens, of which those count that there are or were in the audience `before`;
    `added` is a name as the page offers it, or a plain name. Raises Invalid for a name that nothing
    has.
    """
    there = {choice.token for choice in known} | set(before)
    found = {token for token in kept if token in there and token not in EVERYONE}
    if added.strip():
        found.add(_called(known, added))
    return tuple(sorted(found))


def _called(known: Collection[Choice], text: str) -> str:
    """Return the token of what is called so, with or without its kind before a colon."""
    wanted = text.strip().casefold()
    short = wanted.rpartition(": ")[2]
    kind = wanted.partition(": ")[0] if ": " in wanted else ""
    named = [one for one in known if one.name.casefold() in {wanted, short}]
    exact = [one for one in named if kind and one.part.value.startswith(kind[:3])]
    for choice in exact or named:
        return choice.token
    raise Invalid({"audience": Wording("Nothing here is called “%(name)s”.", name=text.strip())})


def _places(part: Part) -> Select[str, None, str | None]:
    column = Person.department if part is Part.DEPARTMENT else Person.location
    wanted = select(literal(part.value), literal(None), column)
    return wanted.where(column.is_not(None), column != "").distinct()


def _gone(token: str) -> Choice:
    part, _, name = token.partition(":")
    known = part if part in set(Part) else Part.GROUP.value
    return Choice(token=token, part=Part(known), name=name or token)
