"""A mapping as a form: one text per field, one row per rule, read back with every complaint."""

import re
from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from app.people.attribute_names import USUAL
from app.people.mapping import FIELDS, AttributeMapping
from app.people.rules import Rule

EMPTY_ROWS = 4


def sources_as_text(mapping: AttributeMapping) -> dict[str, str]:
    """Return each field's attribute names, one a line; empty where they are the usual ones."""
    return {
        name: "" if names == USUAL[name] else "\n".join(names)
        for name in FIELDS
        for names in (mapping.sources.get(name, ()),)
    }


def rows(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules followed by some empty ones to be filled in."""
    return [*rules, *[Rule("groups", "", "role", "")] * EMPTY_ROWS]


def typed_rows(form: "MultiDict[str, str]") -> list[Rule]:
    """Return the rules as they were typed, right or wrong, followed by some empty ones."""
    typed = [Rule(*cells) for cells in _cells(form) if cells[1] or cells[3]]  # type: ignore[arg-type]
    return rows(typed)


def mapping_in(form: "MultiDict[str, str]", kept: AttributeMapping) -> AttributeMapping:
    """Return the mapping that the form says; what it has no field for stays as it was kept.

    Raises Invalid naming the field or rule that cannot be used.
    """
    sources = {name: _names(form.get(f"source_{name}", "")) for name in FIELDS}
    data = kept.to_json() | {
        "sources": {name: names for name, names in sources.items() if names},
        "rules": [
            {"field": field, "value": value, "gives": gives, "name": name}
            for field, value, gives, name in _cells(form)
            if value or name
        ],
        "groups_as_they_are": form.get("groups_as_they_are") == "1",
    }
    return AttributeMapping.from_json(data)


def _names(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[\n\r]+", text) if name.strip()]


def _cells(form: "MultiDict[str, str]") -> list[tuple[str, ...]]:
    columns = [form.getlist(f"rule_{part}") for part in ("field", "value", "gives", "name")]
    return [tuple(cell.strip() for cell in row) for row in zip(*columns, strict=False)]
