"""Reading a tool by hand: trial, run, stop, one run's page, its mapping, its people, removals."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.audit import trail
from app.connectors.base import Mode, Spec
from app.connectors.mapping import Rule
from app.connectors.registry import connector_for
from app.errors import Invalid, NotFound
from app.harvest import accounts, removals, service
from app.models import Connection
from app.tools import contexts, previews, queries
from app.tools.advice import what_to_do
from app.tools.blueprint import bp
from app.tools.runs import run_facts
from app.tools.tool_views import back_to, begin_reading, connection_or_404, named
from app.web.errors import translated
from app.web.htmx import page
from app.web.unit_of_work import db_session

_TOOL = "/admin/tools/<slug>"
_WAYS = {"auto": None, "sweep": Mode.SWEEP, "dry": Mode.SWEEP}
_PROBLEMS = 200


@bp.post(f"{_TOOL}/run")
def run(slug: str) -> ResponseReturnValue:
    """Let the worker read the tool now: what changed, everything, or as a trial."""
    connection = connection_or_404(slug)
    what = request.form.get("what", "auto")
    if what not in _WAYS:
        raise Invalid({"what": _("Please choose one of the list.")})
    trail.note("tools.run", subject=named(connection), what=what)
    return begin_reading(connection, _WAYS[what], dry=what == "dry")


@bp.post(f"{_TOOL}/read-again")
def read_again(slug: str) -> ResponseReturnValue:
    """Let the worker read what people did from the beginning; what is known counts once."""
    connection = connection_or_404(slug)
    accounts.read_again(db_session(), connection)
    trail.note("tools.read_again", subject=named(connection))
    return begin_reading(connection)


@bp.post(f"{_TOOL}/stop")
def stop(slug: str) -> ResponseReturnValue:
    """Let the reading under way end after its present page."""
    connection = connection_or_404(slug)
    service.want_stop(db_session(), connection)
    trail.note("tools.stop", subject=named(connection))
    flash(_("It stops after the page it is reading. What is read so far stays."))
    return back_to(connection)


@bp.get(f"{_TOOL}/runs/<int(max=2147483647):run_id>")
def run_record(slug: str, run_id: int) -> ResponseReturnValue:
    """Show one reading: its counts, samples and problems."""
    connection = connection_or_404(slug)
    found = queries.run(db_session(), connection.id, run_id)
    if found is None:
        raise NotFound(_("That reading is no longer kept."))
    return page(
        "tools/run.html",
        tool=connection.tool,
        run=run_facts(found),
        advice=what_to_do(found.error_kind, enabled=connection.enabled),
        enabled=connection.enabled,
        problems=queries.problems(db_session(), found.id, _PROBLEMS),
    )


@bp.post(f"{_TOOL}/removals")
def answer_removals(slug: str) -> ResponseReturnValue:
    """Take away what a sweep did not see, or keep it: the administrator's word."""
    connection = connection_or_404(slug)
    if request.form.get("answer") == "remove":
        count = removals.accept(db_session(), connection, now=clock.now())
        said = ngettext("%(num)s item is retired.", "%(num)s items are retired.", count)
    else:
        count = removals.reject(db_session(), connection)
        said = ngettext("%(num)s item stays.", "%(num)s items stay.", count)
    trail.note(
        "tools.answer_removals",
        subject=named(connection),
        answer=request.form.get("answer", ""),
        items=count,
    )
    flash(said)
    return back_to(connection)


@bp.route(f"{_TOOL}/mapping", methods=["GET", "POST"])
def mapping(slug: str) -> ResponseReturnValue:
    """Show what the tool's fields mean here; try other rules, keep them, or drop them."""
    connection = connection_or_404(slug)
    spec = _spec(connection)
    if request.method != "POST":
        return _mapping_page(connection, previews.rows(previews.rules_of(connection, spec)))
    if request.form.get("what") == "usual":
        return _remapped(connection, None)
    rows = previews.rows_from(request.form)
    try:
        rules = previews.rules_in(rows)
    except ValueError as error:
        return _mapping_page(connection, rows, translated(error.args[0]))
    if request.form.get("what") == "keep":
        return _remapped(connection, rules)
    return _mapping_page(connection, previews.rows(rules))


@bp.get(f"{_TOOL}/people")
def people(slug: str) -> ResponseReturnValue:
    """List the tool's accounts that belong to nobody yet, and those linked by hand."""
    connection = connection_or_404(slug)
    lead = _("What %(tool)s tells of these accounts waits until somebody says who they are.")
    return page(
        "tools/people.html",
        tool=connection.tool,
        lead=lead % {"tool": connection.tool.name},
        unknown=accounts.unknown_accounts(db_session(), connection.id),
        linked=accounts.linked_by_hand(db_session(), connection.id),
    )


@bp.post(f"{_TOOL}/people/link")
def link_account(slug: str) -> ResponseReturnValue:
    """Say to whom an account belongs; what the tool told of it is read again and counts."""
    connection = connection_or_404(slug)
    account = accounts.link_account(
        db_session(), connection, _account_id(), email=request.form.get("email", "").strip()
    )
    trail.note("tools.link_account", subject=named(connection), account=account.name)
    flash(_("Linked. What the tool told of them is read again."))
    return redirect(url_for("tools.people", slug=slug), code=303)


@bp.post(f"{_TOOL}/people/unlink")
def unlink_account(slug: str) -> ResponseReturnValue:
    """Take back to whom an account belongs; what was counted stays."""
    connection = connection_or_404(slug)
    account = accounts.unlink_account(db_session(), connection, _account_id())
    trail.note("tools.unlink_account", subject=named(connection), account=account.name)
    flash(_("The account belongs to nobody now."))
    return redirect(url_for("tools.people", slug=slug), code=303)


def _spec(connection: Connection) -> Spec:
    found = connector_for(connection.kind)
    if found is None:
        raise NotFound(_("Foyer cannot be connected to that kind of tool."))
    return found.spec


def _account_id() -> int:
    text = request.form.get("account_id", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _remapped(connection: Connection, rules: tuple[Rule, ...] | None) -> ResponseReturnValue:
    service.remap(db_session(), connection, rules)
    trail.note("tools.mapping", subject=named(connection), own=rules is not None)
    flash(_("Saved. Everything is read again with the next reading."))
    return back_to(connection)


def _mapping_page(
    connection: Connection, rows: list[previews.Row], fault: str = ""
) -> ResponseReturnValue:
    try:
        rules = previews.rules_in([row for row in rows if row.field])
        shown = previews.previews(connection, rules)
    except ValueError:
        shown = []
    return page(
        "tools/mapping.html",
        status=422 if fault else 200,
        tool=connection.tool,
        rows=rows,
        fields=previews.field_choices(),
        transforms=previews.transform_choices(),
        paths=previews.paths(connection),
        previews=shown,
        own=connection.mapping is not None,
        errors=[("0", fault)] if fault else [],
    )


@bp.get("/curate/tools")
def health() -> ResponseReturnValue:
    """Show curators how the tools are, without the switches."""
    rows = contexts.listed(db_session(), now=clock.now())
    return page("tools/index.html", rows=rows, editable=False)
