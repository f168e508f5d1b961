"""Who may do what: access levels, the one table of permissions, and the reader as plain data.

A view names a permission and never an access level; adding one is adding a row. What a reader may
*see* is not decided here but by audiences, inside every query (`app.models.audience`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Access(StrEnum):
    """What a person may do in Foyer. Not to be confused with a job role."""

    EMPLOYEE = "employee"
    MANAGER = "manager"
    CURATOR = "curator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route asks for. PROVISION is no person's: a SCIM client shows its own token."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    CURATE = "curate"
    ADMINISTER = "administer"
    PROVISION = "provision"


_EVERYBODY = frozenset(Access)
GRANTS: dict[Permission, frozenset[Access]] = {
    Permission.PUBLIC: _EVERYBODY,
    Permission.SIGNED_IN: _EVERYBODY,
    Permission.CURATE: frozenset({Access.CURATOR, Access.ADMIN}),
    Permission.ADMINISTER: frozenset({Access.ADMIN}),
    Permission.PROVISION: frozenset(),
}


def allows(permission: Permission, access: Access | None) -> bool:
    """Tell whether a person of this access level (None: nobody signed in) has the permission."""
    if access is None:
        return permission is Permission.PUBLIC
    return access in GRANTS[permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The signed-in reader as plain data: made once per request, handed to services and queries.

    `tokens` are the audience tokens that the reader holds; `roles` are slugs, the first one is the
    main role, held since `role_since` if that is known; `has_news` tells of notices not seen yet.
    `session_token` is what the cookie carries; `proved_at` is when the reader last showed who they
    are.
    """

    id: int
    session_id: int
    session_token: str
    last_seen_at: datetime
    proved_at: datetime
    name: str
    given_name: str
    email: str
    access: Access
    tokens: frozenset[str]
    roles: tuple[str, ...]
    role_names: tuple[str, ...]
    locale: str | None
    time_zone: str | None
    theme: str
    started_on: date | None
    role_since: date | None = None
    has_news: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return the session token, which is what Flask-Login keeps in the cookie."""
        return self.session_token

    @property
    def initials(self) -> str:
        """Return one or two letters for the round picture."""
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()

    def may(self, permission: Permission) -> bool:
        """Tell whether this reader has the permission."""
        return allows(permission, self.access)
