"""What Entra ID and Okta send that RFC 7644 does not foresee, put as the library reads it.

These are pure functions over decoded JSON in front of scim2-server; what they do not know they
leave alone, for the library to accept or refuse. What the library itself forgives (`Replace` in
capitals, `"False"` for false, dotted keys, a `remove` with a value) is not their business.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scim2_models import InvalidValueException

from app.scim.protocol import ENTERPRISE

MOST_OPERATIONS = 1000
_MANAGER = f"{ENTERPRISE}:manager"
_PLURAL = frozenset(
    {
        "emails",
        "phonenumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509certificates",
        "members",
    }
)
_READ_ONLY = frozenset({"id", "meta", "groups", "schemas"})
Json = dict[str, Any]


def resource(payload: Any) -> Any:
    """Return the body of a POST or PUT in plain SCIM: lists as objects, a manager as an object."""
    if not isinstance(payload, dict):
        return payload
    return {name: _attribute(name, value) for name, value in payload.items()}


def patch(payload: Any) -> Any:
    """Return the body of a PATCH in plain SCIM, each odd key an operation of its own.

    Raises InvalidValueException for more operations than any directory sends.
    """
    if not isinstance(payload, dict):
        return payload
    plain = dict(payload)
    for name, value in payload.items():
        if name.lower() == "operations" and isinstance(value, list):
            if len(value) > MOST_OPERATIONS:
                why = f"A PATCH has at most {MOST_OPERATIONS} operations"
                raise InvalidValueException(detail=why)
            plain[name] = [one for operation in value for one in _operations(operation)]
    return plain


def check_texts(payload: Any) -> None:
    """Raise InvalidValueException if a text holds NUL, which no PostgreSQL column can keep."""
    waiting = [payload]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and "\0" in one:
            raise InvalidValueException(detail="A text holds the character U+0000")
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        if isinstance(one, list):
            waiting += one


def _operations(operation: Any) -> Iterator[Any]:
    """Yield the operation in plain SCIM, after it those that its value holds under odd keys."""
    if not isinstance(operation, dict):
        yield operation
        return
    parts = {name.lower(): value for name, value in operation.items()}
    path, value = parts.get("path"), parts.get("value")
    if isinstance(path, str) and path:
        yield _with_path(parts, path)
    elif isinstance(value, Mapping):
        yield from _without_path(parts, value)
    else:
        yield operation


def _with_path(parts: Json, path: str) -> Json:
    if _is_manager(path):
        return _manager_operation(parts)
    plural = _is_plural(path)
    if str(parts.get("op")).lower() == "remove":
        return parts if plural else {"op": parts["op"], "path": path}
    if "value" not in parts or "[" in path:
        return parts
    return {**parts, "value": _values(parts["value"]) if plural else _single(parts["value"])}


def _without_path(parts: Json, value: Mapping[str, Any]) -> Iterator[Json]:
    """Part a value by its keys; Entra puts `emails[type eq "work"].value` among them."""
    kept = {name: one for name, one in value.items() if name.lower() not in _READ_ONLY}
    odd = {name: one for name, one in kept.items() if "[" in name or _is_manager(name)}
    plain = {name: _attribute(name, one) for name, one in kept.items() if name not in odd}
    if plain or not odd:
        yield {**parts, "value": plain}
    for name, one in odd.items():
        yield _with_path({**parts, "path": name, "value": one}, name)


def _attribute(name: str, value: Any) -> Any:
    """Return an attribute's value as its kind asks for."""
    if name.lower() in _PLURAL:
        return _values(value)
    if name.lower() == ENTERPRISE.lower() and isinstance(value, dict):
        return {
            key: _manager(one) if key.lower() == "manager" else one for key, one in value.items()
        }
    return _single(value)


def _values(value: Any) -> Any:
    """Return a list of objects: a text stands for an object with this value, nothing for none."""
    if isinstance(value, dict | str):
        value = [value]
    if not isinstance(value, list):
        return value
    objects = [{"value": one} if isinstance(one, str) else one for one in value]
    return [one for one in objects if one != {"value": ""} and not _is_empty(one)]


def _is_empty(one: Any) -> bool:
    """Tell whether an entry says nothing: Okta sends addresses and e-mails without a value."""
    return (
        isinstance(one, dict)
        and "value" in one
        and one["value"] in ("", None)
        and not (one.keys() - {"value", "type", "primary", "display", "$ref"})
    )


def _single(value: Any) -> Any:
    """Return the one value that an older Entra wraps as `[{"$ref": null, "value": …}]`."""
    if isinstance(value, list) and len(value) == 1:
        (one,) = value
        return one["value"] if isinstance(one, dict) and "value" in one else value
    return value


def _manager(value: Any) -> Any:
    """Return a manager as an object, or None for an empty one."""
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else value or None
    if isinstance(value, dict) and "value" in value:
        return value if value["value"] else None
    return {"value": value} if isinstance(value, str) and value else value or None


def _manager_operation(parts: Json) -> Json:
    manager = _manager(parts.get("value"))
    if manager is None or str(parts.get("op")).lower() == "remove":
        return {"op": "remove", "path": _MANAGER}
    return {**parts, "path": _MANAGER, "value": manager}


def _is_manager(path: str) -> bool:
    return path.lower() in {"manager", _MANAGER.lower()}


def _is_plural(path: str) -> bool:
    """Tell whether a path leads to an attribute that has several values, or into one."""
    name = path.partition("[")[0].rpartition(":")[2]
    return name.lower() in _PLURAL
