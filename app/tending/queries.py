"""Reads for tending the search: groups of synonyms, choices of boosts, what people search for.

What people search for is only ever counted, as distinct people, and said only where at least so
many of them did; no statement here returns a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.models import (
    Experiment,
    Person,
    RankingChoice,
    RecentSearch,
    Role,
    SynonymGroup,
    Training,
)
from app.sums import AtLeast, told


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with the name of who changed it last; empty if they have left."""

    group: SynonymGroup
    by: str


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A choice of boosts with the name of who made it; empty if they have left."""

    choice: RankingChoice
    by: str


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A training with the name of who asked for it; empty for the nightly one."""

    training: Training
    by: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What people searched for, as it is compared, and how many people did, in whole groups."""

    text: str
    people: AtLeast


@dataclass(frozen=True, slots=True)
class KeptSearches:
    """How many different searches are kept, and how many of them found nothing."""

    searches: int
    without_results: int


def all_groups(session: Session) -> list[GroupRow]:
    """Return all groups, the one that was changed last first."""
    rows = session.execute(
        select(SynonymGroup, Person.name)
        .outerjoin(Person, Person.id == SynonymGroup.changed_by_id)
        .order_by(SynonymGroup.changed_at.desc(), SynonymGroup.id.desc())
    )
    return [GroupRow(group, name or "") for group, name in rows]


def group_row(session: Session, group_id: int) -> GroupRow | None:
    """Return the group as the database has it now, or None."""
    row = session.execute(
        select(SynonymGroup, Person.name)
        .outerjoin(Person, Person.id == SynonymGroup.changed_by_id)
        .where(SynonymGroup.id == group_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return GroupRow(row[0], row[1] or "") if row else None


def choices(session: Session, limit: int) -> list[ChoiceRow]:
    """Return the last choices of boosts, the one that is live first."""
    rows = session.execute(
        select(RankingChoice, Person.name)
        .outerjoin(Person, Person.id == RankingChoice.chosen_by_id)
        .order_by(RankingChoice.id.desc())
        .limit(limit)
    )
    return [ChoiceRow(choice, name or "") for choice, name in rows]


def choice(session: Session, choice_id: int) -> RankingChoice | None:
    """Return one choice of boosts, or None."""
    return session.get(RankingChoice, choice_id)


def newest_choice_id(session: Session) -> int:
    """Return the id of the choice that is live, 0 if nobody has made one."""
    return session.scalar(select(func.max(RankingChoice.id))) or 0


def past_experiments(session: Session, limit: int) -> Sequence[Experiment]:
    """Return the experiments that have ended, the last one first."""
    return session.scalars(
        select(Experiment)
        .where(Experiment.ended_at.is_not(None))
        .order_by(Experiment.ended_at.desc(), Experiment.id.desc())
        .limit(limit)
    ).all()


def newest_training(session: Session, *, after: int) -> Training | None:
    """Return the training that began last, if it is newer than the one with the id `after`."""
    return session.scalar(
        select(Training).where(Training.id > after).order_by(Training.id.desc()).limit(1)
    )


def past_trainings(session: Session, limit: int) -> list[TrainingRow]:
    """Return the trainings that have ended, the last one first."""
    rows = session.execute(
        select(Training, Person.name)
        .outerjoin(Person, Person.id == Training.asked_by_id)
        .where(Training.ended_at.is_not(None))
        .order_by(Training.id.desc())
        .limit(limit)
    )
    return [TrainingRow(training, name or "") for training, name in rows]


def roles(session: Session) -> list[tuple[str, str]]:
    """Return slug and name of every role, by name."""
    rows = session.execute(select(Role.slug, Role.name).order_by(func.lower(Role.name), Role.slug))
    return [(slug, name) for slug, name in rows]


def most_asked(session: Session, *, at_least: int, limit: int) -> list[Asked]:
    """Return what most people searched for, if at least so many did."""
    return _asked(session, _people_by_text(at_least), limit, at_least)


def most_failing(session: Session, *, at_least: int, limit: int) -> list[Asked]:
    """Return what most people searched for and found nothing, if at least so many did."""
    failed = _people_by_text(at_least).where(RecentSearch.results == 0)
    return _asked(session, failed, limit, at_least)


def kept_searches(session: Session, *, at_least: int) -> KeptSearches | None:
    """Return how many searches are kept; None if they are of fewer people than `at_least`."""
    people, searches, failed = session.execute(
        select(
            func.count(RecentSearch.person_id.distinct()),
            func.count(RecentSearch.id),
            func.sum(case((RecentSearch.results == 0, 1), else_=0)),
        )
    ).one()
    return KeptSearches(searches, failed or 0) if people >= at_least else None


def _people_by_text(at_least: int) -> Select[*tuple[Any, ...]]:
    people = func.count(RecentSearch.person_id.distinct())
    return (
        select(RecentSearch.folded, people)
        .where(RecentSearch.folded != "")
        .group_by(RecentSearch.folded)
        .having(people >= at_least)
        .order_by(people.desc(), RecentSearch.folded)
    )


def _asked(
    session: Session, wanted: Select[*tuple[Any, ...]], limit: int, at_least: int
) -> list[Asked]:
    rows: Sequence[Any] = session.execute(wanted.limit(limit)).all()
    asked = [Asked(text, told(people, fewest=at_least)) for text, people in rows]
    return sorted(asked, key=lambda one: (-one.people, one.text))
