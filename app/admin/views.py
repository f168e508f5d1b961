"""The administrator's overview, the directory as a list, and one person of it."""

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.access import Access
from app.admin import contexts, service
from app.admin import people as persons
from app.admin.forms import LEVELS, AccessForm, IdentityForm, SessionForm, SwitchForm
from app.audit import trail
from app.discover.indexing import EXTENSION as SEARCH_INDEX
from app.foryou import shelf, trainings
from app.models import Person
from app.people import queries as directory
from app.web.forms import valid
from app.web.htmx import page
from app.web.paging import Paging, page_links, page_number
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

bp = Blueprint("admin", __name__)
JOBS = "foyer-jobs"
_PAGE_SIZE = 50
_PERSON = "/people/<int(max=2147483647):person_id>"


@bp.before_request
def _mark() -> None:
    g.nav = "admin"


@bp.get("")
def index() -> ResponseReturnValue:
    """Show how the portal is: content, people, index, recommendations, jobs."""
    facts = contexts.overview(
        db_session(),
        current_app.extensions[SEARCH_INDEX],
        config().search_engine,
        shelf.room(),
        now=clock.now(),
    )
    jobs = current_app.extensions[JOBS]
    return page("admin/index.html", facts=facts, waiting=jobs.waiting(), runs=jobs.last_runs())


@bp.post("/train")
def train() -> ResponseReturnValue:
    """Let the worker train the recommender, and show the page that says how far it is."""
    training = trainings.ask(db_session(), by=viewer().id, now=clock.now())
    db_session().commit()
    current_app.extensions[JOBS].train_soon()
    return redirect(url_for("tending.models", after=training.id - 1), code=303)


@bp.get("/people")
def people() -> ResponseReturnValue:
    """List the people whose name or e-mail address holds the text, page by page."""
    text = " ".join(request.args.get("q", "").replace("\0", "").split())[:100]
    number = page_number()
    total, found = directory.people_page(
        db_session(), text=text, offset=(number - 1) * _PAGE_SIZE, limit=_PAGE_SIZE
    )
    paging = Paging(number, _PAGE_SIZE, total)
    return page(
        "admin/people.html",
        fragments=("results",),
        people=found,
        text=text,
        total=total,
        links=page_links(paging),
    )


@bp.get(_PERSON)
def person(person_id: int) -> ResponseReturnValue:
    """Show one person: what they may do, how they come in, and where they are signed in."""
    me = viewer()
    facts = persons.facts(db_session(), person_id, me=me.id, this=me.session_id, now=clock.now())
    return page("admin/person.html", facts=facts, levels=LEVELS)


@bp.post(_PERSON + "/access")
def change_access(person_id: int) -> ResponseReturnValue:
    """Give a person another access level."""
    found = persons.person(db_session(), person_id)
    access = Access(valid(AccessForm()).access.data)
    before = found.access
    service.change_access(db_session(), found, access, by=viewer().id)
    trail.note("admin.change_access", subject=_who(found), before=before, after=access.value)
    return _back(found, _("The access is changed."))


@bp.post(_PERSON + "/switch")
def switch_person(person_id: int) -> ResponseReturnValue:
    """Let a person sign in, or end that at once."""
    found = persons.person(db_session(), person_id)
    active = valid(SwitchForm()).active.data == "1"
    ended = service.switch_person(db_session(), found, active=active, by=viewer().id)
    trail.note("admin.switch_person", subject=_who(found), active=active, sessions_ended=ended)
    return _back(found, _("They may sign in again.") if active else _("They are signed out."))


@bp.post(_PERSON + "/sessions/end")
def end_sessions(person_id: int) -> ResponseReturnValue:
    """End one of a person's sessions, or all of them."""
    found = persons.person(db_session(), person_id)
    wanted = valid(SessionForm()).session_id.data
    ended = service.end_sessions(db_session(), found, wanted)
    trail.note("admin.end_sessions", subject=_who(found), sessions_ended=ended, session=wanted)
    return _back(found, _("They are signed out there."))


@bp.post(_PERSON + "/unlink")
def unlink(person_id: int) -> ResponseReturnValue:
    """Forget the name that a provider has for a person."""
    found = persons.person(db_session(), person_id)
    gone = service.unlink(db_session(), found, valid(IdentityForm()).identity_id.data)
    trail.note(
        "admin.unlink", subject=_who(found), provider=gone.provider.slug, identity=gone.subject
    )
    return _back(found, _("The identity is no longer linked."))


def _who(found: Person) -> str:
    """Return how the audit log names a person."""
    return f"{found.name} <{found.email}>"


def _back(found: Person, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("admin.person", person_id=found.id), code=303)
