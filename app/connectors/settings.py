"""A tool's settings as a dataclass that also says how the administrator's form asks for them.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Settings(ToolSettings):
        token: str = setting(Wording("Token"), Ask.SECRET, needed=True)

Every tool has an `address`. Secrets are sealed in the database and opened only for a run.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar

from app.errors import Invalid, Wording
from app.outbound import OutboundRefused, parsed

_YES = frozenset({"1", "true", "yes", "on"})
_LONGEST = 2000
_NUMBER = 1_000_000_000
_NO_ADDRESS = Wording("This must be an address such as https://learn.example.com.")
S = TypeVar("S", bound="ToolSettings")


class Ask(StrEnum):
    """How a setting is asked for."""

    ADDRESS = "address"
    TEXT = "text"
    LINES = "lines"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    SECRET = "secret"  # noqa: S105 (a way of asking)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name and how it is asked for. `choices` are values with their labels."""

    name: str
    label: Wording
    ask: Ask
    hint: Wording | None
    needed: bool
    default: object
    choices: Mapping[str, Wording]


def setting(
    label: Wording,
    ask: Ask = Ask.TEXT,
    *,
    hint: Wording | None = None,
    needed: bool = False,
    default: Any = "",
    choices: Mapping[str, Wording] | None = None,
) -> Any:
    """Return a dataclass field that carries how it is asked for."""
    asked = {"label": label, "ask": ask, "hint": hint, "needed": needed, "choices": choices or {}}
    return field(default=default, metadata=asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSettings:
    """What every tool needs: where it is."""

    address: str = setting(Wording("Address"), Ask.ADDRESS, needed=True)


def settings_of(kind: type[ToolSettings]) -> tuple[Setting, ...]:
    """Return the settings of a tool in the order in which they are asked for."""
    return tuple(
        Setting(name=each.name, default=None if each.default is MISSING else each.default, **asked)
        for each in fields(kind)
        if (asked := dict(each.metadata))
    )


def secret_names(kind: type[ToolSettings]) -> frozenset[str]:
    """Return the names of the settings that nobody may read again."""
    return frozenset(one.name for one in settings_of(kind) if one.ask is Ask.SECRET)


def read_settings(kind: type[S], values: Mapping[str, object]) -> S:
    """Return the settings made of form or JSON values; raise Invalid naming each bad one."""
    read: dict[str, Any] = {}
    complaints: dict[str, str] = {}
    for one in settings_of(kind):
        try:
            read[one.name] = _read(one, values.get(one.name))
        except ValueError as error:
            complaints[one.name] = error.args[0]
    if complaints:
        raise Invalid(complaints)
    return kind(**read)


def _read(one: Setting, value: object) -> object:
    text = "" if value is None else str(value).replace("\0", "").strip()
    if one.ask is Ask.SWITCH:
        return text.casefold() in _YES
    if not text:
        if one.needed:
            raise ValueError(Wording("Please fill this in."))
        return one.default
    if len(text) > _LONGEST * (10 if one.ask is Ask.LINES else 1):
        raise ValueError(Wording("This is too long."))
    if one.ask is Ask.NUMBER:
        return _number(text)
    if one.ask is Ask.CHOICE and text not in one.choices:
        raise ValueError(Wording("Please choose one of the list."))
    if one.ask is Ask.ADDRESS:
        return _address(text)
    return text


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 12 or int(text) > _NUMBER:
        raise ValueError(Wording("This must be a whole number."))
    return int(text)


def _address(text: str) -> str:
    """Return the address without a slash at its end; it has a host, no password and no fragment."""
    try:
        url = parsed(text)
    except OutboundRefused as error:
        raise ValueError(_NO_ADDRESS) from error
    if url.scheme not in {"https", "http"} or not url.host:
        raise ValueError(_NO_ADDRESS)
    if url.userinfo:
        raise ValueError(Wording("Leave user name and password out of the address."))
    if "#" in text:
        raise ValueError(Wording("Leave out what follows the “#”: it never reaches the tool."))
    return text.rstrip("/")
