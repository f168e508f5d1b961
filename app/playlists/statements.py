"""The statements that plans are made of: two, whatever the number of playlists and steps."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app.activity.telling import is_said, is_told
from app.models import (
    Absence,
    Assignment,
    ClusterMember,
    Holiday,
    Item,
    ItemState,
    Person,
    Playlist,
    PlaylistState,
    Progress,
    Role,
    Status,
    Step,
    StepDate,
    StepKind,
    StepNeed,
    Tool,
    links_gone,
    visible_to,
)

# aliases are slow to make and quick to use
_BUDDY, _CONTACT, _MANAGER, _MET = (aliased(Person) for _number in range(4))
_CHANNEL, _VERSION, _OWN = aliased(Item), aliased(Playlist), aliased(Assignment)
_TWIN, _SELF, _TWIN_STATE = aliased(ClusterMember), aliased(ClusterMember), aliased(ItemState)
_LOOKED_BACK = timedelta(days=60)


def playlists_for(
    person_id: int, tokens: Collection[str], *conditions: ColumnElement[bool], today: date
) -> Select[Any]:
    """Return the statement of the playlists for a person, those assigned first, newest first.

    A person meets the version they were given, of all other playlists the live one. Columns:
    the playlist, its role's name, the assignment or None, five columns each of the buddy, the
    contact and the person's manager, id and title of the channel, the person's absences and their
    location's holidays since the start (`2026-11-16/2026-11-20,…` and `2026-12-25,…`), and the
    person's time zone.
    """
    wanted = select(
        Playlist,
        Role.name,
        Assignment,
        *_colleague(_BUDDY),
        *_colleague(_CONTACT),
        *_colleague(_MANAGER),
        _CHANNEL.id,
        _CHANNEL.title,
        _absences(person_id),
        _holidays(since=today - _LOOKED_BACK),
        Person.time_zone,
    )
    return (
        wanted.select_from(Playlist)
        .join(Person, Person.id == person_id)
        .outerjoin(Role, Role.id == Playlist.role_id)
        .outerjoin(Assignment, assigned_to(person_id))
        .outerjoin(_BUDDY, and_(_BUDDY.id == Assignment.buddy_id, _BUDDY.active))
        .outerjoin(_CONTACT, and_(_CONTACT.id == Playlist.contact_id, _CONTACT.active))
        .outerjoin(_MANAGER, and_(_MANAGER.id == Person.manager_id, _MANAGER.active))
        .outerjoin(
            _CHANNEL,
            and_(
                _CHANNEL.id == Playlist.channel_id,
                _CHANNEL.status == Status.LIVE.value,
                visible_to(_CHANNEL.audience_id, tokens),
            ),
        )
        .where(met_by(person_id, tokens), *conditions)
        .order_by(Assignment.starts_on.desc().nulls_last(), Playlist.title, Playlist.number.desc())
        .order_by(Playlist.id)
    )


def steps_of(
    playlists: Iterable[int], person_id: int, tokens: Collection[str], *, today: date
) -> Select[Any]:
    """Return the statement of the steps on offer in these playlists, in the order of their days.

    Columns: the step; the item's id, title, kind, minutes and last change, its tool's name; when
    it was done, whether by hand, the day the person chose, whether the tool tells of completions,
    the ids of what it needs with commas between, five columns of whom to meet, whether the item's
    link is gone.
    """
    return (
        select(
            Step,
            Item.id,
            Item.title,
            Item.kind,
            Item.minutes,
            Item.updated_at,
            Tool.name,
            done_at(person_id),
            or_(Progress.by_hand, is_said(person_id)),
            StepDate.due_on,
            is_told(today),
            _needs(),
            *_colleague(_MET),
            Step.item_id.in_(links_gone()),
        )
        .select_from(Step)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .outerjoin(Assignment, assigned_to(person_id))
        .outerjoin(Item, on_offer(tokens))
        .outerjoin(Tool, Tool.id == Item.tool_id)
        .outerjoin(Progress, recorded())
        .outerjoin(ItemState, state_of(person_id))
        .outerjoin(
            StepDate, and_(StepDate.assignment_id == Assignment.id, StepDate.step_id == Step.id)
        )
        .outerjoin(_MET, and_(_MET.id == Step.meets_id, _MET.active))
        .where(
            Step.playlist_id.in_(list(playlists)),
            or_(Step.kind != StepKind.ITEM.value, Item.id.is_not(None)),
        )
        .order_by(Step.playlist_id, Step.due_day, Step.position, Step.id)
    )


def met_by(person_id: int, tokens: Collection[str]) -> ColumnElement[bool]:
    """Return the condition under which a playlist is met by a person, `Assignment` being theirs."""
    own = (
        select(_VERSION.slug)
        .join(_OWN, _OWN.playlist_id == _VERSION.id)
        .where(_OWN.person_id == person_id)
    )
    given = and_(Assignment.id.is_not(None), Playlist.state != PlaylistState.DRAFT.value)
    return and_(
        visible_to(Playlist.audience_id, tokens),
        or_(given, and_(live(), Playlist.slug.not_in(own))),
    )


def live() -> ColumnElement[bool]:
    """Return the condition that a playlist is what people are given now."""
    return and_(Playlist.state == PlaylistState.LIVE.value, Playlist.is_template.is_(False))


def assigned_to(person_id: int) -> ColumnElement[bool]:
    """Return how a playlist and the person's assignment of it are joined."""
    return and_(Assignment.playlist_id == Playlist.id, Assignment.person_id == person_id)


