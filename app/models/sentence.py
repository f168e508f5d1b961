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
        return json.dumps(parts_of(value), default=str) if value else value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the Wording that was kept, or the text."""
        return whole(json.loads(value)) if value else value


def parts_of(value: Any) -> Any:
    """Return a sentence as JSON values; anything else as it is."""
    if not isinstance(value, Wording):
        return value
    return [value.template, {name: parts_of(one) for name, one in value.values.items()}]


def whole(parts: Any) -> Any:
    """Return the Wording that `parts_of` took apart, or the text."""
    if not isinstance(parts, list):
        return parts
    template, values = parts
    return Wording(template, **{name: whole(one) for name, one in values.items()})
