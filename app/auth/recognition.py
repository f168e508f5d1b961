"""Whom a provider speaks of: known by its own name for them, found by e-mail address, or added.

A person is known by (provider, subject) alone (ASVS 5.0, 6.8.1), so that no provider can speak for
another's people, and an address that is given to somebody else does not give them the account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, false, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from app.access import Access
from app.errors import Conflict, Invalid, Untrusted, Wording
from app.models import Identity, IdentityProvider, Person, ScimClient
from app.people.directory import Taken, add_from_profile, may_speak_for, take_profile
from app.people.mapping import AttributeMapping, Profile, profile

NO_SUBJECT = Wording("Your identity provider did not say who you are in a way that can be used.")
PASSING = Wording(
    "Your identity provider calls you by another name at each visit, so you cannot be known again. "
    "Ask your administrator: the provider must send a persistent NameID."
)
NO_ADDRESS = Wording("Your identity provider did not send your e-mail address.")
NOT_VERIFIED = Wording("Your identity provider has not verified your e-mail address.")
FOREIGN_ADDRESS = Wording("This identity provider may not sign in people with your address.")
SPOKEN_FOR = Wording(
    "Somebody with your e-mail address signs in in another way. Ask your administrator."
)
APPOINTED_HERE = Wording(
    "You are an administrator here, and an e-mail address alone does not prove that. Sign in with "
    "a one-time link, try this identity provider on its page, and link it to your account there."
)
LEFT = Wording("You can no longer sign in here.")
NOT_HERE = Wording("You are not in the directory yet. Ask your administrator to add you.")
CLASH = Wording("What your identity provider says of you is said of somebody else here already.")
UNREADABLE = Wording("This identity provider is not set up properly. Ask your administrator.")
_YES = frozenset({"true", "1", "yes"})
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a provider has proved about somebody, in any protocol.

    `subject` is the NameID or `sub`; `authenticated_at` is when the provider last saw them prove
    it (AuthnInstant, `auth_time`); `session_index` is the provider's name for its session (OIDC:
    `sid`), `ends_by` when that ends. `message_id` (assertion ID, or `jti`) and `fingerprint`
    (SHA-256 of the certificate, or key id) go to the audit log.
    """

    subject: str
    attributes: Mapping[str, tuple[str, ...]]
    message_id: str
    fingerprint: str
    authenticated_at: datetime | None = None
    session_index: str = ""
    ends_by: datetime | None = None
    subject_format: str = ""
    id_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who came, what was made of their attributes, and what that changed in the directory."""

    person: Person
    made: Profile
    taken: Taken
    is_new: bool = False
    is_first: bool = False


def recognise(
    session: Session,
    provider: IdentityProvider,
    arrival: Arrival,
    *,
    now: datetime,
    reader_id: int | None = None,
) -> Visit:
    """Return who came, the directory brought up to date. Raises Untrusted when nobody may come.

    `reader_id` is the administrator who only tries the provider out. When another request adds or
    links the same person at the same moment, the database lets one of them through and the other
    looks again.
    """
    _check(arrival)
    made = made_of(provider, arrival)
    _begin_to_write(session)
    try:
        with session.begin_nested():
            return _visit(session, provider, arrival, made, now, reader_id)
    except (IntegrityError, Conflict):
        pass
    try:
        with session.begin_nested():
            return _visit(session, provider, arrival, made, now, reader_id)
    except (IntegrityError, Conflict) as error:
        reason = Wording("an e-mail address or subject is another person's")
        raise Untrusted(CLASH, reason) from error


def link_tried(
    session: Session, provider: IdentityProvider, person: Person, subject: str, *, now: datetime
) -> None:
    """Let the provider sign a person in whom it named in a try-out, as they themselves ask.

    Raises Untrusted when they have left, or a provider speaks for them already.
    """
    _check_unspoken_for(session, person)
    _link(session, provider, person, subject, now)


def made_of(provider: IdentityProvider, arrival: Arrival) -> Profile:
    """Return what the provider's mapping makes of the attributes; raise Untrusted if it cannot."""
    try:
        return profile(AttributeMapping.from_json(provider.mapping), arrival.attributes)
    except Invalid as error:
        raise Untrusted(UNREADABLE, f"the mapping cannot be used: {error}") from error


def _begin_to_write(session: Session) -> None:
    """Open SQLite's transaction for writing before the first look into the directory.

    A savepoint that opened it would commit with its release, and a look before the lock could
    not be followed by a write once somebody else has written.
    """
    session.execute(delete(Identity).where(false()))


def _check(arrival: Arrival) -> None:
    """Refuse names that could not be kept whole: half a name is somebody else's."""
    subject = arrival.subject
    if not subject.strip() or not subject.isprintable() or len(subject) > 1024:
        raise Untrusted(NO_SUBJECT, Wording("the subject is empty, too long or not printable"))
    if arrival.subject_format == _TRANSIENT:
        reason = Wording("the NameID is transient: the provider must send a persistent one")
        raise Untrusted(PASSING, reason)
    if len(arrival.session_index) > 300 or len(arrival.subject_format) > 200:
        raise Untrusted(
            NO_SUBJECT, Wording("the session index or the subject's format is too long")
        )


