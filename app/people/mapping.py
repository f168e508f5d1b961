"""What an identity provider or HR system calls things, turned into what the directory knows.

Every provider has its own names for the same facts (plain words, claim URIs, OIDs) and its own
groups. A mapping says which names to read for each field and which values stand for a job role, a
group or an access level. Access beyond employee is never read from a field: only a rule gives it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.access import Access
from app.errors import Wording
from app.intake.text import slug
from app.people import cleaning
from app.people.rules import FIELDS, LONGEST_NAME, AttributeMapping, Gift, Rule, folded

__all__ = ["FIELDS", "AttributeMapping", "Gift", "Profile", "Rule", "profile"]
_LISTS = {"roles": "role", "groups": "group"}
_HEEDED_ELSEWHERE = frozenset({"email_verified"})
TOO_MANY_GROUPS = Wording(
    "Instead of groups the provider sent a link to them, as Entra ID does above 150 groups (200 "
    "with OpenID Connect). Let it send only the groups that are assigned to the application."
)
NO_RULE_FOR_GROUPS = Wording("Groups were received, and no rule says what they stand for.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What was made of the attributes. `said` holds the fields that they spoke of at all.

    `manager` is an e-mail address or external id; `access` is None where no rule of the mapping
    speaks of access, so that what the person has stays; `origins` says which attribute each field
    came from, `unread` which attributes nothing was made of, `remarks` what an administrator
    should know.
    """

    email: str = ""
    name: str = ""
    given_name: str = ""
    external_id: str = ""
    department: str = ""
    location: str = ""
    manager: str = ""
    locale: str = ""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    access: Access | None = None
    said: frozenset[str] = frozenset()
    origins: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    remarks: tuple[Wording, ...] = ()


def profile(mapping: AttributeMapping, received: Mapping[str, Sequence[str]]) -> Profile:
    """Return what the mapping makes of the received attributes, each a list of texts."""
    return _Reading(mapping, received).profile()


