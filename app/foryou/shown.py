"""What was looked at: kept once a shelf of recommendations was really in view, for 90 days.

A GET changes nothing, so the page carries each shelf as a sealed token, and the page's script sends
it back by a POST after a second in view. Without script nothing is kept. The token is bound to the
person, holds a day, and is good once. Nothing is kept for people who have signals paused.
"""

import base64
import json
import secrets
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from app.db import insert_if_missing
from app.models import Experiment, Item, Person, ShownItem, ShownSlate
from app.vault import CannotOpenError, Vault
from recommender.data import Recommendation

KEPT_FOR = timedelta(days=90)
GOOD_FOR = timedelta(days=1)
LONGEST_TOKEN = 8192
_PURPOSE = "shown 1"


@dataclass(frozen=True, slots=True)
class Showing:
    """A shelf as a page showed it; the rows of `items` hold the columns of `ShownItem`."""

    person_id: int
    token: str
    shelf: str
    model: str
    experiment_id: int | None
    made_at: datetime
    items: tuple[dict[str, Any], ...]


def sealed(
    vault: Vault,
    person_id: int,
    shelf: str,
    slate: Iterable[Recommendation],
    *,
    model: str,
    experiment_id: int | None = None,
    now: datetime,
) -> str:
    """Return what a page carries of a shelf, sealed: `slate` is what it shows, first to last.

    `shelf` is a name of at most 30 characters, `model` that of the trained model. Every call makes
    another token, which is good once, for this person, and for a day.
    """
    told = {
        "for": _PURPOSE,
        "person": person_id,
        "token": secrets.token_urlsafe(18),
        "shelf": shelf,
        "model": model,
        "experiment": experiment_id,
        "at": now.timestamp(),
        "items": [_told(each) for each in slate],
    }
    packed = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)
    return vault.seal(base64.b85encode(packed).decode())


def opened(vault: Vault, sealed_text: str) -> Showing | None:
    """Return what was sealed; None for anything that `sealed` has not made."""
    if not sealed_text or len(sealed_text) > LONGEST_TOKEN:
        return None
    try:
        told = json.loads(zlib.decompress(base64.b85decode(vault.open(sealed_text))))
    except (CannotOpenError, ValueError, zlib.error):
        return None
    if not isinstance(told, dict) or told.get("for") != _PURPOSE:
        return None
    return Showing(
        person_id=told["person"],
        token=told["token"],
        shelf=told["shelf"],
        model=told["model"],
        experiment_id=told["experiment"],
        made_at=datetime.fromtimestamp(told["at"], UTC),
        items=tuple(_row(place, *one) for place, one in enumerate(told["items"], start=1)),
    )


def keep(
    session: Session, vault: Vault, person_id: int, sealed_text: str, *, now: datetime
) -> bool:
    """Keep that a person looked at the shelf that was sealed; return whether it is kept.

    It is not if the token is another's, forged, older than a day or used, nor if the person has
    signals paused.
    """
    showing = opened(vault, sealed_text)
    if showing is None or showing.person_id != person_id:
        return False
    if now - showing.made_at > GOOD_FOR or not _lets_keep(session, person_id):
        return False
    return _keep(session, showing, now=now)


def shown_to(session: Session, person_id: int, limit: int) -> Sequence[ShownSlate]:
    """Return the slates that a person looked at last, the newest first, with their items."""
    return session.scalars(
        select(ShownSlate)
        .where(ShownSlate.person_id == person_id)
        .options(selectinload(ShownSlate.items))
        .order_by(ShownSlate.shown_at.desc(), ShownSlate.id.desc())
        .limit(limit)
    ).all()


def forget_shown(session: Session, person_id: int) -> int:
    """Delete everything that a person looked at and return how many slates there were."""
    return _forget(session, ShownSlate.person_id == person_id)


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what anybody looked at more than 90 days ago and return how many slates there were."""
    return _forget(session, ShownSlate.shown_at < now - KEPT_FOR)


def _told(each: Recommendation) -> list[Any]:
    score = float(f"{each.score:.4g}")
    return [each.item, score, each.team, each.propensity, each.reason.to_json()]


def _row(
    place: int,
    item_id: int,
    score: float,
    team: str,
    propensity: float | None,
    evidence: dict[str, Any],
) -> dict[str, Any]:
    return {
        "position": place,
        "item_id": item_id,
        "score": score,
        "team": team,
        "propensity": propensity,
        "evidence": evidence,
    }


def _lets_keep(session: Session, person_id: int) -> bool:
    pauses = session.scalar(select(Person.pauses_signals).where(Person.id == person_id))
    return pauses is False


def _keep(session: Session, showing: Showing, *, now: datetime) -> bool:
    """Write the rows unless they are there; items that are gone meanwhile are left out."""
    values = {
        "person_id": showing.person_id,
        "shelf": showing.shelf,
        "model": showing.model,
        "experiment_id": _still_there(session, showing.experiment_id),
        "shown_at": now,
    }
    if not insert_if_missing(session, ShownSlate, token=showing.token, **values):
        return False
    slate_id = session.scalars(select(ShownSlate.id).where(ShownSlate.token == showing.token)).one()
    wanted = [row["item_id"] for row in showing.items]
    there = set(session.scalars(select(Item.id).where(Item.id.in_(wanted))))
    rows = [row for row in showing.items if row["item_id"] in there]
    session.add_all(ShownItem(slate_id=slate_id, **row) for row in rows)
    session.flush()
    return True


def _still_there(session: Session, experiment_id: int | None) -> int | None:
    return session.scalar(select(Experiment.id).where(Experiment.id == experiment_id))


def _forget(session: Session, which: Any) -> int:
    slates = select(ShownSlate.id).where(which)
    session.execute(delete(ShownItem).where(ShownItem.slate_id.in_(slates)))
    gone = session.execute(delete(ShownSlate).where(which))
    return int(getattr(gone, "rowcount", 0))