def _visit(
    session: Session,
    provider: IdentityProvider,
    arrival: Arrival,
    made: Profile,
    now: datetime,
    reader_id: int | None,
) -> Visit:
    identity = _known(session, provider, arrival.subject)
    if identity is None:
        return _first_visit(session, provider, arrival, made, now, reader_id)
    return _next_visit(session, provider, arrival, made, identity, now)


def _next_visit(
    session: Session,
    provider: IdentityProvider,
    arrival: Arrival,
    made: Profile,
    identity: Identity,
    now: datetime,
) -> Visit:
    if not identity.person.active:
        raise Untrusted(LEFT, Wording("the person is switched off"))
    identity.last_used_at = now
    taken = _update(session, provider, arrival, identity.person, made)
    return Visit(person=identity.person, made=made, taken=taken)


def _first_visit(
    session: Session,
    provider: IdentityProvider,
    arrival: Arrival,
    made: Profile,
    now: datetime,
    reader_id: int | None,
) -> Visit:
    """Find the person by address, or add them; another request may just have done so."""
    _check_address(provider, arrival, made)
    found = session.scalar(select(Person).where(Person.email == made.email).with_for_update())
    if found is None:
        if not provider.creates_people:
            raise Untrusted(
                NOT_HERE, Wording("nobody has the address, and the provider adds nobody")
            )
        person, taken = add_from_profile(session, made, source=provider.slug, now=now)
        _link(session, provider, person, arrival.subject, now)
        return Visit(person=person, made=made, taken=taken, is_new=True, is_first=True)
    if identity := _known(session, provider, arrival.subject):
        return _next_visit(session, provider, arrival, made, identity, now)
    _check_unspoken_for(session, found)
    if found.id != reader_id:
        _check_appointed_elsewhere(session, provider, made, found)
    _link(session, provider, found, arrival.subject, now)
    taken = _update(session, provider, arrival, found, made)
    return Visit(person=found, made=made, taken=taken, is_first=True)


def _known(session: Session, provider: IdentityProvider, subject: str) -> Identity | None:
    return session.scalar(
        select(Identity)
        .where(Identity.provider_id == provider.id, Identity.subject == subject)
        .options(joinedload(Identity.person))
    )


def _check_address(provider: IdentityProvider, arrival: Arrival, made: Profile) -> None:
    """Refuse an address by which nobody may be found or added."""
    if not made.email:
        raise Untrusted(NO_ADDRESS, Wording("the mapping finds no usable e-mail address"))
    if not may_speak_for(made.email, provider.email_domains):
        raise Untrusted(
            FOREIGN_ADDRESS, Wording("the provider may not speak for the address's domain")
        )
    if not _is_verified(arrival):
        raise Untrusted(NOT_VERIFIED, Wording("email_verified is not true"))


def _check_unspoken_for(session: Session, person: Person) -> None:
    """Refuse to take over somebody who has left, or whom a provider knows already."""
    if not person.active:
        raise Untrusted(LEFT, Wording("the person is switched off"))
    if session.scalar(select(Identity.id).where(Identity.person_id == person.id).limit(1)):
        raise Untrusted(
            SPOKEN_FOR, Wording("the person is known by another provider or subject already")
        )


def _check_appointed_elsewhere(
    session: Session, provider: IdentityProvider, made: Profile, person: Person
) -> None:
    """Refuse to find an administrator by address alone, but for one whom this source appointed.

    Whoever runs a provider can give anybody any address, and is not yet an administrator here.
    SCIM clients appoint people for the provider of the same company to sign in.
    """
    if person.access != Access.ADMIN or made.access is Access.ADMIN:
        return
    appointed_by = select(ScimClient.id).where(ScimClient.slug == person.access_from)
    if person.access_from != provider.slug and session.scalar(appointed_by) is None:
        reason = Wording("an administrator appointed elsewhere is not found by address alone")
        raise Untrusted(APPOINTED_HERE, reason)


def _link(
    session: Session, provider: IdentityProvider, person: Person, subject: str, now: datetime
) -> None:
    session.add(
        Identity(
            provider_id=provider.id,
            person_id=person.id,
            subject=subject,
            created_at=now,
            last_used_at=now,
        )
    )
    session.flush()


def _update(
    session: Session, provider: IdentityProvider, arrival: Arrival, person: Person, made: Profile
) -> Taken:
    domains = provider.email_domains if _is_verified(arrival) else ()
    return take_profile(session, person, made, source=provider.slug, speaks_for=domains)


def _is_verified(arrival: Arrival) -> bool:
    """Tell whether the provider does not say itself that the address is unproven (OIDC 5.1)."""
    said = [
        value.strip().lower()
        for name, values in arrival.attributes.items()
        if name.lower() == "email_verified"
        for value in values
    ]
    return all(value in _YES for value in said)
