"""Recommendations for one reader: the trained model and what the reader did a moment ago."""

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity import queries as activity
from app.foryou import history, queries
from app.foryou.experiments import AS_EVER, Running, Side
from app.foryou.here import NOWHERE, Here
from app.foryou.room import Offer, Room
from app.playlists import queries as playlists
from recommender.data import Context, Recommendation, Slate
from recommender.live import Live
from recommender.model import Model
from recommender.pipeline import explain, recommend, similar

MEMORY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader as the recommender sees them, and the items that must stay out.

    `live` returns what everybody did since a model was trained.
    """

    context: Context
    offer: Offer
    walled_off: frozenset[int]
    live: Callable[[Model], Live | None] = lambda _model: None


def reader_of(
    session: Session,
    room: Room,
    viewer: Viewer,
    *,
    language: str,
    now: datetime,
    here: Here = NOWHERE,
    fewest: int = 5,
    steps: Mapping[int, bool] | None = None,
) -> Reader:
    """Gather a reader's newest history, what is walled off, and what they may be offered.

    `here` is what their request says of its moment; an item or tool that they come from counts
    only if they may see it. `fewest` is how many people a figure must speak of, at least 5.
    `steps` are the items of their playlists, with whether each is the next step of one; they are
    read where the caller does not know them.
    """
    offer, signs = room.offer(session, tokens=viewer.tokens, languages=frozenset({language, "en"}))
    done = history.history_of(session, viewer.id, since=now - MEMORY)
    if steps is None:
        steps = playlists.assigned_steps(session, viewer.id)
    return Reader(
        context=Context(
            person=viewer.id,
            roles=viewer.roles,
            history=done,
            now=now.timestamp(),
            assigned=frozenset(steps),
            circles=tuple(sorted(filter(_is_circle, viewer.tokens))),
            started=_moment(viewer.started_on),
            role_since=_moment(viewer.role_since),
            minutes=here.minutes,
            device=here.device,
            language=language,
            tool=here.tool,
            origin=here.origin if here.origin in offer.items else None,
            steps=frozenset(item for item, is_next in steps.items() if is_next),
            gaps=offer.gaps(viewer.roles, (each.item for each in done if each.verb == "completed")),
            pins=offer.pinned_for(viewer.roles, now.date()),
            fewest=fewest,
        ),
        offer=offer,
        walled_off=activity.done_or_dismissed(session, viewer.id),
        live=lambda model: room.tail.live(session, model, signs),
    )


def _is_circle(token: str) -> bool:
    return token.startswith(("dept:", "loc:", "group:"))


def _moment(day: date | None) -> float | None:
    return datetime.combine(day, time(), UTC).timestamp() if day else None


def slate_for(
    room: Room,
    reader: Reader,
    *,
    limit: int,
    beside: Iterable[int] = (),
    experiment: Running | None = None,
    explore: bool = False,
) -> Slate:
    """Return the reader's slate, best first, each with its reason.

    What the reader has done or dismissed stays out, what is shown `beside` it, and duplicates of
    either. With an experiment the slate is made of both of its sides; with `explore`, chance may
    have a place.
    """
    met = (event.item for event in reader.context.history)
    barred = reader.offer.with_twins([*reader.walled_off, *beside]).union(met)

    def ranked(model: Model | None, side: Side) -> Slate:
        context = reader.context if side.is_live else _as_trained(reader.context, model)
        offer = reader.offer
        return recommend(
            model,
            context,
            offer.eligibility,
            offer.items,
            limit=limit,
            exclude=barred,
            live=reader.live(model) if model and side.is_live else None,
            explore=explore,
        )

    if experiment is None:
        return ranked(room.models.current(), AS_EVER)
    who, now = reader.context.person, reader.context.now
    return room.experiments.slate(experiment, ranked, person=who, now=now, limit=limit)


def _as_trained(context: Context, model: Model | None) -> Context:
    """Return what the model knew of the reader when it was trained."""
    until = model.trained_at if model else 0.0
    return replace(context, history=[event for event in context.history if event.at <= until])


def ranked_alone(room: Room, reader: Reader, item_id: int) -> Recommendation | None:
    """Return one item with its score and its parts, or None if it must stay out of any slate."""
    model = room.models.current()
    slate = recommend(
        model,
        reader.context,
        {item_id} & reader.offer.items.keys(),
        reader.offer.items,
        limit=1,
        exclude=reader.offer.with_twins(reader.walled_off),
        live=reader.live(model) if model else None,
    )
    return next(iter(slate.recommendations), None)


def why(room: Room, reader: Reader, item_id: int) -> Recommendation | None:
    """Return why this one item may be for the reader, or None when nothing true can be said.

    Of what they finished before their history begins nothing is: figures might count them.
    """
    met = any(event.item == item_id for event in reader.context.history)
    if item_id not in reader.offer.items or (item_id in reader.walled_off and not met):
        return None
    model = room.models.current()
    live = reader.live(model) if model else None
    return explain(model, reader.context, item_id, reader.offer.items, live)


def similar_to(room: Room, reader: Reader, item_id: int, *, limit: int) -> tuple[int, ...]:
    """Return the items most like this one that the reader may see, most alike first."""
    offer = reader.offer
    same = offer.with_twins([item_id])
    spare = limit + len(same)
    found = similar(room.models.current(), item_id, offer.eligibility, offer.items, limit=spare)
    return tuple(item for item, _score in found if item not in same)[:limit]


def similar_to_gone(
    session: Session, room: Room, reader: Reader, item_id: int, *, limit: int
) -> tuple[int, ...]:
    """Return what is most like an item that is no longer offered, from what is kept of it."""
    offer = reader.offer
    items = ChainMap({item_id: queries.facts_of(session, item_id)}, offer.items)
    found = similar(room.models.current(), item_id, offer.eligibility, items, limit=limit)
    return tuple(item for item, _score in found)
