"""Keeps the users and groups of one SCIM client in the database, for scim2-server's handler.

Whatever a write means for the directory is done by `directory` in the same transaction. Writes of
one client stand in line (`app.scim.service.take_turn`), so that no other one comes between the
reading of a row and its writing.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol, cast

from scim2_models import (
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from app.models import ScimGroup, ScimUser
from app.scim import rows
from app.scim.filters import address, condition
from app.scim.protocol import USER
from app.scim.rows import Body

Row = ScimUser | ScimGroup
_BATCH = 500
_KINDS: dict[str, type[ScimUser] | type[ScimGroup]] = {USER: ScimUser, rows.GROUP: ScimGroup}


class Directory(Protocol):
    """What becomes of people when users and groups change."""

    def join(self, user: ScimUser) -> None:
        """Give the new user its person."""

    def follow(self, user: ScimUser, before: Body) -> None:
        """Bring the person up to date with the user, whose body was `before`."""

    def leave(self, user: ScimUser) -> None:
        """Let the person go; the user's row is deleted afterwards."""

    def regroup(self, users: list[ScimUser]) -> None:
        """Bring people up to date with the groups they belong to."""


class _Found(NamedTuple):
    """A match of a search: where it sorts, and where to find it."""

    key: tuple[bool, Any]
    kind: str
    id: str


