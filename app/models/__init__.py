"""All tables, family by family; importing this package makes `Base.metadata` complete."""

from app.models.activity import Activity, ItemState, Verb
from app.models.audience import EVERYONE, Audience, AudienceToken, audience_of, visible_to
from app.models.audit import AuditEntry, AuditHead
from app.models.catalogue import (
    IndexOutbox,
    Item,
    ItemRole,
    ItemSkill,
    Kind,
    Level,
    Skill,
    Status,
    Tool,
)
from app.models.curation import Pin, RolePage, Section
from app.models.governance import Problem, ProblemReport
from app.models.identity import (
    Departure,
    Identity,
    IdentityProvider,
    KeyState,
    LoginSession,
    OneTimeLink,
    PendingSignIn,
    Protocol,
    Purpose,
    SigningKey,
    SignInRecord,
    UsedMessage,
)
from app.models.people import Group, GroupMember, Person, PersonRole, Role
from app.models.playlists import Assignment, Playlist, PlaylistWeek, Progress, Step
from app.models.provisioning import ScimClient, ScimGroup, ScimMember, ScimToken, ScimUser

__all__ = [
    "EVERYONE",
    "Activity",
    "Assignment",
    "Audience",
    "AudienceToken",
    "AuditEntry",
    "AuditHead",
    "Departure",
    "Group",
    "GroupMember",
    "Identity",
    "IdentityProvider",
    "IndexOutbox",
    "Item",
    "ItemRole",
    "ItemSkill",
    "ItemState",
    "KeyState",
    "Kind",
    "Level",
    "LoginSession",
    "OneTimeLink",
    "PendingSignIn",
    "Person",
    "PersonRole",
    "Pin",
    "Playlist",
    "PlaylistWeek",
    "Problem",
    "ProblemReport",
    "Progress",
    "Protocol",
    "Purpose",
    "Role",
    "RolePage",
    "ScimClient",
    "ScimGroup",
    "ScimMember",
    "ScimToken",
    "ScimUser",
    "Section",
    "SignInRecord",
    "SigningKey",
    "Skill",
    "Status",
    "Step",
    "Tool",
    "UsedMessage",
    "Verb",
    "audience_of",
    "visible_to",
]
