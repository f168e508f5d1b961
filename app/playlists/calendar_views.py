"""The plan as a private calendar: how to add it, and the calendar itself for who has its address.

Reading it notes at most once an hour that it was read, so that its owner sees whether anybody does:
the second GET, beside `/go/<id>`, that writes.
"""

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.config import LANGUAGES
from app.errors import NotFound
from app.models import Person
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from app.playlists import feeds, queries
from app.playlists.ics import calendar_of
from app.web.htmx import page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

bp = Blueprint("calendar", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "playlists"


@bp.get("/calendar")
def index() -> ResponseReturnValue:
    """Explain the calendar, and say whether the reader has an address and when it was read."""
    return _shown()


@bp.post("/calendar")
def make() -> ResponseReturnValue:
    """Make an address, in place of any before, and show it this once."""
    token = feeds.make(db_session(), viewer().id, now=clock.now())
    return _shown(
        address=config().base_url.rstrip("/") + url_for("calendar.feed", feed_token=token)
    )


@bp.post("/calendar/off")
def switch_off() -> ResponseReturnValue:
    """End the reader's address."""
    feeds.switch_off(db_session(), viewer().id)
    flash(_("Your calendar address has ended. Calendars that followed it get nothing any more."))
    return redirect(url_for("calendar.index"), code=303)


@bp.get("/calendar/<feed_token>.ics")
def feed(feed_token: str) -> ResponseReturnValue:
    """Give the plans of whose address this is as a calendar, in their own language."""
    read = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    person_id = feeds.reader_of(db_session(), feed_token, now=clock.now(), note=read)
    person = with_roles_and_groups(db_session(), person_id) if person_id else None
    if person is None:
        raise NotFound("There is no such calendar.")
    with force_locale(_language_of(person)):
        body = _calendar(person)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)


def _calendar(person: Person) -> str:
    base = config().base_url.rstrip("/")
    zone = clock.zone(person.time_zone, config().time_zone)
    today = clock.now().astimezone(zone).date()
    plans = queries.assigned_plans(
        db_session(), person.id, tokens=audience_tokens(person), today=today
    )
    return calendar_of(
        plans,
        home=base + url_for("playlists.index"),
        host=base.partition("//")[2].partition("/")[0].partition(":")[0],
        link=lambda slug: base + url_for("playlists.show", slug=slug),
    )


def _language_of(person: Person) -> str:
    return person.locale if person.locale in LANGUAGES else config().language


def _shown(address: str = "") -> ResponseReturnValue:
    kept = feeds.feed_of(db_session(), viewer().id)
    subscribe = "webcal://" + address.partition("//")[2] if address else ""
    return page("playlists/calendar.html", kept=kept, address=address, subscribe=subscribe)
