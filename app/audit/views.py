"""The audit log as a page for administrators."""

from flask import Blueprint, current_app, g, url_for
from flask.typing import ResponseReturnValue

from app.audit import contexts, forms, queries
from app.web.htmx import page
from app.web.unit_of_work import db_session

bp = Blueprint("audit", __name__)
JOBS = "foyer-jobs"
_SIZE = 50


@bp.before_request
def _mark() -> None:
    g.nav = "admin"


@bp.get("/audit")
def index() -> ResponseReturnValue:
    """List the newest entries that fit, or those before a number."""
    asked = forms.asked()
    found = queries.newest(db_session(), asked.filter(), before=asked.before, limit=_SIZE + 1)
    more = asked.address(before=found[_SIZE - 1].number) if len(found) > _SIZE else None
    return page(
        "audit/index.html",
        fragments=("results",),
        asked=asked,
        shown=[contexts.shown(entry) for entry in found[:_SIZE]],
        older=url_for("audit.index", **more) if more else "",
        newest=url_for("audit.index", **asked.address()) if asked.before else "",
        count=queries.count(db_session()),
        check=contexts.last_check(current_app.extensions[JOBS].last_runs()),
    )
