"""The attribute names and rules of a mapping, read from its stored form with care."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard, get_args

from app.access import Access
from app.errors import Invalid, Wording
from app.intake.text import slug
from app.people.attribute_names import USUAL

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
MOST_SOURCES, MOST_RULES = 30, 1000
LONGEST_SOURCE, LONGEST_VALUE, LONGEST_NAME = 300, 500, 80
SEPARATORS = ("", ";", "|", ",")
_PARTS = frozenset({"sources", "rules", "groups_as_they_are", "separator"})
_RULE_PARTS = frozenset({"field", "value", "gives", "name"})


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
    """For each field the attribute names to read, best first, and the rules on their values.

    `groups_as_they_are` lets every value of `groups` be a group here, which thousands in a
    directory would make unusable; otherwise only rules make groups. `separator` parts the values
    of `roles` and `groups` of a provider that sends them as one text; without it a value is one
    name, since whoever may name a group could otherwise name themselves into another one.
    """

    sources: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(USUAL))
    rules: tuple[Rule, ...] = ()
    groups_as_they_are: bool = False
    separator: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "AttributeMapping":
        """Read the stored form; what it leaves out is as in the usual names.

        Raises Invalid naming the field or rule that cannot be used: `sources.email`, `rules.2`
        (counted from 1), `groups_as_they_are`, `separator` or `mapping`.
        """
        _check_parts(data, _PARTS, "mapping")
        as_they_are, separator = data.get("groups_as_they_are", False), data.get("separator", "")
        if not isinstance(as_they_are, bool):
            raise Invalid({"groups_as_they_are": Wording("Say true or false.")})
        if separator not in SEPARATORS:
            raise Invalid({"separator": Wording("Use a semicolon, a comma or a vertical bar.")})
        sources, rules = _sources(data.get("sources", {})), _rules(data.get("rules", []))
        return cls(sources, rules, as_they_are, separator)

    def to_json(self) -> dict[str, Any]:
        """Return the form that is stored: only what differs from the usual names."""
        own = {name: self.sources.get(name, ()) for name in FIELDS}
        stored: dict[str, Any] = {
            "sources": {name: list(own[name]) for name in FIELDS if own[name] != USUAL[name]},
            "rules": [
                {"field": one.field, "value": one.value, "gives": one.gives, "name": one.name}
                for one in self.rules
            ],
        }
        if self.groups_as_they_are:
            stored["groups_as_they_are"] = True
        if self.separator:
            stored["separator"] = self.separator
        return stored


def folded(text: str) -> str:
    """Return the text for comparing in any case of letters, white space folded.

    A letter that only looks like an ASCII letter never becomes one (the Kelvin sign is no k), so
    that nobody can name a group that passes for another.
    """
    return "".join(map(_folded_letter, " ".join(text.split())))


def _check_parts(data: object, parts: frozenset[str], where: str) -> None:
    """Raise Invalid naming `where` unless the data is an object of these parts and no others."""
    if not isinstance(data, Mapping):
        raise Invalid({where: Wording("This must be a JSON object.")})
    strange = sorted(str(part) for part in data if part not in parts)
    if strange:
        name = "".join(filter(str.isprintable, strange[0]))[:60]
        raise Invalid({where: Wording("“%(name)s” is not part of a mapping.", name=name)})


def _sources(data: Any) -> dict[str, tuple[str, ...]]:
    """Return the attribute names of every field; raise Invalid naming `sources.<field>`."""
    _check_parts(data, frozenset(FIELDS), "sources")
    return {name: _names(name, data[name]) if name in data else USUAL[name] for name in FIELDS}


def _rules(data: object) -> tuple[Rule, ...]:
    """Return the rules; raise Invalid naming `rules` or `rules.<number from 1>`."""
    if not isinstance(data, list | tuple) or len(data) > MOST_RULES:
        why = Wording("The rules must be a list of at most %(most)s.", most=MOST_RULES)
        raise Invalid({"rules": why})
    return tuple(_rule(number, one) for number, one in enumerate(data, start=1))


def _names(name: str, names: object) -> tuple[str, ...]:
    if not _are_lines(names):
        why = Wording(
            "The sources of %(field)s must be a list of at most %(most)s names.",
            field=name,
            most=MOST_SOURCES,
        )
        raise Invalid({f"sources.{name}": why})
    return tuple(dict.fromkeys(one.strip() for one in names))


def _are_lines(names: object) -> TypeGuard[Sequence[str]]:
    return (
        isinstance(names, list | tuple)
        and len(names) <= MOST_SOURCES
        and all(_is_line(one, LONGEST_SOURCE) for one in names)
    )


def _rule(number: int, data: Any) -> Rule:
    where = f"rules.{number}"
    _check_parts(data, _RULE_PARTS, where)
    of, value, gives, name = (data.get(part) for part in ("field", "value", "gives", "name"))
    complaint = _complaint(number, of, value, gives, name)
    if complaint:
        raise Invalid({where: complaint})
    return Rule(of, " ".join(value.split()), gives, " ".join(name.split()))


def _complaint(number: int, of: Any, value: Any, gives: Any, name: Any) -> Wording | None:
    if of not in FIELDS:
        return Wording("The field of rule %(number)s is not known.", number=number)
    if not _is_line(value, LONGEST_VALUE):
        return Wording("Rule %(number)s needs a value of one line.", number=number)
    if gives not in get_args(Gift):
        return Wording("Rule %(number)s must give a role, a group or access.", number=number)
    if gives == "access" and name not in list(Access):
        return Wording("The access level of rule %(number)s is not known.", number=number)
    if not _is_line(name, LONGEST_NAME) or not 0 < len(slug(name)) <= LONGEST_NAME:
        return Wording("Rule %(number)s needs a name of at most 80 letters.", number=number)
    return None


def _is_line(text: object, longest: int) -> bool:
    """Tell whether this is one printable line that says something."""
    return (
        isinstance(text, str)
        and bool(text.strip())
        and len(text) <= longest
        and (text.isprintable())
    )


def _folded_letter(letter: str) -> str:
    lower = letter.casefold()
    return lower if lower.isascii() == letter.isascii() else letter
