"""Reads the JSON that a provider sends, whatever it turns out to be.

Python's reader takes more than JSON has (NaN) and more than the database holds (NUL, halves of
surrogate pairs); all of that is refused here, so that nothing behind has to think of it.
"""

import json
from typing import Any, NoReturn

from app.errors import Wording

_DEEPEST = 20


def document(body: bytes) -> dict[str, Any]:
    """Return the JSON object (RFC 8259, in UTF-8); raise ValueError for anything else."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise ValueError(Wording("the JSON is nested too deeply")) from error
    if not isinstance(found, dict):
        raise ValueError(Wording("the JSON is not an object"))
    _check(found, _DEEPEST)
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _check(value: Any, levels: int) -> None:
    """Raise ValueError for a text with NUL and for what is nested too deeply."""
    if levels == 0:
        raise ValueError(Wording("the JSON is nested too deeply"))
    if isinstance(value, str) and "\0" in value:
        raise ValueError("the JSON holds a NUL character")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(name, levels - 1)
            _check(inner, levels - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, levels - 1)
