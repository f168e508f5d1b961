"""Why an item is not recommended to a reader: one honest answer, with what proves it.

The rules are asked in the order in which they bar; only what none of them bars is compared with
what is recommended in its place. An item that the reader may not see is answered like one that does
not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity import queries as activity
from app.catalogue import queries as catalogue
from app.catalogue.duplicates import Twin, also_in
from app.catalogue.lookup import audience_of_item
from app.curation.queries import page_to_read
from app.errors import NotFound
from app.foryou import sentences, service, shelf
from app.foryou.ahead import ahead_in
from app.foryou.service import Reader
from app.models import Item, ItemState, Playlist, Status
from app.playlists.queries import assigned_plans
from app.web.i18n import today, when
from recommender.data import Recommendation, Slate
from recommender.whynot import Standing, standing

SHOWN = 20
COMPARED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said: one sentence, what more there is to it, and where to go or what to take back.

    `undo` tells that the reader can take a "not for me" back. What no rule bars is `ranked`;
    `ahead` says in what the `best` of their recommendations are ahead of it on average.
    """

    item_id: int
    title: str
    said: str
    more: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    undo: bool = False
    ranked: bool = False
    best: int = 0
    ahead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """An item that a reader asks about, and what is known of the two, read when it is needed."""

    session: Session
    viewer: Viewer
    item: Item
    now: datetime

    @cached_property
    def state(self) -> ItemState | None:
        """Return where the item stands for the reader."""
        return activity.state_of(self.session, self.viewer.id, self.item.id)

    @cached_property
    def reader(self) -> Reader:
        """Return the reader as the recommender sees them."""
        return shelf.reader(self.session, self.viewer, now=self.now)

    @cached_property
    def twins(self) -> list[Twin]:
        """Return the same thing in other tools, as far as the reader may see it."""
        return also_in(self.session, self.item.id, tokens=self.viewer.tokens)

    @cached_property
    def playlist(self) -> Playlist | None:
        """Return the playlist given to the reader that the item stands in, if they may see it."""
        plans = assigned_plans(
            self.session, self.viewer.id, tokens=self.viewer.tokens, today=today()
        )
        holding = (p for p in plans for step in p.steps if step.item_id == self.item.id)
        return next((plan.playlist for plan in holding), None)

    @cached_property
    def ranking(self) -> Slate:
        """Return the reader's recommendations, many more of them than any page shows."""
        return service.slate_for(shelf.room(), self.reader, limit=COMPARED)

    def answer(
        self,
        said: str,
        *more: str,
        link: tuple[str, str] | None = None,
        undo: bool = False,
    ) -> Answer:
        """Return an answer about this item."""
        item = self.item
        return Answer(item_id=item.id, title=item.title, said=said, more=more, link=link, undo=undo)


def why_not(session: Session, viewer: Viewer, item_id: int, *, now: datetime) -> Answer:
    """Answer for one item; raises NotFound for one that is not there for this reader."""
    item = catalogue.visible_item(session, item_id, tokens=viewer.tokens)
    if item is None:
        raise NotFound("There is no such item for you.")
    asked = Asked(session, viewer, item, now)
    found = (give(asked) for give in _ANSWERS)
    return next((answer for answer in found if answer), None) or _unknown(asked)


def why_not_on(session: Session, viewer: Viewer, item_id: int, *, slug: str) -> str:
    """Tell a curator whether everybody may see an item for whose role a page is.

    Raises NotFound for an item or a page that is not there for the curator either.
    """
    item = catalogue.visible_item(session, item_id, tokens=viewer.tokens)
    page = page_to_read(session, slug=slug, tokens=viewer.tokens)
    if item is None or page is None:
        raise NotFound("There is no such item or page for you.")
    if audience_of_item(session, item_id) & {"everyone", f"role:{slug}"}:
        return gettext("Everybody with the role %(role)s may see it.", role=page.role.name)
    return gettext(
        "Not everybody with the role %(role)s may see it: it is meant for others.",
        role=page.role.name,
    )


def _done(asked: Asked) -> Answer | None:
    if asked.state is None or asked.state.done_at is None:
        return None
    said = gettext("You finished it %(when)s.", when=when(asked.state.done_at))
    return asked.answer(said, gettext("What you have finished is not recommended again."))


def _dismissed(asked: Asked) -> Answer | None:
    if asked.state is None or asked.state.dismissed_at is None:
        return None
    told = when(asked.state.dismissed_at)
    return asked.answer(gettext("You said %(when)s that it is not for you.", when=told), undo=True)


def _retired(asked: Asked) -> Answer | None:
    if asked.item.status == Status.LIVE.value:
        return None
    said = gettext("It has been retired.")
    return asked.answer(said, link=_to_twin(asked.twins[0]) if asked.twins else None)


def _instead(asked: Asked) -> Answer | None:
    """Name the edition that is offered in its place: of duplicates only one is."""
    offer = asked.reader.offer
    if asked.item.id not in offer.items or asked.item.id in offer.eligibility.eligible:
        return None
    others = [twin for twin in asked.twins if twin.id in offer.eligibility.eligible]
    if not others:
        return None
    if others[0].newer:
        said = gettext("A newer edition is in %(tool)s.", tool=others[0].tool_name)
    else:
        said = gettext("Its edition in %(tool)s is preferred.", tool=others[0].tool_name)
    return asked.answer(said, link=_to_twin(others[0]))


