"""Who may change a role's page.

An administrator; whoever answers for the page; those to whom it was given, until a day perhaps.
While nobody of these is there, any curator may. Somebody who has left, or who is no curator any
more, counts as not there, so that no page is ever without anybody who may change it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from app.access import GRANTS, Access, Permission
from app.errors import Invalid, NotAllowed, NotFound, Wording
from app.models import PageCurator, Person, RolePage

_CURATORS = sorted(access.value for access in GRANTS[Permission.CURATE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Somebody to whom the page was given, until a day perhaps; that day counts."""

    id: int
    name: str
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody stands with a page, and who else may change it.

    `answers` is who answers for it, as (id, name). `may_give` is who may give it to others,
    `may_take` whether it can be taken because nobody answers for it.
    """

    may_change: bool
    may_give: bool
    may_take: bool
    answers: tuple[int, str] | None
    helpers: tuple[Helper, ...]

    @property
    def names(self) -> list[str]:
        """Return the names of those to ask, who answers for it first."""
        first = [self.answers[1]] if self.answers else []
        return [*first, *(each.name for each in self.helpers)]

    @property
    def people(self) -> list[int]:
        """Return the ids of those to ask."""
        first = [self.answers[0]] if self.answers else []
        return list(dict.fromkeys([*first, *(each.id for each in self.helpers)]))


def standing_of(session: Session, role_id: int, person_id: int, *, on: date) -> Standing:
    """Return where a person stands with the page of a role on this day, in one statement."""
    answers = Person.id.in_(select(RolePage.curator_id).where(RolePage.role_id == role_id))
    helps = PageCurator.role_id.is_not(None)
    rows = session.execute(
        select(Person.id, Person.name, Person.access, case((answers, 1), else_=0), helps)
        .add_columns(PageCurator.until)
        .outerjoin(PageCurator, and_(PageCurator.person_id == Person.id, _given(role_id, on)))
        .where(or_(Person.id == person_id, and_(_is_there(), or_(answers, helps))))
        .order_by(Person.name, Person.id)
    ).all()
    own = next((row for row in rows if row[0] == person_id), None)
    named = [row for row in rows if row[3] or row[4]]
    first = next(((row[0], row[1]) for row in named if row[3]), None)
    rules = own is not None and own[2] == Access.ADMIN.value
    is_named = any(row[0] == person_id for row in named)
    is_first = first is not None and first[0] == person_id
    return Standing(
        may_change=rules or is_named or not named,
        may_give=rules or is_first,
        may_take=first is None,
        answers=first,
        helpers=tuple(Helper(id=row[0], name=row[1], until=row[5]) for row in named if row[4]),
    )


def in_charge(session: Session, role_ids: Iterable[int], *, on: date) -> dict[int, list[int]]:
    """Return by role the people who answer for its page or were given it, in one statement."""
    wanted = sorted(set(role_ids))
    answering = (
        select(RolePage.role_id, Person.id)
        .join(Person, Person.id == RolePage.curator_id)
        .where(RolePage.role_id.in_(wanted), _is_there())
    )
    given = (
        select(PageCurator.role_id, Person.id)
        .join(Person, Person.id == PageCurator.person_id)
        .where(PageCurator.role_id.in_(wanted), _is_there(), _lasts(on))
    )
    found: dict[int, list[int]] = {}
    for role_id, person_id in session.execute(answering.union(given)):
        found.setdefault(role_id, []).append(person_id)
    return found


def check(session: Session, role_id: int, person_id: int, *, on: date) -> Standing:
    """Return where the person stands; raise NotAllowed, naming whom to ask, if they may not."""
    found = standing_of(session, role_id, person_id, on=on)
    if not found.may_change:
        raise NotAllowed(
            Wording(
                "This page is looked after by %(names)s. Ask them to change it.",
                names=", ".join(found.names),
            )
        )
    return found


def curators(session: Session) -> Sequence[tuple[int, str, str]]:
    """Return (id, name, e-mail address) of everybody to whom a page can be given, by name."""
    rows = session.execute(
        select(Person.id, Person.name, Person.email)
        .where(_is_there())
        .order_by(Person.name, Person.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def take(session: Session, role_id: int, *, by: int, on: date) -> None:
    """Let somebody answer for a page for which nobody does; raise NotAllowed if somebody does."""
    if not standing_of(session, role_id, by, on=on).may_take:
        raise NotAllowed(Wording("Somebody looks after this page already."))
    _answer(session, role_id, by)


def hand_over(session: Session, role_id: int, person_id: int, *, by: int, on: date) -> None:
    """Let another curator answer for the page; raise Invalid for somebody who is none."""
    _check_gives(session, role_id, by, on)
    _check_curator(session, person_id)
    _answer(session, role_id, person_id)


def give(
    session: Session,
    role_id: int,
    person_id: int,
    *,
    until: date | None,
    by: int,
    now: datetime,
) -> None:
    """Let another curator change the page too, until a day perhaps.

    Raises NotAllowed for who may not give it, Invalid for somebody who is no curator or a day that
    has gone by.
    """
    _check_gives(session, role_id, by, now.date())
    _check_curator(session, person_id)
    if until is not None and until < now.date():
        raise Invalid({"until": Wording("This day has gone by.")})
    row = session.get(PageCurator, (role_id, person_id))
    if row is None:
        row = PageCurator(role_id=role_id, person_id=person_id, given_at=now)
        session.add(row)
    row.until, row.given_by_id, row.given_at = until, by, now
    session.flush()


def withdraw(session: Session, role_id: int, person_id: int, *, by: int, on: date) -> None:
    """Take the page back from a curator; whoever was given it may give it back themselves."""
    if person_id != by:
        _check_gives(session, role_id, by, on)
    session.execute(
        delete(PageCurator).where(
            PageCurator.role_id == role_id, PageCurator.person_id == person_id
        )
    )


def _check_gives(session: Session, role_id: int, by: int, on: date) -> None:
    if not standing_of(session, role_id, by, on=on).may_give:
        raise NotAllowed(Wording("Only who answers for this page may give it to others."))


def _check_curator(session: Session, person_id: int) -> None:
    if session.scalar(select(Person.id).where(Person.id == person_id, _is_there())) is None:
        raise Invalid({"person": Wording("Please choose a curator.")})


def _answer(session: Session, role_id: int, person_id: int) -> None:
    """Let the person answer for the page and its draft alike."""
    changed = session.execute(
        update(RolePage)
        .where(RolePage.role_id == role_id)
        .values(curator_id=person_id)
        .returning(RolePage.id)
    )
    if not changed.all():
        raise NotFound(Wording("This role has no page."))


def _is_there() -> ColumnElement[bool]:
    return and_(Person.active, Person.access.in_(_CURATORS))


def _given(role_id: int, on: date) -> ColumnElement[bool]:
    return and_(PageCurator.role_id == role_id, _lasts(on))


def _lasts(on: date) -> ColumnElement[bool]:
    return or_(PageCurator.until.is_(None), PageCurator.until >= on)
