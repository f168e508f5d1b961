"""Lets a person's latest stars for an item stand alone, from whichever tool or file they come."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.activity.deeds import Deed
from app.activity.removals import leave_word, remove
from app.catalogue.stored import in_parts
from app.models import Activity, Verb

Pair = tuple[int, int]


def latest(session: Session, deeds: Sequence[Deed]) -> list[Deed]:
    """Return the deeds without ratings that a later one replaces; remove what these replace.

    What is left out here is not read in again either, not even when the later one is taken back.
    """
    told = sorted((one for one in deeds if one.verb is Verb.RATED), key=lambda one: one.at)
    newest = {(one.person_id, one.item_id): one for one in told}
    given = _given_before(session, newest)
    stays = {one for pair, one in newest.items() if pair not in given or given[pair].at <= one.at}
    replaced = [row for pair, row in given.items() if newest[pair] in stays]
    for part in in_parts(replaced):
        ids = [row.id for row in part]
        remove(session, Activity.id.in_(ids), now=max(newest[_pair(row)].at for row in part))
    for one in told:
        if one not in stays:
            leave_word(session, [one.external_id], now=one.at)
    return [one for one in deeds if one.verb is not Verb.RATED or one in stays]


def _given_before(session: Session, pairs: Collection[Pair]) -> dict[Pair, Activity]:
    key = tuple_(Activity.person_id, Activity.item_id)
    return {
        _pair(row): row
        for part in in_parts(sorted(pairs))
        for row in session.scalars(
            select(Activity)
            .where(key.in_(part), Activity.verb == Verb.RATED.value)
            .order_by(Activity.at, Activity.id)
        )
    }


def _pair(row: Activity) -> Pair:
    return row.person_id, row.item_id