class SqlStorage(ScimStorage):
    """The users and groups of one client; another client's do not exist here."""

    def __init__(
        self, session: Session, client_id: int, directory: Directory, *, now: datetime
    ) -> None:
        """Keep the parts; `now` is the moment of every write."""
        self.session = session
        self.client_id = client_id
        self.directory = directory
        self.now = now

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return a user or group, without members that nobody asks for; raise NotFoundException."""
        row = self._row(_kind(resource_type), resource_id)
        return self._resources([row], members=_wants_members(response_parameters))[0]

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002
    ) -> SearchPage:
        """Return a page of what matches and how many do (RFC 7644 section 3.4.2)."""
        kinds = [_kind(one) for one in resource_types]
        members = _wants_members(search_request)
        if len(kinds) == 1 and search_request.filter is None and search_request.sort_by is None:
            return self._plain_page(kinds[0], search_request, members=members)
        found = [one for kind in kinds for one in self._matches(kind, search_request)]
        if search_request.sort_by is not None:
            backwards = search_request.sort_order == SearchRequest.SortOrder.descending
            found.sort(key=lambda one: one.key, reverse=backwards)
        page = found[search_request.start_index_0 : search_request.stop_index_0]
        return SearchPage(len(found), self._load(page, members=members))

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Keep a new user or group; raise UniquenessException for a `userName` that is taken."""
        moments = {"created_at": self.now, "updated_at": self.now}
        if _kind(resource_type) == USER:
            user = ScimUser(id=str(uuid.uuid4()), client_id=self.client_id, emails=[], **moments)
            body = rows.body_of(resource)
            self._check_name(user.id, body)
            rows.fill_user(user, body)
            self.directory.join(user)
            self.session.add(user)
            self.session.flush()
            return self._resources([user])[0]
        group = ScimGroup(id=str(uuid.uuid4()), client_id=self.client_id, members=[], **moments)
        touched = rows.fill_group(group, rows.body_of(resource), rows.members_of(resource))
        self.session.add(group)
        self.session.flush()
        self._regroup(touched)
        return self._resources([group])[0]

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Replace a user or group by its whole new state, and tell the directory."""
        row = self._row(_kind(resource_type), str(resource.id), whole=True)
        self._check_version(row, expected_version)
        row.updated_at = self.now
        body = rows.body_of(resource)
        if isinstance(row, ScimUser):
            before = row.body
            self._check_name(row.id, body)
            rows.fill_user(row, body)
            self.session.flush()
            self.directory.follow(row, before)
        else:
            renamed = body.get("displayName") != row.body.get("displayName")
            touched = rows.fill_group(row, body, rows.members_of(resource))
            self.session.flush()
            self._regroup(touched | {one.value for one in row.members} if renamed else touched)
        return self._resources([row])[0]

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """Forget a user or group, and tell the directory."""
        row = self._row(_kind(resource_type), resource_id, whole=True)
        self._check_version(row, expected_version)
        if isinstance(row, ScimUser):
            self.directory.leave(row)
        touched = {one.value for one in row.members} if isinstance(row, ScimGroup) else set()
        self.session.delete(row)
        self.session.flush()
        self._regroup(touched)

    def _row(self, kind: str, row_id: str, *, whole: bool = False) -> Row:
        wanted = self._select(kind).where(_KINDS[kind].id == row_id)
        if whole:
            own = ScimUser.emails if kind == USER else ScimGroup.members
            wanted = wanted.options(selectinload(own)).execution_options(populate_existing=True)
        row = self.session.scalar(wanted) if "\0" not in row_id else None
        if row is None:
            raise NotFoundException(detail=f"There is no {kind} with this id")
        return cast("Row", row)

    def _select(self, kind: str) -> Select[Any]:
        table = _KINDS[kind]
        return (
            select(table)
            .where(table.client_id == self.client_id)
            .order_by(table.created_at, table.id)
        )

    def _plain_page(self, kind: str, request: SearchRequest[Any], *, members: bool) -> SearchPage:
        table = _KINDS[kind]
        count = select(func.count()).select_from(table).where(table.client_id == self.client_id)
        total = self.session.scalar(count) or 0
        wanted = self._select(kind).offset(min(request.start_index_0 or 0, total))
        found = list(self.session.scalars(wanted.limit(request.count)))
        return SearchPage(total, self._resources(found, members=members))

    def _matches(self, kind: str, request: SearchRequest[Any]) -> Iterator[_Found]:
        """Yield what matches, in the order of creation, without holding all rows at once."""
        wanted = self._select(kind)
        narrowed = condition(request.filter.ast, _KINDS[kind]) if request.filter else None
        if narrowed is not None:
            wanted = wanted.where(narrowed)
        found = self.session.scalars(wanted.execution_options(yield_per=_BATCH))
        for batch in found.partitions():
            for resource in self._resources(list(batch)):
                if request.filter is None or request.filter.match(resource):
                    value = request.sort_value(resource)
                    key = (value is None, "" if value is None else value)
                    yield _Found(key, kind, str(resource.id))

    def _load(self, page: list[_Found], *, members: bool) -> list[Resource[Any]]:
        loaded: dict[str | None, Resource[Any]] = {}
        for kind in dict.fromkeys(one.kind for one in page):
            wanted = [one.id for one in page if one.kind == kind]
            found = self.session.scalars(self._select(kind).where(_KINDS[kind].id.in_(wanted)))
            loaded |= {one.id: one for one in self._resources(list(found), members=members)}
        return [loaded[one.id] for one in page]

    def _resources(self, found: list[Any], *, members: bool = True) -> list[Resource[Any]]:
        if found and isinstance(found[0], ScimGroup):
            return rows.groups(self.session, found, members=members)
        return rows.users(self.session, found)

    def _check_version(self, row: Row, expected: str | None) -> None:
        if expected is not None and _version(self._resources([row], members=False)[0]) != expected:
            raise PreconditionFailedException

    def _check_name(self, user_id: str, body: Body) -> None:
        """Refuse a `userName` that another user of this client has (RFC 7643 section 4.1.1)."""
        taken = select(ScimUser.id).where(
            ScimUser.client_id == self.client_id,
            ScimUser.user_name == address(body.get("userName") or ""),
            ScimUser.id != user_id,
        )
        if self.session.scalar(taken):
            raise UniquenessException(detail="Another user has this userName")

    def _regroup(self, values: set[str]) -> None:
        wanted = list(self.session.scalars(self._select(USER).where(ScimUser.id.in_(values))))
        if wanted:
            self.directory.regroup(wanted)


def _kind(resource_type: ResourceType) -> str:
    return str(resource_type.name)


def _version(resource: Resource[Any]) -> str | None:
    return resource.meta.version if resource.meta else None


def _wants_members(parameters: ResponseParameters[Any] | None) -> bool:
    """Tell whether a response may need a group's members; when in doubt it does."""
    left_out = parameters.excluded_attributes if parameters else None
    return not any(str(path).lower() == "members" for path in left_out or [])
