"""Reads of SCIM clients for the command line and the admin pages."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.models import ScimClient, ScimGroup, ScimUser


def clients(session: Session) -> list[ScimClient]:
    """Return every SCIM client by name, with its tokens."""
    wanted = select(ScimClient).order_by(ScimClient.name, ScimClient.id)
    return list(session.scalars(wanted.options(selectinload(ScimClient.tokens))))


def client_named(session: Session, slug: str) -> ScimClient | None:
    """Return the SCIM client with this slug, with its tokens."""
    wanted = select(ScimClient).where(ScimClient.slug == slug)
    return session.scalar(wanted.options(selectinload(ScimClient.tokens)))


def counts(session: Session, client_id: int) -> tuple[int, int]:
    """Return how many users and groups a client keeps here."""
    users = select(func.count()).select_from(ScimUser).where(ScimUser.client_id == client_id)
    groups = select(func.count()).select_from(ScimGroup).where(ScimGroup.client_id == client_id)
    return session.scalar(users) or 0, session.scalar(groups) or 0


def users_after(session: Session, client_id: int, last: str, *, most: int) -> list[ScimUser]:
    """Return a client's next users in the order of their ids; the first ones after an empty id."""
    wanted = select(ScimUser).where(ScimUser.client_id == client_id, ScimUser.id > last)
    return list(session.scalars(wanted.order_by(ScimUser.id).limit(most)))
