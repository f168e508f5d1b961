"""Reads that recommendations stand on: what there is, who may see it, and what everybody did."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.intake.text import slug
from app.models import (
    Activity,
    AudienceToken,
    ClusterDecision,
    ClusterMember,
    Group,
    GroupMember,
    Item,
    ItemRole,
    ItemSkill,
    Person,
    PersonRole,
    Pin,
    Removal,
    Role,
    RolePage,
    RoleSkill,
    Section,
    Skill,
    Status,
    Tool,
)
from recommender.data import ItemFacts


class CatalogueState(NamedTuple):
    """What changes whenever an item does: the newest id, change, and word about duplicates.

    And what curators say: when a page of a role was published last, how many pages there are, and
    the skills that roles ask for.
    """

    newest_id: int | None = None
    newest_change: datetime | None = None
    newest_word: datetime | None = None
    newest_page: datetime | None = None
    pages: int = 0
    role_skills: int | None = None


class Signs(NamedTuple):
    """By what new activity is noticed: the newest activity and the newest removal."""

    activity: int
    removal: int


class CuratedPin(NamedTuple):
    """An item that a curator pinned to the page of a role, which an audience may see.

    With `own_audience_id`, the pin itself is only for that audience.
    """

    item_id: int
    role: str
    audience_id: int
    starts_on: date | None
    ends_on: date | None
    own_audience_id: int | None = None

    def is_for(self, audiences: Collection[int]) -> bool:
        """Tell whether who belongs to these audiences sees the pin."""
        own = self.own_audience_id
        return self.audience_id in audiences and (own is None or own in audiences)

    def stands(self, today: date) -> bool:
        """Tell whether the pin is shown on this day."""
        begun = self.starts_on is None or self.starts_on <= today
        return begun and (self.ends_on is None or today <= self.ends_on)


class Row(NamedTuple):
    """A live item: its facts, the audience that may see it, and its place among duplicates."""

    facts: ItemFacts
    audience_id: int
    cluster_id: int | None
    preferred: bool


def allowed_audiences(
    session: Session, tokens: Collection[str]
) -> tuple[CatalogueState, Signs, frozenset[int]]:
    """Return the state of things, and the audiences that a holder of `tokens` belongs to."""
    told = [
        select(func.max(Item.id)),
        select(func.max(Item.updated_at)),
        select(func.max(ClusterDecision.decided_at)),
        select(func.max(RolePage.changed_at)).where(RolePage.published),
        select(func.count(RolePage.id)).where(RolePage.published),
        select(func.sum(RoleSkill.role_id * 1_000_003 + RoleSkill.skill_id * 1_009)),
        select(func.coalesce(func.max(Activity.id), 0)),
        select(func.coalesce(func.max(Removal.id), 0)),
    ]
    rows = session.execute(
        select(AudienceToken.audience_id, *(each.scalar_subquery() for each in told))
        .where(AudienceToken.token.in_(sorted(tokens)))
        .distinct()
    ).all()
    if not rows:
        return CatalogueState(), Signs(0, 0), frozenset()
    first = rows[0]
    return CatalogueState(*first[1:7]), Signs(*first[7:]), frozenset(row[0] for row in rows)


def live_items(session: Session) -> dict[int, Row]:
    """Return every live item with what the recommender knows of it."""
    skills, roles = _skills(session), _roles(session)
    rows = session.execute(
        select(Item.id, Item.title, Item.kind, Item.language, Item.published_on, Item.audience_id)
        .add_columns(ClusterMember.cluster_id, ClusterMember.preferred, Item.minutes, Tool.slug)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ClusterMember, ClusterMember.item_id == Item.id)
        .where(Item.status == Status.LIVE.value)
        .order_by(Item.id)
    )
    found = {}
    for item_id, title, kind, language, published_on, audience_id, *more in rows:
        cluster_id, preferred, minutes, tool = more
        facts = ItemFacts(
            item=item_id,
            skills=tuple(skills[item_id]),
            roles=tuple(roles[item_id]),
            title=title,
            kind=kind,
            language=language,
            published=_moment(published_on),
            minutes=minutes,
            tool=tool,
        )
        found[item_id] = Row(facts, audience_id, cluster_id, bool(preferred))
    return found


def facts_of(session: Session, item_id: int) -> ItemFacts:
    """Return what the recommender may know of one item, live or not: its title and its skills."""
    rows = session.execute(
        select(Item.title, Item.kind, Item.language, Skill.slug)
        .outerjoin(ItemSkill, ItemSkill.item_id == Item.id)
        .outerjoin(Skill, Skill.id == ItemSkill.skill_id)
        .where(Item.id == item_id)
        .order_by(ItemSkill.position)
    ).all()
    skills = tuple(row.slug for row in rows if row.slug)
    title, kind, language, _ = rows[0] if rows else ("", "", "en", None)
    return ItemFacts(item_id, skills=skills, title=title, kind=kind, language=language)


def pausing(session: Session) -> frozenset[int]:
    """Return who has signals paused."""
    return frozenset(session.scalars(select(Person.id).where(Person.pauses_signals)))


def people_roles(session: Session) -> dict[int, tuple[str, ...]]:
    """Return the role slugs of every active person, the main role first."""
    rows = session.execute(
        select(PersonRole.person_id, Role.slug)
        .join(Role, Role.id == PersonRole.role_id)
        .join(Person, Person.id == PersonRole.person_id)
        .where(Person.active)
        .order_by(PersonRole.person_id, PersonRole.position)
    )
    held: dict[int, list[str]] = defaultdict(list)
    for person_id, role in rows:
        held[person_id].append(role)
    return {person_id: tuple(slugs) for person_id, slugs in held.items()}


def circles(session: Session) -> dict[int, tuple[str, ...]]:
    """Return the department, location and groups of every active person, as audience tokens."""
    found: dict[int, list[str]] = defaultdict(list)
    people = session.execute(
        select(Person.id, Person.department, Person.location).where(Person.active)
    )
    for person_id, department, location in people:
        for kind, name in (("dept", department), ("loc", location)):
            if name:
                found[person_id].append(f"{kind}:{slug(name)}")
    groups = session.execute(
        select(GroupMember.person_id, Group.slug)
        .join(Group, Group.id == GroupMember.group_id)
        .join(Person, Person.id == GroupMember.person_id)
        .where(Person.active)
        .order_by(GroupMember.person_id, Group.slug)
    )
    for person_id, name in groups:
        found[person_id].append(f"group:{name}")
    return {person_id: tuple(held) for person_id, held in found.items()}


def started(session: Session) -> dict[int, float]:
    """Return when active people began to work here, in unix seconds, where that is known."""
    rows = session.execute(
        select(Person.id, Person.started_on).where(Person.active, Person.started_on.is_not(None))
    )
    return {person_id: moment for person_id, day in rows if (moment := _moment(day)) is not None}


def pins(session: Session) -> list[CuratedPin]:
    """Return every pin on the page of a role, in the order of the pages."""
    rows = session.execute(
        select(Pin.item_id, Role.slug, RolePage.audience_id, Pin.starts_on, Pin.ends_on)
        .add_columns(Pin.audience_id)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .where(RolePage.published)
        .order_by(RolePage.id, Section.position, Pin.position)
    )
    return [CuratedPin(*row) for row in rows]


def skills_asked_for(session: Session) -> dict[str, frozenset[str]]:
    """Return the skills that each role asks for, by the slug of the role."""
    rows = session.execute(
        select(Role.slug, Skill.slug)
        .join(RoleSkill, RoleSkill.role_id == Role.id)
        .join(Skill, Skill.id == RoleSkill.skill_id)
    )
    return {role: frozenset(skills) for role, skills in _grouped(rows).items()}


def names(session: Session) -> dict[str, str]:
    """Return the names of all roles, skills and tools, by `role:slug` and the like.

    By `curator:` and the slug of a role it is the name of who curates the role's page.
    """
    wanted = select(("role:" + Role.slug).label("key"), Role.name).union_all(
        select("skill:" + Skill.slug, Skill.name),
        select("tool:" + Tool.slug, Tool.name),
        select("curator:" + Role.slug, Person.name)
        .join(RolePage, RolePage.role_id == Role.id)
        .join(Person, Person.id == RolePage.curator_id)
        .where(RolePage.published),
    )
    return dict(session.execute(wanted).all())


def _moment(day: date | None) -> float | None:
    return datetime.combine(day, time(), UTC).timestamp() if day else None


def _skills(session: Session) -> dict[int, list[str]]:
    rows = session.execute(
        select(ItemSkill.item_id, Skill.slug)
        .join(Skill, Skill.id == ItemSkill.skill_id)
        .order_by(ItemSkill.item_id, ItemSkill.position)
    )
    return _grouped(rows)


def _roles(session: Session) -> dict[int, list[str]]:
    rows = session.execute(
        select(ItemRole.item_id, Role.slug).join(Role, Role.id == ItemRole.role_id)
    )
    return _grouped(rows)


def _grouped(rows: Iterable[Any]) -> dict[Any, list[str]]:
    grouped: dict[Any, list[str]] = defaultdict(list)
    for key, value in rows:
        grouped[key].append(value)
    return grouped
