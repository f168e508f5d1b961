"""How those who are under way with a playlist get on, as sums, and a message to all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.catalogue.queries import visible_item
from app.errors import Invalid, NotFound
from app.harvest import posting
from app.harvest.reaching import Parts
from app.models import Item, Playlist, Status
from app.playlists import messages
from app.playlists.cohort import Cohort, Figures, StepFigures, cohorts, figures_of, figures_of_all
from app.playlists.cohort_reading import StepName, step_names, travellers
from app.playlists.desk import face_of
from app.sums import AtLeast, told
from app.web.errors import translated
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import config, db_session, resources
from app.web.viewer import viewer

bp = Blueprint("cohort", __name__)
_HARVEST = "foyer-harvest"  # the parts that tests put in place of the application's own


@bp.before_request
def _mark() -> None:
    g.nav = "curate"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step with what is told of it, and whether most wait here."""

    name: StepName
    figures: StepFigures
    stalls: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A choice of people on the page: its address, its words, how many, whether it is shown."""

    value: str
    label: str
    people: AtLeast
    shown: bool


@bp.get("/<slug>/cohort")
def show(slug: str) -> ResponseReturnValue:
    """Show how those under way get on: all of them, or those who started in some months."""
    return _page(_playlist_or_404(slug))


@bp.post("/<slug>/cohort/message")
def send(slug: str) -> ResponseReturnValue:
    """Write to everybody under way, and say it in the playlist's channel where that is wanted."""
    playlist, session, given = _playlist_or_404(slug), db_session(), request.form
    channel = _channel(playlist) if given.get("channel") else None
    try:
        text = messages.write_to_all(
            session, playlist, given.get("text", ""), name=viewer().name, now=clock.now()
        )
    except Invalid as invalid:
        why = {name: [translated(text)] for name, text in invalid.fields.items()}
        return _page(playlist, text=given.get("text", ""), errors=why, status=422)
    trail.note("cohort.send", subject=playlist.title, channel=bool(channel))
    session.commit()
    flash(_("Everybody under way finds it among their notices."))
    if channel:
        _say(playlist, channel, text)
    return redirect(url_for(".show", slug=slug), code=303)


def _page(
    playlist: Playlist,
    *,
    text: str = "",
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, me = db_session(), viewer()
    at_least = config().min_group_size
    names = step_names(session, playlist, tokens=me.tokens)
    found = cohorts(travellers(session, playlist.slug, today=today()), at_least)
    chosen = next((each for each in found if _value(each) == request.args.get("from", "")), None)
    keys = [name.key for name in names]
    figures = _figures(found, chosen, keys, at_least)
    channel = _channel(playlist)
    return page(
        "playlists/cohort.html",
        fragments=("figures",),
        status=status,
        playlist=playlist,
        figures=figures,
        lines=_lines(names, figures),
        groups=_groups(found, chosen, at_least),
        at_least=at_least,
        channel=channel,
        can_post=bool(channel and posting.can_post(session, _parts(), channel)),
        text=text,
        errors=errors or {},
        longest=messages.LONGEST,
    )


def _figures(
    found: Sequence[Cohort], chosen: Cohort | None, keys: Sequence[str], at_least: int
) -> Figures | None:
    if not found:
        return None
    if chosen:
        return figures_of(chosen, keys, at_least)
    return figures_of_all(found, keys, at_least)


def _lines(names: Sequence[StepName], figures: Figures | None) -> list[StepLine]:
    if figures is None:
        return []
    return [
        StepLine(name, step, step.key == figures.stalls_at)
        for name, step in zip(names, figures.steps, strict=True)
    ]


def _groups(found: Sequence[Cohort], chosen: Cohort | None, at_least: int) -> list[Group]:
    counts = [told(len(each.people), fewest=at_least) for each in found]
    all_of_them = Group("", _("Everybody under way"), AtLeast(sum(counts)), chosen is None)
    months = [
        Group(_value(each), _months(each), count, each is chosen)
        for each, count in zip(found, counts, strict=True)
    ]
    return [all_of_them, *months] if len(months) > 1 else [all_of_them]


def _value(cohort: Cohort) -> str:
    return f"{cohort.first:%Y-%m}"


def _months(cohort: Cohort) -> str:
    first, last = _month(cohort.first), _month(cohort.last)
    if first == last:
        return _("Started in %(month)s", month=first)
    return _("Started from %(first)s to %(last)s", first=first, last=last)


def _month(day: date) -> str:
    return format_date(day, "LLLL y")


def _say(playlist: Playlist, channel: Item, text: str) -> None:
    """Say a message in the channel, and tell the curator how that went."""
    key = messages.key_of(playlist, text, now=clock.now())
    why = posting.post(_parts(), channel.tool_id, channel.external_id, text, key=key)
    if not why:
        flash(_("It was said in the channel “%(channel)s” too.", channel=channel.title))
        return
    flash(
        _(
            "It could not be said in the channel “%(channel)s”: %(why)s Copy it there: %(text)s",
            channel=channel.title,
            why=translated(why),
            text=text,
        ),
        "warning",
    )


def _channel(playlist: Playlist) -> Item | None:
    """Return the playlist's channel, if there is one that this curator may see."""
    if playlist.channel_id is None:
        return None
    found = visible_item(db_session(), playlist.channel_id, tokens=viewer().tokens)
    return found if found and found.status == Status.LIVE.value else None


def _parts() -> Parts:
    given: Parts | None = current_app.extensions.get(_HARVEST)
    found = resources()
    return given or Parts(found.database, found.vault)


def _playlist_or_404(slug: str) -> Playlist:
    found = face_of(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no such playlist."))
    return found
