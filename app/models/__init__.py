"""All tables, family by family; importing this package makes `Base.metadata` complete."""

from app.models.activity import Activity, ItemState, Verb
from app.models.audience import EVERYONE, Audience, AudienceToken, audience_of, visible_to
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
from app.models.identity import LoginSession, OneTimeLink
from app.models.people import Group, GroupMember, Person, PersonRole, Role
from app.models.playlists import Assignment, Playlist, PlaylistWeek, Progress, Step

__all__ = [
    "EVERYONE",
    "Activity",
    "Assignment",
    "Audience",
    "AudienceToken",
    "Group",
    "GroupMember",
    "IndexOutbox",
    "Item",
    "ItemRole",
    "ItemSkill",
    "ItemState",
    "Kind",
    "Level",
    "LoginSession",
    "OneTimeLink",
    "Person",
    "PersonRole",
    "Pin",
    "Playlist",
    "PlaylistWeek",
    "Problem",
    "ProblemReport",
    "Progress",
    "Role",
    "RolePage",
    "Section",
    "Skill",
    "Status",
    "Step",
    "Tool",
    "Verb",
    "audience_of",
    "visible_to",
]
