"""The administrator's overview and the directory as a list."""

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.admin import contexts
from app.discover.indexing import EXTENSION as SEARCH_INDEX
from app.foryou import shelf
from app.people import queries as directory
from app.web.htmx import page
from app.web.paging import Paging, page_links, page_number
from app.web.unit_of_work import config, db_session

bp = Blueprint("admin", __name__)
JOBS = "foyer-jobs"
_PAGE_SIZE = 50


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
    """Let the worker train the recommender."""
    current_app.extensions[JOBS].train_soon()
    flash(_("The worker will train the recommender now. That may take some minutes."))
    return redirect(url_for("admin.index"), code=303)


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
