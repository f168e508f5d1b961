"""The list of tools, one tool, connecting one, changing it, switching it, ending it, the map."""

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.audit import trail
from app.connectors.base import Connector, Harvests, Mode, Spec
from app.connectors.registry import connector_for
from app.errors import Invalid, NotFound
from app.harvest import checking, service
from app.models import Connection, Tool
from app.tools import contexts, queries
from app.tools.blueprint import bp
from app.tools.contexts import SeenTool
from app.tools.ecosystem import ecosystem as drawn
from app.tools.forms import (
    NamedForm,
    ScheduleForm,
    SettingsFields,
    SwitchForm,
    ToolForm,
    people_choices,
)
from app.tools.parts import JOBS, parts
from app.tools.progress import Progress, newest_ended, progress
from app.web.errors import translated
from app.web.forms import valid
from app.web.htmx import page, wanted_fragment
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer

_TOOL = "/admin/tools/<slug>"
_POLLED = ("progress",)


@bp.get("/admin/tools")
def index() -> ResponseReturnValue:
    """List every tool: how it is, what comes from it, when it is read next."""
    rows = contexts.listed(db_session(), now=clock.now())
    return page("tools/index.html", rows=rows, editable=True)


@bp.get("/admin/ecosystem")
def ecosystem() -> ResponseReturnValue:
    """Draw every tool in its quadrant, with overlaps and gaps."""
    return page("tools/ecosystem.html", seen=drawn(db_session()))


@bp.get("/admin/add-tool")
def choose() -> ResponseReturnValue:
    """Show the kinds of tools that can be connected."""
    return page("tools/choose.html", shelves=contexts.shelves(), tool_slug=_wanted_tool())


@bp.route("/admin/add-tool/<kind>", methods=["GET", "POST"])
def add(kind: str) -> ResponseReturnValue:
    """Ask for a tool's address and secrets; connect it, switched off, and check it."""
    connector = _connector_or_404(kind)
    slug = _wanted_tool()
    tool = tool_or_404(slug) if slug else None
    form = NamedForm(name=tool.name if tool else translated(connector.spec.name))
    fields = SettingsFields(connector.spec.settings, {"address": tool.home_url if tool else ""}, {})
    if request.method == "POST":
        values = fields.read(request.form)
        if form.validate() and values is not None:
            try:
                return _connected(connector, form.name.data, values, tool)
            except Invalid as refusal:
                fields.blame(refusal)
    errors = _complaints(form, fields)
    return page(
        "tools/add.html",
        status=422 if errors else 200,
        spec=connector.spec,
        form=form,
        private=request.form.get("private") == "1",
        settings=fields,
        errors=errors,
        tool_slug=slug,
        redirect_address=contexts.redirect_address(connector.spec),
    )


@bp.get(_TOOL)
def tool(slug: str) -> ResponseReturnValue:
    """Show one tool: how far its connection is, how it is, what its readings did."""
    found = tool_or_404(slug)
    connection = queries.connection_of(db_session(), found.id)
    waited_for = _waited_for(connection)
    if waited_for and not waited_for.ended and wanted_fragment(_POLLED):
        seen = SeenTool(lead="", address="", progress=waited_for)
    else:
        seen = contexts.seen_tool(
            db_session(), found, connection, waited_for=waited_for, now=clock.now()
        )
    return page(
        "tools/tool.html",
        fragments=_POLLED,
        also=("steps",) if waited_for and waited_for.ended else (),
        tool=found,
        connection=connection,
        seen=seen,
    )


