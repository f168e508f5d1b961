"""Reads that recommendations stand on: what there is, who may see it, and what everybody did."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Activity,
    AudienceToken,
    ClusterDecision,
    ClusterMember,
    Item,
    ItemRole,
    ItemSkill,
    Person,
    PersonRole,
    Role,
    Skill,
    Status,
)
from recommender.data import Event, ItemFacts


class CatalogueState(NamedTuple):
    """What changes whenever an item does: the newest id, change, and word about duplicates."""

    newest_id: int | None
    newest_change: datetime | None
    newest_word: datetime | None


class Row(NamedTuple):
    """A live item: its facts, the audience that may see it, and its place among duplicates."""

    facts: ItemFacts
    audience_id: int
    cluster_id: int | None
    preferred: bool


def allowed_audiences(
    session: Session, tokens: Collection[str]
) -> tuple[CatalogueState, frozenset[int]]:
    """Return the state of the catalogue and the audiences that a holder of `tokens` belongs to."""
    newest_id = select(func.max(Item.id)).scalar_subquery()
    newest_change = select(func.max(Item.updated_at)).scalar_subquery()
    newest_word = select(func.max(ClusterDecision.decided_at)).scalar_subquery()
    rows = session.execute(
        select(AudienceToken.audience_id, newest_id, newest_change, newest_word)
        .where(AudienceToken.token.in_(sorted(tokens)))
        .distinct()
    ).all()
    state = CatalogueState(*rows[0][1:]) if rows else CatalogueState(None, None, None)
    return state, frozenset(row[0] for row in rows)


def live_items(session: Session) -> dict[int, Row]:
    """Return every live item with what the recommender knows of it."""
    skills, roles = _skills(session), _roles(session)
    rows = session.execute(
        select(Item.id, Item.title, Item.kind, Item.language, Item.published_on, Item.audience_id)
        .add_columns(ClusterMember.cluster_id, ClusterMember.preferred)
        .outerjoin(ClusterMember, ClusterMember.item_id == Item.id)
        .where(Item.status == Status.LIVE.value)
        .order_by(Item.id)
    )
    found = {}
    for item_id, title, kind, language, published_on, audience_id, cluster_id, preferred in rows:
        facts = ItemFacts(
            item=item_id,
            skills=tuple(skills[item_id]),
            roles=tuple(roles[item_id]),
            title=title,
            kind=kind,
            language=language,
            published=_moment(published_on),
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


def all_events(session: Session, *, since: datetime) -> list[Event]:
    """Return what everybody did since then and lets count, oldest first."""
    rows = session.execute(
        select(Activity.person_id, Activity.item_id, Activity.verb, Activity.at)
        .where(Activity.at >= since, Activity.counts)
        .order_by(Activity.at, Activity.id)
        .execution_options(yield_per=10_000)
    )
    return [Event(person, item, verb, at.timestamp()) for person, item, verb, at in rows]


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
    for person_id, slug in rows:
        held[person_id].append(slug)
    return {person_id: tuple(slugs) for person_id, slugs in held.items()}


def names(session: Session) -> dict[str, str]:
    """Return the names of all roles and skills, by `role:slug` and `skill:slug`."""
    wanted = select(("role:" + Role.slug).label("key"), Role.name).union_all(
        select("skill:" + Skill.slug, Skill.name)
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


def _grouped(rows: Iterable[Any]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for key, value in rows:
        grouped[key].append(value)
    return grouped