def _met_elsewhere(asked: Asked) -> Answer | None:
    """Say that the reader finished or refused the same thing in another tool."""
    reader = asked.reader
    if asked.item.id not in reader.offer.with_twins(reader.walled_off):
        return None
    said = gettext("You finished it in another tool, or said there that it is not for you.")
    seen = [twin for twin in asked.twins if twin.id in reader.walled_off]
    return asked.answer(said, link=_to_twin(seen[0]) if seen else None)


def _assigned(asked: Asked) -> Answer | None:
    if asked.item.id not in asked.reader.context.assigned:
        return None
    playlist = asked.playlist
    if playlist is None:
        return asked.answer(gettext("It stands in one of your playlists already."))
    address = url_for("playlists.show", slug=playlist.slug)
    said = gettext("It stands in your playlist %(title)s already.", title=playlist.title)
    return asked.answer(said, link=(playlist.title, address))


def _met(asked: Asked) -> Answer | None:
    """Say what the reader did with it last: what they have met is not recommended again."""
    deeds = [e for e in asked.reader.context.history if e.item == asked.item.id]
    if not deeds:
        return None
    told = when(datetime.fromtimestamp(deeds[-1].at, asked.now.tzinfo))
    said = _DEEDS.get(deeds[-1].verb, _opened)(told)
    return asked.answer(said, gettext("What you have met is not recommended again."))


def _opened(told: str) -> str:
    return gettext("You opened it %(when)s.", when=told)


_DEEDS: dict[str, Callable[[str], str]] = {
    "viewed": lambda told: gettext("You looked at it %(when)s.", when=told),
    "saved": lambda told: gettext("You saved it %(when)s.", when=told),
    "liked": lambda told: gettext("You liked it %(when)s.", when=told),
    "rated": lambda told: gettext("You rated it %(when)s.", when=told),
    "spent": lambda told: gettext("You spent time on it %(when)s.", when=told),
    "completed": lambda told: gettext("You finished it %(when)s.", when=told),
}


def _other_language(asked: Asked) -> Answer | None:
    if asked.item.language in {asked.reader.context.language, "en"}:
        return None
    said = gettext("It is in another language than yours, and not in English.")
    return asked.answer(said, gettext("You can change your language in the settings."))


def _recommended(asked: Asked) -> Answer | None:
    slate = service.slate_for(shelf.room(), asked.reader, limit=SHOWN)
    if asked.item.id not in slate.items:
        return None
    place = slate.items.index(asked.item.id)
    said = gettext("It is recommended to you: number %(place)s on your list.", place=place + 1)
    grounds = _grounds(asked, slate.recommendations[place])
    return replace(asked.answer(said, *grounds), ranked=True)


def _grounds(asked: Asked, found: Recommendation) -> list[str]:
    """Return what speaks for the item, if that can be said, as a sentence of its own."""
    reason = _sentence(asked, found)
    return [gettext("What speaks for it: %(reason)s.", reason=reason)] if reason else []


def _sentence(asked: Asked, found: Recommendation) -> str:
    spoken = sentences.items_named([found.reason])
    cards = shelf.cards_for(asked.session, asked.viewer, spoken)
    names = shelf.names_for(asked.reader, asked.viewer, cards)
    return sentences.sentence(found.reason, names)


def _below(asked: Asked) -> Answer | None:
    own = _own(asked)
    if own is None:
        return None
    stands = standing(asked.ranking, own, SHOWN)
    answer = replace(asked.answer(_place(stands), *_grounds(asked, own)), ranked=True)
    ahead = ahead_in(stands.stronger)
    if not ahead:
        even = gettext("It comes out even with what is shown, which is a mixture of kinds.")
        return replace(answer, more=(*answer.more, even))
    best = min(SHOWN, stands.compared)
    return replace(answer, best=best, ahead=ahead)


def _place(stands: Standing) -> str:
    if stands.place is None:
        return gettext("It comes after the %(all)s that suit you best.", all=stands.compared)
    place, every = stands.place, stands.compared
    return gettext("It is number %(place)s of %(all)s for you.", place=place, all=every)


def _own(asked: Asked) -> Recommendation | None:
    """Return the item as it was ranked, or ranked alone where it comes after all compared."""
    ranked = {each.item: each for each in asked.ranking.recommendations}
    if asked.item.id in ranked:
        return ranked[asked.item.id]
    return service.ranked_alone(shelf.room(), asked.reader, asked.item.id)


def _unknown(asked: Asked) -> Answer:
    return asked.answer(gettext("It can be recommended to you, and is not at this moment."))


def _to_twin(twin: Twin) -> tuple[str, str]:
    return f"{twin.title} ({twin.tool_name})", url_for("discover.item", item_id=twin.id)


_ANSWERS: tuple[Callable[[Asked], Answer | None], ...] = (
    _done,
    _dismissed,
    _retired,
    _instead,
    _met_elsewhere,
    _assigned,
    _met,
    _other_language,
    _recommended,
    _below,
)
