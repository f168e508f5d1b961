"""Between SCIM resources and their rows: the body is kept whole, what is asked by also in columns.

A user's `groups` are read-only (RFC 7643 section 4.1.2) and come from the groups' members; a
password is never kept.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from scim2_models import InvalidValueException, Resource
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ScimEmail, ScimGroup, ScimMember, ScimUser
from app.scim.filters import address, exact, folded
from app.scim.protocol import USER, provider

GROUP = "Group"
_NOT_KEPT = frozenset({"id", "meta", "groups", "password", "members"})
_LONGEST_NAME = 320
_LONGEST_MEMBER = 100
Body = dict[str, Any]


def model_of(name: str) -> type[Resource[Any]]:
    """Return the model of users or groups."""
    return provider().model_for(name)  # type: ignore[return-value]


def body_of(resource: Resource[Any]) -> Body:
    """Return what is kept of a resource, as JSON."""
    body = resource.model_dump(mode="json")
    return {name: value for name, value in body.items() if name not in _NOT_KEPT}


def fill_user(row: ScimUser, body: Body) -> None:
    """Write a user's body onto its row, with the columns and addresses that are asked for.

    Raises InvalidValueException for a `userName` that is empty or too long to be kept.
    """
    name = address(body.get("userName") or "")
    if not name.strip() or len(body["userName"]) > _LONGEST_NAME:
        raise InvalidValueException(detail="userName has between 1 and 320 characters")
    row.user_name = name
    row.display_name = folded(body["displayName"]) if body.get("displayName") else None
    row.external_id = exact(body["externalId"]) if body.get("externalId") else None
    row.body = body
    row.version = digest(body)
    kept = {email.value: email for email in row.emails}
    wanted = {address(one["value"]) for one in body.get("emails") or [] if one.get("value")}
    row.emails = [kept.get(value) or ScimEmail(value=value) for value in sorted(wanted)]


def fill_group(row: ScimGroup, body: Body, members: Mapping[str, Body]) -> set[str]:
    """Write a group's body and members onto its row; return whose membership changed.

    Raises InvalidValueException for a `displayName` that is empty.
    """
    if not (body.get("displayName") or "").strip():
        raise InvalidValueException(detail="displayName is missing")
    row.display_name = folded(body["displayName"])
    row.external_id = exact(body["externalId"]) if body.get("externalId") else None
    row.body = body
    row.version = digest([body, [members[value] for value in sorted(members)]])
    kept = {member.value: member for member in row.members}
    row.members = [_member(kept.get(value), value, one) for value, one in members.items()]
    return set(kept) ^ set(members)


def members_of(resource: Resource[Any]) -> dict[str, Body]:
    """Return a group's members by id, each once; raise InvalidValueException for one without id."""
    found: dict[str, Body] = {}
    for member in resource.model_dump(mode="json").get("members") or []:
        value = member.get("value") or ""
        if not value.strip() or len(value) > _LONGEST_MEMBER:
            raise InvalidValueException(detail="members.value has between 1 and 100 characters")
        found[folded(value)] = member
    return found


def users(session: Session, rows: Iterable[ScimUser]) -> list[Resource[Any]]:
    """Return the resources of users, with the groups they belong to, in one statement for all."""
    rows = list(rows)
    groups = _groups_of(session, rows)
    return [_resource(USER, row, {"groups": groups.get(row.id)}) for row in rows]


def groups(
    session: Session, rows: Iterable[ScimGroup], *, members: bool = True
) -> list[Resource[Any]]:
    """Return the resources of groups, with their members unless nobody asks for them."""
    rows = list(rows)
    found: dict[str, list[Body]] = {}
    if members:
        wanted = select(ScimMember).where(ScimMember.group_id.in_([row.id for row in rows]))
        for one in session.scalars(wanted.order_by(ScimMember.group_id, ScimMember.value)):
            found.setdefault(one.group_id, []).append(json.loads(one.body))
    return [_resource(GROUP, row, {"members": found.get(row.id)}) for row in rows]


def digest(content: Any) -> str:
    """Return the version of a content: another one for another content (RFC 7644 section 3.14)."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _member(row: ScimMember | None, value: str, body: Body) -> ScimMember:
    row = row or ScimMember(value=value)
    row.body = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return row


def _groups_of(session: Session, rows: list[ScimUser]) -> dict[str, list[Body]]:
    if not rows:
        return {}
    wanted = (
        select(ScimMember.value, ScimGroup.id, ScimGroup.body)
        .join(ScimGroup, ScimGroup.id == ScimMember.group_id)
        .where(
            ScimGroup.client_id == rows[0].client_id,
            ScimMember.value.in_([row.id for row in rows]),
        )
        .order_by(ScimMember.value, ScimGroup.id)
    )
    found: dict[str, list[Body]] = {}
    for user, group, body in session.execute(wanted):
        found.setdefault(user, []).append(
            {
                "value": group,
                "display": body["displayName"],
                "$ref": f"Groups/{group}",
                "type": "direct",
            }
        )
    return found


def _resource(name: str, row: ScimUser | ScimGroup, more: Body) -> Resource[Any]:
    more = {key: value for key, value in more.items() if value}
    version = digest([row.version, more["groups"]]) if "groups" in more else row.version
    meta = {
        "resourceType": name,
        "created": row.created_at.isoformat(),
        "lastModified": row.updated_at.isoformat(),
        "version": f'W/"{version[:32]}"',
    }
    return model_of(name).model_validate({**row.body, **more, "id": row.id, "meta": meta})