@bp.route(f"{_TOOL}/settings", methods=["GET", "POST"])
def edit(slug: str) -> ResponseReturnValue:
    """Change a tool's name, place, address, secrets and schedule."""
    found = tool_or_404(slug)
    connection = queries.connection_of(db_session(), found.id)
    if connection is None:
        return _edit_unconnected(found)
    connector = _connector_or_404(connection.kind)
    form = ScheduleForm(data=_known(found, connection))
    form.people_by.choices = people_choices(connector.spec.account_kinds)
    fields = SettingsFields(connector.spec.settings, connection.settings, connection.secrets)
    if request.method == "POST":
        values = fields.read(request.form)
        if form.validate() and values is not None:
            try:
                return _edited(found, connection, connector, form, values)
            except Invalid as refusal:
                fields.blame(refusal)
    return _edit_page(found, form, fields, issubclass(connector, Harvests), connector.spec)


@bp.post(f"{_TOOL}/switch")
def switch(slug: str) -> ResponseReturnValue:
    """Read a tool by itself from now on, or let it rest."""
    connection = connection_or_404(slug)
    on = bool(valid(SwitchForm()).enabled.data)
    service.switch(db_session(), connection, on=on, now=clock.now())
    trail.note("tools.switch", subject=named(connection), enabled=on)
    if not on:
        flash(_("It rests until you say so."))
        return back_to(connection)
    flash(_("It is read by itself from now on."))
    return begin_reading(connection)


@bp.post(f"{_TOOL}/check")
def check(slug: str) -> ResponseReturnValue:
    """Try everything that the connector claims; nothing is brought in."""
    connection = connection_or_404(slug)
    trail.note("tools.check", subject=named(connection))
    _checked(connection)
    return back_to(connection)


@bp.route(f"{_TOOL}/remove", methods=["GET", "POST"])
def remove(slug: str) -> ResponseReturnValue:
    """Say what disconnecting means; do it once the administrator says that they are sure."""
    connection = connection_or_404(slug)
    found = connection.tool
    if request.method == "POST" and request.form.get("sure") == "1":
        keep = request.form.get("items") == "keep"
        subject = named(connection)
        retired = service.disconnect(db_session(), connection, keep_items=keep, now=clock.now())
        trail.note("tools.remove", subject=subject, items_kept=keep, items_retired=retired)
        flash(_("%(name)s is disconnected.", name=found.name))
        return redirect(url_for("tools.index"), code=303)
    if request.method == "POST":
        flash(_("Nothing was removed: please tick that you are sure."), "warning")
    live, pinned, steps = queries.what_hangs_on(db_session(), found.id)
    facts = {"live": live, "pinned": pinned, "steps": steps}
    return page("tools/remove.html", tool=found, facts=facts)


