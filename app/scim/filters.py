"""Narrows a SCIM filter to rows that may match, so that common questions are answered by an index.

The condition in SQL is necessary, never sufficient: the library's own evaluator has the last word
over the rows that are left. Whatever a condition cannot be made of is left to the evaluator alone.
"""

from collections.abc import Callable
from typing import Any
from unicodedata import normalize

from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    ValuePath,
)
from sqlalchemy import ColumnElement, and_, false, or_, select

from app.models import ScimEmail, ScimGroup, ScimMember, ScimUser
from app.scim.protocol import CORE_GROUP, CORE_USER

Condition = ColumnElement[bool]
_LONGEST = 200
_LONGEST_ADDRESS = 320


def folded(text: str, longest: int = _LONGEST) -> str:
    """Return the text as columns keep it where letters of any case are the same."""
    return normalize("NFC", normalize("NFC", text).lower())[:longest]


def exact(text: str) -> str:
    """Return the text as columns keep it where case matters (RFC 7643 section 3.1)."""
    return normalize("NFC", text)[:_LONGEST]


def address(text: str) -> str:
    """Return an e-mail address or user name as columns keep it."""
    return folded(text, _LONGEST_ADDRESS)


def _has_email(value: str) -> Condition:
    return ScimUser.id.in_(select(ScimEmail.user_id).where(ScimEmail.value == address(value)))


def _has_member(value: str) -> Condition:
    return ScimGroup.id.in_(select(ScimMember.group_id).where(ScimMember.value == folded(value)))


_Maker = Callable[[str], Condition]
_USER: dict[str, _Maker] = {
    "id": lambda value: ScimUser.id == value,
    "username": lambda value: ScimUser.user_name == address(value),
    "externalid": lambda value: ScimUser.external_id == exact(value),
    "displayname": lambda value: ScimUser.display_name == folded(value),
    "emails": _has_email,
    "emails.value": _has_email,
}
_GROUP: dict[str, _Maker] = {
    "id": lambda value: ScimGroup.id == value,
    "externalid": lambda value: ScimGroup.external_id == exact(value),
    "displayname": lambda value: ScimGroup.display_name == folded(value),
    "members": _has_member,
    "members.value": _has_member,
}
_KNOWN = {ScimUser: (CORE_USER, _USER), ScimGroup: (CORE_GROUP, _GROUP)}


def condition(node: FilterNode, rows: type[ScimUser] | type[ScimGroup]) -> Condition | None:
    """Return what every matching row fulfils, or None where nothing can be said in SQL."""
    schema, makers = _KNOWN[rows]
    return _Narrowing(schema, makers).of(node, "")


class _Narrowing:
    def __init__(self, schema: str, makers: dict[str, _Maker]) -> None:
        self.schema = schema.lower()
        self.makers = makers

    def of(self, node: FilterNode, prefix: str) -> Condition | None:
        """Return the condition for a node; `prefix` is the attribute whose brackets it is in."""
        if isinstance(node, Comparison):
            return self._comparison(node, prefix)
        if isinstance(node, ValuePath):
            name = self._name(node.attr_path, "")
            return self.of(node.val_filter, f"{name}.") if name else None
        if isinstance(node, LogicalExpr):
            return self._joined(node, prefix)
        return None

    def _comparison(self, node: Comparison, prefix: str) -> Condition | None:
        name = self._name(node.attr_path, prefix)
        maker = self.makers.get(name) if name else None
        if maker is None or node.op is not CompareOperator.eq or not isinstance(node.value, str):
            return None
        return maker(node.value) if _can_be_stored(node.value) else false()

    def _joined(self, node: LogicalExpr, prefix: str) -> Condition | None:
        terms = [self.of(term, prefix) for term in node.terms]
        known = [term for term in terms if term is not None]
        if node.op is LogicalOperator.and_:
            return and_(*known) if known else None
        return or_(*known) if len(known) == len(terms) else None

    def _name(self, path: AttrPath, prefix: str) -> str | None:
        """Return the attribute in lower case, or None for one of another schema."""
        if path.uri is not None and path.uri.lower() != self.schema:
            return None
        parts = [path.attr, path.sub_attr] if path.sub_attr else [path.attr]
        return prefix + ".".join(parts).lower()


def _can_be_stored(value: Any) -> bool:
    """Tell whether a text could be in the database at all: PostgreSQL takes neither of these."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
