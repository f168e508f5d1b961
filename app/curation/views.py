"""Role pages as readers see them, and the page on which curators change them.

Every change is made to the draft of the page. Pages that were opened before there was a draft go
on working: what they name is found in the draft.
"""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.curation import audiences, contexts, desk, pages, queries, rights
from app.curation.answers import changed, kept_undo, page_or_404, refuse, show_to_edit
from app.curation.asked_skills import ask_for
from app.curation.cards import NEW, section_prefix
from app.curation.drafts import make_draft
from app.curation.forms import DetailsForm, MoveForm, PageForm, SkillsForm
from app.curation.laying import audience_tokens
from app.curation.pin_views import ROUTES as PIN_ROUTES
from app.curation.said import Refused, Said
from app.curation.seen import Overtaken
from app.errors import Invalid, NotFound
from app.models import RolePage
from app.web.errors import translated
from app.web.forms import valid
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("curation", __name__)
_PAGE = "/curate/roles/<slug>"
_SECTION = "/curate/sections/<int(max=2147483647):section_id>"
for _method, _rule, _view in PIN_ROUTES:
    bp.add_url_rule(_rule, view_func=_view, methods=[_method])


@bp.before_request
def _mark() -> None:
    g.nav = "curate" if request.path.startswith("/curate") else "role"


@bp.get("/role")
def my_role_page() -> ResponseReturnValue:
    """Show the page of the reader's main role; without one, the pages that there are."""
    me = viewer()
    found = queries.page_of_main_role(db_session(), roles=me.roles, tokens=me.tokens)
    return _show(found) if found else _list(mine=True)


@bp.get("/roles")
def role_pages() -> ResponseReturnValue:
    """List every role page that the reader may see."""
    return _list(mine=False)


@bp.get("/roles/<slug>")
def role_page(slug: str) -> ResponseReturnValue:
    """Show the page of a role."""
    found = queries.page_to_read(db_session(), slug=slug, tokens=viewer().tokens)
    if found is None:
        raise NotFound(_("There is no such page for you."))
    return _show(found)


@bp.post(f"{_PAGE}/page")
def add_page(slug: str) -> ResponseReturnValue:
    """Make the first draft of the page of a role that has none."""
    pages.create_page(db_session(), slug, by=viewer().id, now=clock.now())
    flash(_("The page is begun, as a draft. Readers see it once you publish it."))
    return redirect(url_for("curation.edit", slug=slug), code=303)


@bp.get(_PAGE)
def edit(slug: str) -> ResponseReturnValue:
    """Show a role page to its curators: its draft to be changed, or the published page."""
    return show_to_edit(page_or_404(slug), said=kept_undo())


@bp.post(f"{_PAGE}/draft")
def begin(slug: str) -> ResponseReturnValue:
    """Make the draft of a published page."""
    make_draft(db_session(), page_or_404(slug).id, by=viewer().id, now=clock.now())
    return redirect(url_for("curation.edit", slug=slug), code=303)


@bp.post(f"{_PAGE}/details")
def edit_details(slug: str) -> ResponseReturnValue:
    """Keep title, introduction and audience."""
    found, form = page_or_404(slug), PageForm()
    if not form.validate():
        return refuse(found, Refused(details=form))
    try:
        page_id = pages.edit_details(
            db_session(),
            found.id,
            title=form.title.data,
            intro=form.intro.data,
            audience=_audience(found, form.only_for.data or ""),
            seen=request.form.get("seen", ""),
            by=viewer().id,
            now=clock.now(),
        )
    except Overtaken as overtaken:
        return refuse(found, Refused(details=form, theirs=overtaken.theirs))
    except Invalid as invalid:
        form.only_for.errors = [translated(text) for text in invalid.fields.values()]
        return refuse(found, Refused(details=form))
    return changed(page_id, Said(text=_("Saved in the draft.")), anchor="details")


@bp.post(f"{_PAGE}/reviewed")
def mark_reviewed(slug: str) -> ResponseReturnValue:
    """Note that the page was looked through today."""
    found = page_or_404(slug)
    pages.mark_reviewed(db_session(), found.role_id, by=viewer().id, on=today())
    return changed(found.id, Said(text=_("Marked as reviewed today.")))


