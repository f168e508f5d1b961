"""A column for a sentence that is read later, by readers of any language."""

import json
from typing import Any

from sqlalchemy import Dialect, Text, TypeDecorator

from app.errors import Wording


class Sentence(TypeDecorator[str]):
    """A text that keeps, of a Wording, the English template and its values."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return a sentence as JSON; no sentence is an empty text."""
        return json.dumps(_parts(value), default=str) if value else value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the Wording that was kept, or the text."""
        return _whole(json.loads(value)) if value else value


def _parts(value: Any) -> Any:
    if not isinstance(value, Wording):
        return value
    return [value.template, {name: _parts(one) for name, one in value.values.items()}]


def _whole(parts: Any) -> Any:
    if not isinstance(parts, list):
        return parts
    template, values = parts
    return Wording(template, **{name: _whole(one) for name, one in values.items()})
