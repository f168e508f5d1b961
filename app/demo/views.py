"""Signing in as somebody of the sample company: one click, and only where FOYER_DEMO=1."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app import clock
from app.access import Access
from app.audit import trail
from app.auth import login
from app.auth.queries import session_with_provider
from app.auth.views import wanted_address
from app.auth.ways import SignInWay
from app.demo import files
from app.errors import NotFound
from app.models import Person, PersonRole
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("sample", __name__)
METHOD = "sample company"
_LARGEST_ID = 2**31 - 1


class Sample(NamedTuple):
    """Somebody of the sample company as the sign-in page shows them."""

    id: int
    name: str
    role: str
    duty: str
    about: str

    @property
    def initials(self) -> str:
        """Return the letters for the round picture."""
        parts = self.name.split()
        return (parts[0][:1] + parts[-1][:1]).upper()


@bp.post("/sign-in/sample")
def sign_in() -> ResponseReturnValue:
    """Sign the browser in as a person of the sample company and go on to where they wanted."""
    person = sample_person(db_session(), request.form.get("person_id", type=int))
    login.sign_in(person, METHOD)
    trail.note("auth.sign_in", actor=person.name, actor_id=person.id, method=METHOD)
    return redirect(wanted_address(), code=303)


@bp.post("/sign-in/sample/prove")
def prove() -> ResponseReturnValue:
    """Let a reader of the sample company show who they are by saying so."""
    begun = session_with_provider(db_session(), viewer().session_id)
    if begun is None or begun.method != METHOD:
        raise NotFound(_("This browser did not sign in as somebody of the sample company."))
    login.prove(viewer().session_id, at=clock.now())
    trail.note("auth.prove", method=METHOD)
    return redirect(wanted_address(), code=303)


def sample_person(session: Session, person_id: int | None) -> Person:
    """Return a person of the sample company; raise NotFound for anybody else."""
    known = person_id is not None and 0 < person_id <= _LARGEST_ID
    person = session.get(Person, person_id) if known else None
    if person is None or person.email not in _lines():
        raise NotFound(_("There is nobody of the sample company with that number."))
    return person


def people_to_be(session: Session) -> Mapping[str, Any]:
    """Return who stands on the sign-in page (`offered`) and who can be chosen (`others`)."""
    rows = session.scalars(
        select(Person)
        .where(Person.email.in_(_lines()), Person.active)
        .order_by(Person.id)
        .options(selectinload(Person.roles).joinedload(PersonRole.role))
    )
    ranks = list(Access)
    samples = [
        _sample(row) for row in sorted(rows, key=lambda row: ranks.index(Access(row.access)))
    ]
    return {
        "offered": [one for one in samples if one.about],
        "others": sorted((one for one in samples if not one.about), key=lambda one: one.name),
    }


WAY = SignInWay("sample", "auth/_sample_people.html", people_to_be)


def _sample(person: Person) -> Sample:
    role = person.roles[0].role.name if person.roles else ""
    return Sample(person.id, person.name, role, _duty(person.access), _lines()[person.email])


def _duty(access: str) -> str:
    """Return what somebody does in Foyer beside learning, in the reader's language."""
    return {Access.CURATOR.value: _("curator"), Access.ADMIN.value: _("administrator")}.get(
        access, ""
    )


@cache
def _lines() -> dict[str, str]:
    """Return everybody's line for the sign-in page by e-mail address; empty for most."""
    return {person.email: person.sign_in or "" for person in files.load().people}