class _Reading:
    """One reading of received attributes: what was found for each field, and where."""

    def __init__(self, mapping: AttributeMapping, received: Mapping[str, Sequence[str]]) -> None:
        self._mapping = mapping
        self._received = _in_any_case(received)
        self._hidden = frozenset({"groups"} if _groups_are_elsewhere(received) else ())
        self._values: dict[str, list[str]] = {}
        self._origins: dict[str, tuple[str, ...]] = {}
        for name in FIELDS:
            self._take(name)
        self._held = {
            (name, folded(value)) for name, values in self._values.items() for value in values
        }
        self._remarks = [TOO_MANY_GROUPS] if self._hidden else []

    def profile(self) -> Profile:
        """Return what was made of everything."""
        made: dict[str, Any] = {name: text for name, text in self._texts() if text is not None}
        made |= {name: self._given(name) for name in _LISTS if self._is_said(name)}
        if "groups" in self._values and not self._uses_groups():
            self._remarks.append(NO_RULE_FOR_GROUPS)
            del self._origins["groups"]
        return Profile(
            **made,
            access=self._access(),
            said=frozenset(made),
            origins={name: ", ".join(where) for name, where in self._origins.items() if where},
            unread=self._unread(),
            remarks=tuple(self._remarks),
        )

    def _take(self, name: str) -> None:
        """Find the field's values: the first source that has any, for lists all sources."""
        if name in self._hidden:
            return
        sources = [one for one in self._mapping.sources.get(name, ()) if self._has(one)]
        if name not in _LISTS:
            sources = [one for one in sources if self._texts_of(one)][:1] or sources[:1]
        if sources:
            self._values[name] = [text for one in sources for text in self._texts_of(one, name)]
            self._origins[name] = tuple(self._received[folded(one)][0] for one in sources)

    def _has(self, source: str) -> bool:
        return folded(source) in self._received

    def _texts_of(self, source: str, name: str = "") -> list[str]:
        separator = self._mapping.separator if name in _LISTS else ""
        values = self._received[folded(source)][1]
        parts = [part for one in values for part in (one.split(separator) if separator else [one])]
        return [part.strip() for part in parts if part.strip()]

    def _texts(self) -> Iterator[tuple[str, str | None]]:
        """Yield each single field with its text; None where nothing usable was said of it."""
        yield "email", self._usable("email", cleaning.email(self._values.get("email", ())))
        yield "name", self._name()
        yield "given_name", self._line("given_name", 100) or None
        yield "external_id", self._uncut("external_id")
        yield "department", self._line("department", 100)
        yield "location", self._line("location", 100)
        manager = self._first("manager")
        yield "manager", cleaning.manager(manager) if manager else manager
        yield "locale", self._usable("locale", cleaning.locale(self._first("locale") or ""))

    def _first(self, name: str) -> str | None:
        values = self._values.get(name)
        return None if values is None else next(iter(values), "")

    def _line(self, name: str, longest: int) -> str | None:
        text = self._first(name)
        return None if text is None else cleaning.line(text, longest)

    def _uncut(self, name: str) -> str | None:
        """Return an identifier; one that is too long is not read, since its half is another."""
        text = self._line(name, 201)
        return self._usable(name, "" if text and len(text) > 200 else text) if text else text

    def _usable(self, name: str, text: str | None) -> str | None:
        """Return the text; remark on a value of which nothing is left."""
        if not text and self._values.get(name):
            why = Wording("The value of %(field)s cannot be used and was not read.", field=name)
            self._remarks.append(why)
        return text or None

    def _name(self) -> str | None:
        """Return the display name; without one, or if it is an address, given and family name."""
        name, given, family = (
            self._line(one, 200) for one in ("name", "given_name", "family_name")
        )
        if given and family and (not name or "@" in name):
            both = self._origins["given_name"] + self._origins["family_name"]
            self._origins["name"] = both
            return f"{given} {family}"[:200]
        return name or None

    def _given(self, name: str) -> tuple[str, ...]:
        """Return the roles or groups: values as they are, or what rules make of any field."""
        rules = [one for one in self._mapping.rules if self._holds(one)]
        ruled = {folded(one.value) for one in rules if one.field == name}
        names = (
            []
            if name == "groups" and not self._mapping.groups_as_they_are
            else [
                cleaning.name_in(value)
                for value in self._values.get(name, ())
                if folded(value) not in ruled
            ]
        )
        names += [one.name for one in rules if one.gives == _LISTS[name]]
        usable: dict[str, str] = {}
        for one in filter(_can_be_kept, names):
            usable.setdefault(slug(one), one)
        if any(not _can_be_kept(one) for one in names):
            self._remarks.append(
                Wording("A name in %(field)s is too long or has no letters.", field=name)
            )
        return tuple(usable.values())

    def _is_said(self, name: str) -> bool:
        """Tell whether everything that makes up the roles or groups was received."""
        fields = {one.field for one in self._mapping.rules if one.gives == _LISTS[name]}
        if name == "roles" or self._mapping.groups_as_they_are:
            fields.add(name)
        return not fields.isdisjoint(self._values) and fields.isdisjoint(self._hidden)

    def _access(self) -> Access | None:
        """Return the highest level that a rule gives; employee when none of them does."""
        rules = [one for one in self._mapping.rules if one.gives == "access"]
        given = [Access(one.name) for one in rules if self._holds(one)]
        return max(given, key=list(Access).index, default=Access.EMPLOYEE) if rules else None

    def _holds(self, rule: Rule) -> bool:
        return (rule.field, folded(rule.value)) in self._held

    def _uses_groups(self) -> bool:
        ruled = any(one.field == "groups" for one in self._mapping.rules)
        return ruled or self._mapping.groups_as_they_are

    def _unread(self) -> tuple[str, ...]:
        read = {name for names in self._origins.values() for name in names}
        unread = {name for name, _ in self._received.values()} - read
        return tuple(sorted(name for name in unread if folded(name) not in _HEEDED_ELSEWHERE))


def _can_be_kept(name: str) -> bool:
    return len(name) <= LONGEST_NAME and 0 < len(slug(name)) <= LONGEST_NAME


def _in_any_case(received: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, list[str]]]:
    """Return names as received and values by folded name; two spellings of one come together."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name in sorted(received):
        _, values = found.setdefault(folded(name), (name, []))
        values.extend(received[name])
    return found


def _groups_are_elsewhere(received: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether the provider sent a link in place of groups (Entra ID: groups overage claim)."""
    for name, values in received.items():
        key = folded(name)
        if key.endswith("groups.link") or (key == "hasgroups" and "true" in map(folded, values)):
            return True
        if key.startswith("_claim_names") and any(
            "groups" in folded(one) for one in (key, *values)
        ):
            return True
    return False