def tool_or_404(slug: str) -> Tool:
    """Return the tool; raise NotFound when there is none."""
    found = queries.tool_named(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no such tool."))
    return found


def connection_or_404(slug: str) -> Connection:
    """Return how the tool is connected; raise NotFound when it is not."""
    found = queries.connection_of(db_session(), tool_or_404(slug).id)
    if found is None:
        raise NotFound(_("This tool is not connected."))
    return found


def named(connection: Connection) -> str:
    """Return how the audit log names a tool."""
    return f"tool {connection.tool.slug}"


def back_to(connection: Connection) -> ResponseReturnValue:
    """Send the administrator back to the tool's page."""
    return redirect(url_for("tools.tool", slug=connection.tool.slug), code=303)


def begin_reading(
    connection: Connection, mode: Mode | None = None, *, dry: bool = False
) -> ResponseReturnValue:
    """Let the worker read the tool now, and show the page that says how far it is."""
    after = newest_ended(db_session(), connection.id)
    db_session().commit()
    current_app.extensions[JOBS].harvest_soon(connection.id, mode, dry=dry, asked_by=viewer().name)
    return redirect(url_for("tools.tool", slug=connection.tool.slug, after=after), code=303)


def _waited_for(connection: Connection | None) -> Progress | None:
    if connection is None:
        return None
    after = request.args.get("after", "")
    known = int(after) if after.isdecimal() and len(after) < 10 else None
    return progress(db_session(), connection, after=known, now=clock.now())


def _connector_or_404(kind: str) -> type[Connector]:
    found = connector_for(kind)
    if found is None:
        raise NotFound(_("Foyer cannot be connected to that kind of tool."))
    return found


def _wanted_tool() -> str:
    return request.args.get("tool", "")[:80]


def _connected(
    connector: type[Connector], name: str, values: dict[str, object], tool: Tool | None
) -> ResponseReturnValue:
    made = service.connect(
        db_session(),
        resources().vault,
        connector,
        values,
        name=name,
        private=request.form.get("private") == "1",
        tool=tool,
        now=clock.now(),
    )
    trail.note("tools.add", subject=named(made), kind=made.kind, private=made.private)
    db_session().commit()
    _checked(made)
    return back_to(made)


def _checked(connection: Connection) -> None:
    """Check the tool outside of this request's transaction, and say what came of it."""
    db_session().commit()
    probes = checking.check(parts(), connection.id)
    bad = [probe for probe in probes if probe.needed and not probe.ok]
    if bad:
        flash(
            ngettext(
                "%(num)s thing does not work yet: see below.",
                "%(num)s things do not work yet: see below.",
                len(bad),
            ),
            "warning",
        )
    else:
        flash(_("Everything that is needed works."))


def _edited(
    found: Tool,
    connection: Connection,
    connector: type[Connector],
    form: ScheduleForm,
    values: dict[str, object],
) -> ResponseReturnValue:
    session = db_session()
    service.resettle(session, resources().vault, connection, connector.spec, values)
    service.replan(session, connection, _rhythm(form))
    service.place(session, found, _places(form))
    trail.note("tools.edit", subject=named(connection), private=connection.private)
    flash(_("The changes are kept. Check the tool again."))
    return back_to(connection)


def _edit_unconnected(found: Tool) -> ResponseReturnValue:
    form = ToolForm(data=_places_of(found))
    if request.method == "POST" and form.validate():
        service.place(db_session(), found, _places(form))
        trail.note("tools.edit", subject=f"tool {found.slug}")
        flash(_("The changes are kept."))
        return redirect(url_for("tools.tool", slug=found.slug), code=303)
    return _edit_page(found, form, None, reads_items=False)


def _edit_page(
    found: Tool,
    form: ToolForm,
    fields: SettingsFields | None,
    reads_items: bool,
    spec: Spec | None = None,
) -> ResponseReturnValue:
    errors = _complaints(form, fields)
    names = ("minutes_between", "days_between_sweeps", "people_by")
    choices = {
        name: [(value, label, chosen) for value, label, chosen, _rest in form[name].iter_choices()]
        for name in names
        if name in form
    }
    return page(
        "tools/edit.html",
        status=422 if errors else 200,
        tool=found,
        form=form,
        settings=fields,
        errors=errors,
        choices=choices,
        reads_items=reads_items,
        redirect_address=contexts.redirect_address(spec) if spec else "",
    )


def _complaints(form: NamedForm, fields: SettingsFields | None) -> list[tuple[str, str]]:
    own = [(name, str(text)) for name, texts in form.errors.items() if name for text in texts]
    return own + (fields.complaints if fields else [])


def _places_of(found: Tool) -> dict[str, Any]:
    return {"name": found.name, "position": found.position, "quadrants": found.quadrants}


def _known(found: Tool, connection: Connection) -> dict[str, Any]:
    return {
        **_places_of(found),
        "minutes_between": str(connection.minutes_between),
        "days_between_sweeps": str(connection.days_between_sweeps),
        "private": connection.private,
        "people_by": connection.people_by,
        "people_domain": connection.people_domain,
    }


def _places(form: ToolForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("name", "position", "quadrants")}


def _rhythm(form: ScheduleForm) -> dict[str, Any]:
    return {
        "private": bool(form.private.data),
        "minutes_between": int(form.minutes_between.data),
        "days_between_sweeps": int(form.days_between_sweeps.data),
        "people_by": form.people_by.data or "",
        "people_domain": form.people_domain.data or "",
    }