def on_offer(tokens: Collection[str]) -> ColumnElement[bool]:
    """Return how a step and its item are joined, where a holder of `tokens` is offered it."""
    return and_(
        Item.id == Step.item_id,
        Item.status == Status.LIVE.value,
        visible_to(Item.audience_id, tokens),
    )


def recorded() -> ColumnElement[bool]:
    """Return how a step and what is recorded of it are joined."""
    return and_(Progress.assignment_id == Assignment.id, Progress.step_id == Step.id)


def state_of(person_id: int) -> ColumnElement[bool]:
    """Return how an item and where it stands for a person are joined."""
    return and_(ItemState.item_id == Item.id, ItemState.person_id == person_id)


def done_at(person_id: int) -> ColumnElement[Any]:
    """Return the moment of a step: as recorded, else as its item says, else one of its duplicates.

    The last two cover steps and duplicates that became such after they had been done.
    """
    twins = (
        select(func.min(_TWIN_STATE.done_at))
        .join(_TWIN, _TWIN.item_id == _TWIN_STATE.item_id)
        .join(_SELF, _SELF.cluster_id == _TWIN.cluster_id)
        .where(_SELF.item_id == Step.item_id, _TWIN_STATE.person_id == person_id)
        .correlate(Step)
    )
    return func.coalesce(Progress.done_at, ItemState.done_at, twins.scalar_subquery())


def _absences(person_id: int) -> ColumnElement[Any]:
    days = cast(Absence.starts_on, String) + "/" + cast(Absence.ends_on, String)
    found = select(func.aggregate_strings(days, ",")).where(Absence.person_id == person_id)
    return func.coalesce(found.scalar_subquery(), "")


def _holidays(*, since: date) -> ColumnElement[Any]:
    """Return the holidays where a person is that matter to a plan or came after `since`."""
    found = (
        select(func.aggregate_strings(cast(Holiday.day, String), ","))
        .where(
            or_(Holiday.day >= since, Holiday.day >= Assignment.starts_on),
            func.lower(Holiday.location).in_(["", func.lower(func.coalesce(Person.location, ""))]),
        )
        .correlate(Assignment, Person)
    )
    return func.coalesce(found.scalar_subquery(), "")


def _needs() -> ColumnElement[Any]:
    ids = func.aggregate_strings(cast(StepNeed.needs_id, String), ",")
    return func.coalesce(
        select(ids).where(StepNeed.step_id == Step.id).correlate(Step).scalar_subquery(),
        "",
    )


def _colleague(person: Any) -> tuple[Any, ...]:
    return person.id, person.name, person.email, person.department, person.location