@bp.post(f"{_PAGE}/skills")
def ask_for_skills(slug: str) -> ResponseReturnValue:
    """Keep which skills the role asks for."""
    found, form = page_or_404(slug), SkillsForm()
    rights.check(db_session(), found.role_id, viewer().id, on=today())
    if not form.validate():
        return refuse(found, Refused(skills=form))
    try:
        ask_for(
            db_session(), found, kept=request.form.getlist("skill"), added=form.added.data or ""
        )
    except Invalid as invalid:
        form.added.errors = [translated(invalid.fields["added"])]
        return refuse(found, Refused(skills=form))
    return changed(found.id, Said(text=_("The skills are kept.")), anchor="skills")


@bp.post(f"{_PAGE}/sections")
def add_section(slug: str) -> ResponseReturnValue:
    """Add a section at the end."""
    found, form = page_or_404(slug), DetailsForm(prefix=NEW)
    if not form.validate():
        return refuse(found, Refused(new_section=form))
    section = pages.add_section(
        db_session(),
        found.id,
        title=form.title.data,
        intro=form.intro.data,
        by=viewer().id,
        now=clock.now(),
    )
    said = Said(text=_("Section “%(title)s” is added.", title=section.title))
    return changed(section.page_id, said, anchor=f"section_{section.id}")


@bp.post(_SECTION)
def edit_section(section_id: int) -> ResponseReturnValue:
    """Keep a section's title and introduction."""
    form = DetailsForm(prefix=section_prefix(section_id))
    refused = Refused(section=(section_id, form))
    if not form.validate():
        return refuse(desk.page_with_section(db_session(), section_id), refused)
    try:
        place = pages.edit_section(
            db_session(),
            section_id,
            title=form.title.data,
            intro=form.intro.data,
            seen=request.form.get("seen", ""),
            by=viewer().id,
            now=clock.now(),
            **_of_section(),
        )
    except Overtaken as overtaken:
        refused = Refused(section=(overtaken.id, form), theirs=overtaken.theirs)
        return refuse(desk.page_with_section(db_session(), overtaken.id), refused)
    said = Said(text=_("The section is kept."))
    return changed(place.page_id, said, anchor=f"section_{place.id}")


@bp.post(f"{_SECTION}/move")
def move_section(section_id: int) -> ResponseReturnValue:
    """Move a section up or down."""
    step = valid(MoveForm()).step
    place = pages.move_section(db_session(), section_id, step, by=viewer().id, now=clock.now())
    said = Said(text=_("The section is moved."), quiet=True)
    return changed(place.page_id, said, anchor=f"section_{place.id}")


@bp.post(f"{_SECTION}/remove")
def remove_section(section_id: int) -> ResponseReturnValue:
    """Remove a section with its pins."""
    page_id = pages.remove_section(
        db_session(), section_id, by=viewer().id, now=clock.now(), **_of_section()
    )
    return changed(page_id, Said(text=_("The section is removed.")))


def _show(found: RolePage) -> ResponseReturnValue:
    shown = contexts.page_to_read(db_session(), viewer(), found, today=today())
    return page("curation/role_page.html", shown=shown)


def _list(*, mine: bool) -> ResponseReturnValue:
    found = queries.pages_to_read(db_session(), tokens=viewer().tokens)
    return page("curation/role_pages.html", pages=found, mine=mine)


def _audience(found: RolePage, added: str) -> tuple[str, ...] | None:
    """Return whom the form makes the page for; None where the form says nothing of it."""
    if "audience_shown" not in request.form:
        return None
    before = audience_tokens(db_session(), found.id)
    kept = request.form.getlist("audience")
    known = audiences.choices(db_session())
    return audiences.tokens_of(known, kept=kept, added=added, before=before) or ("everyone",)


def _of_section() -> dict[str, str]:
    """Return what the form says of its section, by which it is found where its id is gone."""
    return {"role": request.form.get("role", ""), "key": request.form.get("key", "")}
