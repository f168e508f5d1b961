"""What a curator sees of an item to edit: its fields, what the tool says, who else changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.catalogue.locks import EDITABLE
from app.editing.merging import Values, digest, seen_of
from app.editing.names import Pair, known_names, names_by_slug
from app.editing.queries import differing, size_of_picture, values_to_edit
from app.models import Item, Role, Skill
from app.web.i18n import minutes
from app.web.viewer import viewer

LINKS = "links"  # the tool to which pasted pages belong


@dataclass(frozen=True, slots=True)
class Choices:
    """Skills or roles: boxes of (slug, name, is ticked), what is typed, and all that there are."""

    boxes: list[tuple[str, str, bool]]
    typed: list[str]
    known: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPage:
    """The edit page of an item. Texts by field: `errors`, what others wrote (`crossed`), `told`.

    `seen` are the digests for the form; `told` is None for a field of which nobody knows what the
    tool says. `from_page` tells that no tool but the page itself was read.
    """

    item: Item
    values: Values
    seen: Mapping[str, str]
    skills: Choices
    roles: Choices
    locked: Sequence[str]
    told: Mapping[str, str | None]
    size: tuple[int, int] | None
    from_page: bool
    crossed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form held that could not be kept: its values, the names to add, what is wrong."""

    values: Values
    skills_added: Sequence[str] = ()
    roles_added: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    crossed: Values = field(default_factory=dict)


def field_labels() -> dict[str, str]:
    """Return what the fields are called."""
    return {
        "title": _("Title"),
        "summary": _("Summary"),
        "kind": _("Kind"),
        "level": _("Level"),
        "minutes": _("Minutes"),
        "language": _("Language"),
        "skills": _("Skills"),
        "roles": _("Roles"),
    }


def edit_page(session: Session, item: Item, typed: Typed | None = None) -> EditPage:
    """Gather the page; what was `typed` and not kept stands in the fields."""
    now = values_to_edit(item)
    values = {**now, **(typed.values if typed else {})}
    different = differing(item)
    told = {name: item.told.get(name) for name in different}
    crossed = typed.crossed if typed else {}
    names = _Names(session, [values, told, crossed])
    return EditPage(
        item=item,
        values=values,
        seen=seen_of(now),
        skills=names.choices(Skill, now, values, typed.skills_added if typed else ()),
        roles=names.choices(Role, now, values, typed.roles_added if typed else ()),
        locked=[name for name in EDITABLE if name in item.locked],
        told={name: names.words(name, told[name]) if name in item.told else None for name in told},
        size=size_of_picture(session, item.picture),
        from_page=item.tool.slug == LINKS,
        crossed={name: names.words(name, value) for name, value in crossed.items()},
        errors=typed.errors if typed else {},
    )


class _Names:
    """The names of all skills and roles that the page mentions, and of those to choose from."""

    def __init__(self, session: Session, mentions: Sequence[Values]) -> None:
        def slugs(name: str) -> set[str]:
            return {slug for values in mentions for slug in values.get(name) or ()}

        self._session = session
        self._names = {
            "skills": names_by_slug(session, Skill, slugs("skills")),
            "roles": names_by_slug(session, Role, slugs("roles")),
        }

    def choices(
        self, table: type[Skill] | type[Role], now: Values, values: Values, typed: Sequence[str]
    ) -> Choices:
        name = "skills" if table is Skill else "roles"
        offered = dict.fromkeys([*now[name], *values[name]])
        names = self._names[name] | names_by_slug(
            self._session, table, set(offered) - self._names[name].keys()
        )
        boxes = [(slug, names.get(slug, slug), slug in values[name]) for slug in offered]
        return Choices(
            boxes, list(typed), known_names(self._session, table, tokens=viewer().tokens)
        )

    def words(self, name: str, value: Any) -> str:
        """Return a field's value as a reader reads it; kinds, levels and languages as their codes.

        The page has words for those.
        """
        if name in self._names:
            return ", ".join(self._names[name].get(slug, slug) for slug in value or ())
        if name == "minutes":
            return minutes(value) if value is not None else ""
        return str(value or "")


def named_pairs(boxes: Sequence[Pair]) -> list[str]:
    """Return the slugs of (slug, name) pairs."""
    return [slug for slug, _name in boxes]


def is_changed(value: object, seen: str) -> bool:
    """Tell whether a value differs from the one whose digest was `seen`."""
    return digest(value) != seen
