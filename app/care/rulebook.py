"""Writes of the rules of care. The job that tends items follows them; none of these commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.care.caring import curators_of
from app.care.rules import MOST_MONTHS
from app.errors import Invalid, NotFound, Wording
from app.models import CareRule, Kind, Tool

NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A rule as it is typed: ids, kinds and months as texts; empty where it says nothing."""

    tool: str = ""
    kind: str = ""
    owner: str = ""
    review: str = ""
    sunset: str = ""


def words_of(rule: CareRule) -> Words:
    """Return a rule as it would be typed."""
    return Words(
        tool=str(rule.tool_id or ""),
        kind=rule.kind or "",
        owner=str(rule.owner_id or ""),
        review=_months(rule.review_months),
        sunset=_months(rule.sunset_months),
    )


def tools(session: Session) -> list[Tool]:
    """Return the tools that a rule may be for, by name."""
    return list(session.scalars(select(Tool).order_by(Tool.name, Tool.id)))


def rule_to_change(session: Session, rule_id: int) -> CareRule:
    """Return a rule, removed or not; raise NotFound if there is none."""
    found = session.scalar(
        select(CareRule)
        .where(CareRule.id == rule_id)
        .options(joinedload(CareRule.tool), joinedload(CareRule.owner))
    )
    if found is None:
        raise NotFound(Wording("There is no such rule."))
    return found


def read(
    session: Session, words: Words, *, now: datetime, changing: CareRule | None = None
) -> CareRule:
    """Return the rule that was typed, not yet kept.

    Raises Invalid that names what cannot be: an unknown tool, kind or owner, months that are no
    number from 1 to 240, a rule that says nothing, or a second rule for the same tool and kind.
    """
    wrong: dict[str, str] = {}
    known_tools = {str(tool.id): tool.id for tool in tools(session)}
    owners = {str(person_id): person_id for person_id, _ in curators_of(session)}
    if changing is not None and changing.owner_id is not None:
        owners[str(changing.owner_id)] = changing.owner_id
    if words.tool and words.tool not in known_tools:
        wrong["tool"] = Wording("There is no such tool.")
    if words.kind and words.kind not in set(Kind):
        wrong["kind"] = Wording("There is no such kind.")
    if words.owner and words.owner not in owners:
        wrong["owner"] = Wording("Only curators can look after items.")
    months = {name: _read_months(name, getattr(words, name), wrong) for name in _MONTHS}
    if not (words.owner or words.review or words.sunset):
        wrong["owner"] = Wording("Set at least one: an owner, when to look, or when they leave.")
    rule = CareRule(
        tool_id=known_tools.get(words.tool),
        kind=words.kind or None,
        owner_id=owners.get(words.owner),
        review_months=months["review"],
        sunset_months=months["sunset"],
        made_at=now,
    )
    if not wrong and _other_for_the_same(session, rule, changing) is not None:
        wrong["tool"] = Wording("There is a rule for this tool and kind already. Change that one.")
    if wrong:
        raise Invalid(wrong)
    return rule


def add(session: Session, rule: CareRule) -> CareRule:
    """Keep a rule that was read."""
    session.add(rule)
    _followed_soon(session)
    return rule


def change(session: Session, kept: CareRule, rule: CareRule) -> None:
    """Let a kept rule say what was read."""
    for name in ("tool_id", "kind", "owner_id", "review_months", "sunset_months", "made_at"):
        setattr(kept, name, getattr(rule, name))
    kept.removed_at = None
    _followed_soon(session)


def remove(session: Session, rule_id: int, *, now: datetime) -> CareRule:
    """Take a rule away; it can be brought back."""
    rule = rule_to_change(session, rule_id)
    rule.removed_at = rule.removed_at or now
    _followed_soon(session)
    return rule


def restore(session: Session, rule_id: int, *, now: datetime) -> CareRule:
    """Bring a removed rule back; raise Invalid if another one is for the same by now."""
    rule = rule_to_change(session, rule_id)
    if rule.removed_at is not None:
        if _other_for_the_same(session, rule, rule) is not None:
            raise Invalid({"tool": Wording("There is another rule for this tool and kind now.")})
        rule.removed_at, rule.made_at = None, now
        _followed_soon(session)
    return rule


_MONTHS = ("review", "sunset")


def _followed_soon(session: Session) -> None:
    """Let the job tend items anew once the transaction is committed."""
    session.flush()
    session.info["care_outdated"] = True


def _read_months(name: str, text: str, wrong: dict[str, str]) -> int | None:
    if not text:
        return None
    if text == NEVER:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MONTHS):
        wrong[name] = Wording("Type a number of months from 1 to %(most)d.", most=MOST_MONTHS)
        return None
    return int(text)


def _months(months: int | None) -> str:
    return {None: "", 0: NEVER}.get(months, str(months))


def _other_for_the_same(session: Session, rule: CareRule, but: CareRule | None) -> CareRule | None:
    wanted = select(CareRule).where(
        CareRule.removed_at.is_(None),
        CareRule.tool_id.is_not_distinct_from(rule.tool_id),
        CareRule.kind.is_not_distinct_from(rule.kind),
    )
    if but is not None:
        wanted = wanted.where(CareRule.id != but.id)
    return session.scalar(wanted.limit(1))
