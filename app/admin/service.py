"""What an administrator changes about one person; nobody locks the last administrator out."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access import Access
from app.admin import queries
from app.auth.service import end_sessions_at, end_sessions_of
from app.errors import NotAllowed, NotFound, Wording
from app.models import Identity, LoginSession, Person


def change_access(session: Session, person: Person, access: Access, *, by: int) -> None:
    """Give the person an access level that no provider takes away again.

    Raises NotAllowed where it would take the administrator's level from `by` themselves, or from
    the last one who can sign in.
    """
    if access is not Access.ADMIN:
        _must_not_lock_out(session, person, by)
    person.access, person.access_from = access.value, ""
    session.flush()


def switch_person(session: Session, person: Person, *, active: bool, by: int) -> int:
    """Let the person sign in or not; who may not is signed out at once. Return from how many.

    Raises NotAllowed for `by` themselves, and for the last administrator who can sign in.
    """
    if not active:
        _must_not_lock_out(session, person, by)
    person.active = active
    session.flush()
    return 0 if active else end_sessions_of(session, person.id)


def unlink(session: Session, person: Person, identity_id: int) -> Identity:
    """Forget a provider's name for the person, end what it began, and return what was forgotten.

    Raises NotFound for an identity that is not theirs.
    """
    found = queries.identity_of(session, person.id, identity_id)
    if found is None:
        raise NotFound(Wording("This identity is not linked any more."))
    end_sessions_at(session, found.provider_id, subject=found.subject)
    session.delete(found)
    session.flush()
    return found


def end_sessions(session: Session, person: Person, session_id: int | None) -> int:
    """End one session of the person, or without a number all of them; return how many ended."""
    if session_id is None:
        return end_sessions_of(session, person.id)
    one = session.query(LoginSession).filter_by(id=session_id, person_id=person.id)
    return one.delete()


def _must_not_lock_out(session: Session, person: Person, by: int) -> None:
    if person.id == by:
        raise NotAllowed(
            Wording("You cannot take your own access away. Ask another administrator.")
        )
    if _lock_administrators(session) == {person.id}:
        raise NotAllowed(Wording("This is the last administrator who can sign in."))


def _lock_administrators(session: Session) -> set[int]:
    """Return the administrators who can sign in, and let nobody else change them meanwhile.

    Writing what is there already locks on SQLite too, where `FOR UPDATE` does nothing.
    """
    return set(
        session.scalars(
            update(Person)
            .where(Person.access == Access.ADMIN.value, Person.active)
            .values(active=Person.active)
            .returning(Person.id)
            .execution_options(synchronize_session=False)
        )
    )
