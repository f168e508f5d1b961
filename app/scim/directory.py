"""What SCIM users and groups mean for people: who is made, found again, changed and let go.

A client touches only people whom it made or adopted: somebody with the same e-mail address who is
no SCIM client's yet, but never an administrator appointed in Foyer itself. So a directory can
neither take over nor lock out the account that is there for the day the directory is down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from scim2_models import InvalidValueException, UniquenessException
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Access
from app.models import Person, ScimClient, ScimGroup, ScimMember, ScimUser
from app.people.directory import EVERY_DOMAIN, Taken, add_from_profile, take_profile
from app.people.mapping import AttributeMapping, Profile, profile
from app.people.queries import person_by_email
from app.people.service import switch_person
from app.scim.attributes import Attributes, attributes, difference, is_active

_SHOWN = frozenset({"department", "roles", "groups", "access", "active"})
NO_ADDRESS = (
    "emails: the user has no e-mail address, and userName is none either; "
    "Foyer needs one to tell who this is"
)
ANOTHERS = "emails: somebody has this e-mail address whom another SCIM user stands for"
LOCAL_ADMIN = (
    "emails: this is an administrator who was appointed in Foyer itself; no SCIM client may "
    "take the account over"
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a write did to one person."""

    person: Person
    taken: Taken

    def details(self) -> dict[str, Any]:
        """Return, for the audit log, which fields changed, and the values that give rights."""
        changes = self.taken.changes
        return {
            "fields": [one.field for one in changes],
            "changes": [asdict(one) for one in changes if one.field in _SHOWN],
            "remarks": [str(one) for one in self.taken.remarks],
        }


class People:
    """The people whom one client speaks of; `effects` fill up as its writes go on."""

    def __init__(self, session: Session, client: ScimClient, *, now: datetime) -> None:
        """Read the client's mapping; `now` is the moment at which new people begin."""
        self.session = session
        self.client = client
        self.now = now
        self.mapping = AttributeMapping.from_json(client.mapping)
        self.effects: list[Effect] = []

    def join(self, user: ScimUser) -> None:
        """Find or make the new user's person.

        Raises InvalidValueException without an e-mail address, UniquenessException when the
        person is another user's or an administrator of Foyer's own.
        """
        made = self._profile(user, attributes(user.body))
        if not made.email:
            raise InvalidValueException(detail=NO_ADDRESS)
        person = person_by_email(self.session, made.email)
        if person is None:
            person, taken = add_from_profile(
                self.session, made, source=self.client.slug, now=self.now
            )
        else:
            self._check_adoption(person)
            taken = self._take(person, made)
        user.person_id = person.id
        self._switch(person, taken, active=is_active(user.body))
        self.effects.append(Effect(person, taken))

    def follow(self, user: ScimUser, before: Mapping[str, Any]) -> None:
        """Bring the person up to date; what the user no longer says is emptied.

        Somebody whom an administrator switched off stays so until the client says anew that the
        user is active. Raises UniquenessException for an address that is somebody else's.
        """
        person = self.session.get_one(Person, user.person_id)
        taken = self._take(person, self._profile(user, difference(before, user.body)))
        active = is_active(user.body)
        if active != is_active(before) or not active:
            self._switch(person, taken, active=active)
        self.effects.append(Effect(person, taken))

    def leave(self, user: ScimUser) -> None:
        """Switch the person off, which ends their sessions; what they learned stays."""
        person = self.session.get_one(Person, user.person_id)
        taken = Taken()
        self._switch(person, taken, active=False)
        self.effects.append(Effect(person, taken))

    def regroup(self, users: Iterable[ScimUser]) -> None:
        """Bring people up to date with their groups, if the mapping makes anything of groups."""
        if self._heeds_groups():
            self.reread(users)

    def reread(self, users: Iterable[ScimUser]) -> None:
        """Hold the mapping against what users have said, as after a change of its rules."""
        for user in users:
            person = self.session.get_one(Person, user.person_id)
            taken = self._take(person, self._profile(user, attributes(user.body)))
            if taken.changes:
                self.effects.append(Effect(person, taken))

    def _heeds_groups(self) -> bool:
        ruled = any(one.field == "groups" for one in self.mapping.rules)
        return ruled or self.mapping.groups_as_they_are

    def _profile(self, user: ScimUser, said: Attributes) -> Profile:
        if said.get("manager"):
            said["manager"] = (self._manager(said["manager"][0]),)
        if self._heeds_groups():
            said["groups"] = tuple(self._groups(user.id))
        return profile(self.mapping, said)

    def _manager(self, value: str) -> str:
        """Return the e-mail address of the manager if it is a user of this client."""
        wanted = (
            select(Person.email)
            .join(ScimUser, ScimUser.person_id == Person.id)
            .where(ScimUser.client_id == self.client.id, ScimUser.id == value.lower())
        )
        return self.session.scalar(wanted) or value

    def _groups(self, user_id: str) -> Iterable[str]:
        """Return the names of a user's groups; for rules also their ids, which nobody renames."""
        wanted = (
            select(ScimGroup)
            .join(ScimMember, ScimMember.group_id == ScimGroup.id)
            .where(ScimGroup.client_id == self.client.id, ScimMember.value == user_id)
            .order_by(ScimGroup.created_at, ScimGroup.id)
        )
        for group in self.session.scalars(wanted):
            yield group.body["displayName"]
            if not self.mapping.groups_as_they_are:
                yield group.id
                yield from (group.body["externalId"],) if group.external_id else ()

    def _take(self, person: Person, made: Profile) -> Taken:
        return take_profile(
            self.session, person, made, source=self.client.slug, speaks_for=EVERY_DOMAIN
        )

    def _check_adoption(self, person: Person) -> None:
        if self.session.scalar(select(ScimUser.id).where(ScimUser.person_id == person.id)):
            raise UniquenessException(detail=ANOTHERS)
        if person.access == Access.ADMIN and not person.access_from:
            raise UniquenessException(detail=LOCAL_ADMIN)

    def _switch(self, person: Person, taken: Taken, *, active: bool) -> None:
        """Let the person come in, or end every session of theirs."""
        words = {True: "yes", False: "no"}
        if taken.note("active", words[person.active], words[active]):
            switch_person(self.session, person, active=active)
