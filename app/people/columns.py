"""Lines of an HR export in its own words, read through a mapping as a provider's attributes are."""

import re
from collections.abc import Mapping

from app.access import Access
from app.people.imports import FIELDS
from app.people.mapping import AttributeMapping, Profile, profile
from app.people.rules import folded

_BETWEEN = re.compile(r"[;|]")
_SAME_EVERYWHERE = ("started_on", "active", "time_zone")
_LISTS = ("roles", "groups")


def translated(
    values: Mapping[str, object], mapping: AttributeMapping, *, allow_access: bool
) -> dict[str, object]:
    """Return the line under the names that the import of people knows.

    A column `access` means nothing; a rule gives access, and only if `allow_access`. A value that
    cannot be used stays as it is, for the import to complain of, and so does every column that
    nothing was made of, for the import to remark on.
    """
    received = _received(values, mapping)
    made = profile(mapping, received)
    line: dict[str, object] = {name: getattr(made, name) for name in FIELDS if name in made.said}
    line |= {name: list(getattr(made, name)) for name in _LISTS if name in made.said}
    line = _unusable(made, received) | line
    if allow_access and made.access not in (None, Access.EMPLOYEE):
        line["access"] = made.access.value
    line |= {name: values[name] for name in _SAME_EVERYWHERE if name in values}
    return {name: values[name] for name in made.unread if name not in FIELDS} | line


def _received(
    values: Mapping[str, object], mapping: AttributeMapping
) -> dict[str, tuple[str, ...]]:
    lists = {folded(one) for name in _LISTS for one in mapping.sources.get(name, ())}
    return {
        name: _texts(value, parted=folded(name) in lists and not mapping.separator)
        for name, value in values.items()
    }


def _texts(value: object, *, parted: bool) -> tuple[str, ...]:
    """Return a cell as texts: lists of names in one cell are parted by `;` or `|`."""
    if isinstance(value, str):
        return tuple(_BETWEEN.split(value)) if parted else (value,)
    if isinstance(value, list):
        return tuple(text for one in value for text in _texts(one, parted=False))
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**200:
        return ()
    return (str(value),)


def _unusable(made: Profile, received: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Return the first value of each field of which nothing could be made."""
    left = {
        name: next((text for text in received.get(made.origins[name], ()) if text.strip()), "")
        for name in FIELDS
        if name in made.origins and name not in (*made.said, *_LISTS, "locale")
    }
    return {name: text for name, text in left.items() if text}
