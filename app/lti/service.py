"""Writes of LTI: launches begun and used up, people's names at a tool, what curators picked."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.auth.service import hashed
from app.catalogue import service as catalogue
from app.catalogue.stored import stored_items
from app.db import insert_if_missing
from app.errors import NotFound
from app.lti import queries
from app.lti.picks import Pick, picks_from, record_of
from app.models import Connection, LtiLaunch, LtiLink, LtiNonce, ToolAccount

HINT_LIFE = timedelta(seconds=120)
PICKING = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Begun:
    """A launch under way, as the browser carries it to the tool: both are opaque."""

    subject: str
    hint: str


def begin(
    session: Session,
    connection: Connection,
    *,
    person_id: int,
    item_id: int | None,
    now: datetime,
) -> Begun:
    """Remember that a person is on the way to a tool; sweep out what has run out.

    Without an item they go there to pick some.
    """
    sweep(session, now=now)
    hint = secrets.token_urlsafe(32)
    session.add(
        LtiLaunch(
            hint_hash=hashed(hint),
            connection_id=connection.id,
            person_id=person_id,
            item_id=item_id,
            expires_at=now + HINT_LIFE,
        )
    )
    session.flush()
    return Begun(subject_of(session, connection.id, person_id, now=now), hint)


def subject_of(session: Session, connection_id: int, person_id: int, *, now: datetime) -> str:
    """Return the person's name at this tool, made at the first launch and the same ever after."""
    known = queries.subject_of(session, connection_id, person_id)
    if known:
        return known
    session.get_one(Connection, connection_id, with_for_update=True)
    known = queries.subject_of(session, connection_id, person_id)
    if known:
        return known
    subject = secrets.token_urlsafe(24)
    account = ToolAccount(
        connection_id=connection_id, subject=subject, person_id=person_id, seen_at=now
    )
    session.add(account)
    session.flush()
    return subject


def take(
    session: Session, connection: Connection, *, hint: str, person_id: int, now: datetime
) -> LtiLaunch | None:
    """Use up the person's launch that the hint names and return it; of two that race, one wins."""
    taken = session.execute(
        update(LtiLaunch)
        .where(
            LtiLaunch.hint_hash == hashed(hint),
            LtiLaunch.connection_id == connection.id,
            LtiLaunch.person_id == person_id,
            LtiLaunch.used_at.is_(None),
            LtiLaunch.expires_at > now,
        )
        .values(used_at=now)
        .returning(LtiLaunch.hint_hash)
    ).scalar()
    return session.get(LtiLaunch, taken) if taken else None


def ask_for_picks(session: Session, launch: LtiLaunch, *, now: datetime) -> str:
    """Return what the tool must send back with what is picked there: once, within two hours."""
    data = secrets.token_urlsafe(32)
    launch.data_hash = hashed(data)
    launch.expires_at = now + PICKING
    session.flush()
    return data


def use_up(session: Session, connection: Connection, nonce: str, *, good_until: datetime) -> bool:
    """Remember a tool's message until it runs out; tell whether it had not been seen before."""
    return insert_if_missing(
        session,
        LtiNonce,
        nonce_hash=hashed(f"{connection.id} {nonce}"),
        expires_at=good_until,
    )


def keep_picks(
    session: Session, asked: LtiLaunch, picked: Mapping[str, object], *, now: datetime
) -> bool:
    """Keep what the tool sent, to be looked through; tell whether this was the first answer."""
    kept = session.execute(
        update(LtiLaunch)
        .where(LtiLaunch.hint_hash == asked.hint_hash, LtiLaunch.picked.is_(None))
        .values(picked=dict(picked), expires_at=now + PICKING)
        .returning(LtiLaunch.hint_hash)
    ).scalar()
    return kept is not None


def add_picks(
    session: Session,
    connection: Connection,
    launch: LtiLaunch,
    chosen: Collection[int],
    *,
    kind: str,
    now: datetime,
) -> list[Pick]:
    """Put the chosen picks into the catalogue, with what the tool wants to be told of each.

    Returns them; raises NotFound when they were put there, or dropped, in the meantime.
    """
    found = [pick for place, pick in enumerate(picks_from(launch.picked)) if place in chosen]
    drop_picks(session, launch)
    catalogue.upsert(session, [record_of(pick, connection.tool, kind) for pick in found], now=now)
    keep_custom(session, connection, found)
    return found


def drop_picks(session: Session, launch: LtiLaunch) -> None:
    """Forget what was picked; raise NotFound when that has happened already."""
    gone = session.execute(
        delete(LtiLaunch)
        .where(LtiLaunch.hint_hash == launch.hint_hash)
        .returning(LtiLaunch.hint_hash)
    ).scalar()
    if gone is None:
        raise NotFound
    session.flush()


def keep_custom(session: Session, connection: Connection, picks: Collection[Pick]) -> None:
    """Keep what each picked resource link is to be launched with."""
    links = {(connection.tool.slug, pick.external_id): pick for pick in picks if pick.is_launched}
    for key, stored in stored_items(session, links).items():
        session.merge(LtiLink(item_id=stored.id, custom=dict(links[key].custom)))
    session.flush()


def sweep(session: Session, *, now: datetime) -> None:
    """Delete launches and messages that have run out: nothing of them works any longer."""
    session.execute(delete(LtiLaunch).where(LtiLaunch.expires_at < now))
    session.execute(delete(LtiNonce).where(LtiNonce.expires_at < now))
