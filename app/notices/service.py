"""Writes of notices. Any room tells people something with `tell`; how they hear it is decided here.

A person is told the same thing, by its key, once: reminders therefore carry the day in their key.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.errors import Invalid, Wording
from app.models import Frequency, Notice, NoticeChoice, NoticeKind
from app.notices.queries import choice_of

MOST_IN_A_DAY = 40  # for one person; what comes beyond it is not kept
KEPT = timedelta(days=180)


def tell(
    session: Session,
    people: Collection[int],
    kind: NoticeKind,
    *,
    key: str,
    sentence: str,
    now: datetime,
    path: str = "",
    item_id: int | None = None,
) -> int:
    """Tell people one thing and return how many of them hear it now.

    Left out are those who know it already, who have muted its kind, and who were told
    `MOST_IN_A_DAY` things within a day. `people` are ids of persons; `key` (at most 200
    characters) says what it is about, as `suggestion:12`; `sentence` is a Wording, said in each
    reader's language; `path` is a local address that leads to it. With `item_id`, only who may
    see that item is shown and sent it.
    """
    wanted = frozenset(people)
    if not wanted:
        return 0
    left_out = _who_know(session, wanted, key) | _who_mute(session, wanted, kind)
    new = sorted(wanted - left_out - _who_had_enough(session, wanted, now))
    session.add_all(
        Notice(
            person_id=person_id,
            kind=kind.value,
            key=key,
            sentence=sentence,
            path=path,
            item_id=item_id,
            at=now,
        )
        for person_id in new
    )
    session.flush()
    return len(new)


def see_all(session: Session, person_id: int, *, now: datetime) -> None:
    """Note that a person has seen everything up to now."""
    session.execute(
        update(Notice)
        .where(Notice.person_id == person_id, Notice.seen_at.is_(None))
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def choose(session: Session, person_id: int, *, frequency: str, muted: Collection[str]) -> None:
    """Keep how often a person wants mail, and which kinds of notices they do not want at all.

    Choosing a mail takes back an unsubscription. Raises Invalid for what cannot be chosen.
    """
    if frequency not in set(Frequency):
        raise Invalid({"frequency": Wording("Choose how often.")})
    choice = choice_of(session, person_id)
    if choice is None:
        choice = NoticeChoice(person_id=person_id)
        session.add(choice)
    if frequency != Frequency.NEVER:
        choice.stopped_at = None
    choice.frequency = frequency
    choice.muted = sorted(set(muted) & set(NoticeKind))
    session.flush()


def stop_mail(session: Session, person_id: int, *, now: datetime) -> None:
    """Send a person no more mail, until they choose otherwise themselves."""
    choice = choice_of(session, person_id)
    if choice is None:
        choice = NoticeChoice(person_id=person_id, muted=[])
        session.add(choice)
    choice.frequency = Frequency.NEVER.value
    choice.stopped_at = choice.stopped_at or now
    session.flush()


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete notices that are older than `KEPT`."""
    session.execute(delete(Notice).where(Notice.at < now - KEPT))


def _who_know(session: Session, people: Collection[int], key: str) -> frozenset[int]:
    known = select(Notice.person_id).where(Notice.key == key, Notice.person_id.in_(people))
    return frozenset(session.scalars(known))


def _who_mute(session: Session, people: Collection[int], kind: NoticeKind) -> frozenset[int]:
    chosen = session.execute(
        select(NoticeChoice.person_id, NoticeChoice.muted).where(NoticeChoice.person_id.in_(people))
    )
    return frozenset(person_id for person_id, muted in chosen if kind.value in muted)


def _who_had_enough(session: Session, people: Collection[int], now: datetime) -> frozenset[int]:
    return frozenset(
        session.scalars(
            select(Notice.person_id)
            .where(Notice.person_id.in_(people), Notice.at > now - timedelta(days=1))
            .group_by(Notice.person_id)
            .having(func.count() >= MOST_IN_A_DAY)
        )
    )
