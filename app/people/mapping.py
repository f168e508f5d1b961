"""What an identity provider or HR system calls things, turned into what the directory knows.

Every provider has its own names for the same facts (plain words, claim URIs, OIDs) and its own
groups. A mapping says which names to read for each field and which values stand for a job role, a
group or an access level. Access beyond employee is never read from a field: only a rule gives it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.access import Access

FIELDS = (
    "email",
    "name",
    "given_name",
    "family_name",
    "external_id",
    "department",
    "location",
    "manager",
    "roles",
    "groups",
    "locale",
)
Gift = Literal["role", "group", "access"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever has `value` (any case of letters) in the field `field` is given `name`.

    `field` is `groups` or any other of FIELDS; `gives` says what `name` is.
    """

    field: str
    value: str
    gives: Gift
    name: str


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """For each field the attribute names to read, best first, and the rules on their values."""

    sources: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "AttributeMapping":
        """Read the stored form; what it leaves out is as in the usual names.

        Raises Invalid naming the field or rule that cannot be used.
        """
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Return the form that is stored."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What was made of the attributes. `said` holds the fields that they spoke of at all.

    `manager` is an e-mail address or external id; `access` is None where no rule of the mapping
    speaks of access, so that what the person has stays; `origins` says which attribute each field
    came from, `unread` which attributes nothing was made of.
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
    origins: Mapping[str, str]
    unread: tuple[str, ...] = ()


def profile(mapping: AttributeMapping, received: Mapping[str, Sequence[str]]) -> Profile:
    """Return what the mapping makes of the received attributes, each a list of texts."""
    raise NotImplementedError
