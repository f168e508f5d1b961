"""Reads of LTI tools: which there are, what was picked, and what a link's tool is told."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import live_items
from app.lti.registration import KIND, client_id_of
from app.models import Connection, Item, LtiLaunch, LtiLink, Tool, ToolAccount


def connections(session: Session) -> Sequence[Connection]:
    """Return every connected LTI tool by name, the tool loaded."""
    return session.scalars(
        select(Connection)
        .join(Tool, Tool.id == Connection.tool_id)
        .where(Connection.kind == KIND)
        .options(joinedload(Connection.tool))
        .order_by(Tool.name, Tool.id)
    ).all()


def connection_named(session: Session, slug: str) -> Connection | None:
    """Return the connection of the LTI tool with this slug, the tool loaded."""
    return next((each for each in connections(session) if each.tool.slug == slug), None)


def connection_numbered(session: Session, connection_id: int) -> Connection | None:
    """Return the LTI connection with this id, the tool loaded."""
    return next((each for each in connections(session) if each.id == connection_id), None)


def connection_of_client(session: Session, client_id: str) -> Connection | None:
    """Return the LTI connection that is known by this client id, the tool loaded."""
    return next((each for each in connections(session) if client_id_of(each) == client_id), None)


def custom_of(session: Session, item_id: int) -> dict[str, str]:
    """Return what the tool wants to be told when this item is launched."""
    found = session.get(LtiLink, item_id)
    return dict(found.custom) if found else {}


def subject_of(session: Session, connection_id: int, person_id: int) -> str | None:
    """Return the opaque name that this tool knows the person by, if it was ever told one."""
    return session.scalars(
        select(ToolAccount.subject)
        .where(
            ToolAccount.connection_id == connection_id,
            ToolAccount.person_id == person_id,
            ToolAccount.subject.is_not(None),
        )
        .order_by(ToolAccount.id)
        .limit(1)
    ).first()


def asked_for(
    session: Session, connection_id: int, data_hash: str, *, now: datetime
) -> LtiLaunch | None:
    """Return the picking under way that a tool's answer belongs to, if none has come yet."""
    return session.scalars(
        select(LtiLaunch).where(
            LtiLaunch.connection_id == connection_id,
            LtiLaunch.data_hash == data_hash,
            LtiLaunch.data_hash != "",
            LtiLaunch.picked.is_(None),
            LtiLaunch.expires_at > now,
        )
    ).first()


def picked_by(
    session: Session, data_hash: str, person_id: int, *, now: datetime
) -> LtiLaunch | None:
    """Return what this person picked and has not yet looked through."""
    return session.scalars(
        select(LtiLaunch).where(
            LtiLaunch.data_hash == data_hash,
            LtiLaunch.data_hash != "",
            LtiLaunch.person_id == person_id,
            LtiLaunch.picked.is_not(None),
            LtiLaunch.expires_at > now,
        )
    ).first()


def items_of(
    session: Session, tool_id: int, *, tokens: Collection[str], most: int = 50
) -> Sequence[Item]:
    """Return the newest live items of a tool that the reader may see."""
    wanted = live_items(tokens).where(Item.tool_id == tool_id)
    return session.scalars(wanted.order_by(Item.created_at.desc(), Item.id).limit(most)).all()
