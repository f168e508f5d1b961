"""Fields of an item that a curator has changed: they stay, and what the tool says is kept beside.

A locked field is named in `Item.locked`; `Item.told` holds what the tool says of it now, so that a
curator sees where the two differ and can take the tool's again.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

EDITABLE = ("title", "summary", "kind", "level", "minutes", "language", "skills", "roles")


def heard(
    told: Mapping[str, Any], locked: Collection[str], said: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a tool says of the locked fields, once it has `said` these values.

    What it left out now (an audience) stays as it was told; what is not locked is dropped. The
    values can be kept as JSON.
    """
    now = {**told, **{name: _plain(value) for name, value in said.items()}}
    return {name: now[name] for name in now if name in locked}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
