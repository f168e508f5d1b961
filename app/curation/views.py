"""Role pages: what readers see there, and how curators make them.

Any curator may edit any page, whoever is named as its curator.
"""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.catalogue.duplicates import cluster_count
from app.curation import contexts, desk, queries, service
from app.curation.answers import changed, kept_undo, pinned_text, refuse, show_to_edit, unpinned
from app.curation.asked_skills import ask_for
from app.curation.contexts import NEW, Refused, Said
from app.curation.forms import DetailsForm, MoveForm, NoteForm, PinForm, SkillsForm
from app.errors import Invalid, NotFound
from app.models import RolePage
from app.web.errors import translated
from app.web.forms import back_to, valid
from app.web.htmx import fragment, is_htmx, page, wanted_fragment
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("curation", __name__)
_PAGE = "/curate/roles/<slug>"
_SECTION = "/curate/sections/<int(max=2147483647):section_id>"
_PIN = "/curate/pins/<int(max=2147483647):pin_id>"


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


@bp.get("/curate")
def dashboard() -> ResponseReturnValue:
    """Show curators the pages to tend and what needs a look."""
    me = viewer()
    return page(
        "curation/dashboard.html",
        pages=desk.pages_to_tend(db_session(), today=today()),
        troubled=desk.troubled_pins(db_session(), tokens=me.tokens),
        open_reports=desk.open_report_count(db_session(), person_id=me.id, tokens=me.tokens),
        duplicates=cluster_count(db_session(), me.tokens),
    )


@bp.post(f"{_PAGE}/page")
def add_page(slug: str) -> ResponseReturnValue:
    """Make the page of a role that has none."""
    service.create_page(db_session(), slug, by=viewer().id)
    flash(_("The page is made. Readers see it as soon as something is pinned."))
    return redirect(url_for("curation.edit", slug=slug), code=303)


@bp.get(_PAGE)
def edit(slug: str) -> ResponseReturnValue:
    """Show a role page to its curators, to be changed."""
    return show_to_edit(_page_or_404(slug), said=kept_undo())


@bp.post(f"{_PAGE}/details")
def edit_details(slug: str) -> ResponseReturnValue:
    """Keep title and introduction."""
    found, form = _page_or_404(slug), DetailsForm()
    if not form.validate():
        return refuse(found, Refused(details=form))
    service.edit_details(db_session(), found, title=form.title.data, intro=form.intro.data)
    return changed(found.id, Said(text=_("Title and introduction are kept.")))


@bp.post(f"{_PAGE}/reviewed")
def mark_reviewed(slug: str) -> ResponseReturnValue:
    """Note that the page was looked through today."""
    found = _page_or_404(slug)
    service.mark_reviewed(db_session(), found, by=viewer().id, on=today())
    return changed(found.id, Said(text=_("Marked as reviewed today.")))


@bp.post(f"{_PAGE}/skills")
def ask_for_skills(slug: str) -> ResponseReturnValue:
    """Keep which skills the role asks for."""
    found, form = _page_or_404(slug), SkillsForm()
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
    found, form = _page_or_404(slug), DetailsForm(prefix=NEW)
    if not form.validate():
        return refuse(found, Refused(new_section=form))
    section = service.add_section(
        db_session(), found.id, title=form.title.data, intro=form.intro.data
    )
    said = Said(text=_("Section “%(title)s” is added.", title=section.title))
    return changed(found.id, said, anchor=f"section_{section.id}")


@bp.post(_SECTION)
def edit_section(section_id: int) -> ResponseReturnValue:
    """Keep a section's title and introduction."""
    form = DetailsForm(prefix=contexts.section_prefix(section_id))
    if not form.validate():
        found = desk.page_with_section(db_session(), section_id)
        return refuse(found, Refused(section=(section_id, form)))
    page_id = service.edit_section(
        db_session(), section_id, title=form.title.data, intro=form.intro.data
    )
    return changed(page_id, Said(text=_("The section is kept.")), anchor=f"section_{section_id}")


@bp.post(f"{_SECTION}/move")
def move_section(section_id: int) -> ResponseReturnValue:
    """Move a section up or down."""
    page_id = service.move_section(db_session(), section_id, valid(MoveForm()).step)
    said = Said(text=_("The section is moved."), quiet=True)
    return changed(page_id, said, anchor=f"section_{section_id}")


@bp.post(f"{_SECTION}/remove")
def remove_section(section_id: int) -> ResponseReturnValue:
    """Remove a section with its pins."""
    page_id = service.remove_section(db_session(), section_id)
    return changed(page_id, Said(text=_("The section is removed.")))


@bp.post(f"{_SECTION}/pins")
def pin(section_id: int) -> ResponseReturnValue:
    """Pin an item, from the search page or to put back what was unpinned."""
    me, given = viewer(), valid(PinForm()).data
    given.pop("csrf_token", None)
    pinned = service.pin_item(
        db_session(), section_id, by=me.id, tokens=me.tokens, now=clock.now(), **given
    )
    place = desk.section_to_fill(db_session(), pinned.pin.section_id)
    if place is None:
        raise NotFound(_("This section is gone."))
    if wanted_fragment(("sections",)):
        return changed(place.page_id, Said(text=pinned_text(pinned, place)))
    if is_htmx():
        return fragment(
            "curation/_pinned.html", pinned=pinned, place=place, said=pinned_text(pinned, place)
        )
    flash(pinned_text(pinned, place))
    return back_to(url_for("curation.edit", slug=place.role_slug))


@bp.post(f"{_PIN}/note")
def edit_note(pin_id: int) -> ResponseReturnValue:
    """Keep a pin's note."""
    form = NoteForm()
    if not form.validate():
        wrong = (pin_id, form.note.data, form.note.errors[0])
        return refuse(desk.page_with_pin(db_session(), pin_id), Refused(note=wrong))
    page_id = service.edit_note(db_session(), pin_id, form.note.data)
    return changed(page_id, Said(text=_("The note is kept."), quiet=True), anchor=f"pin_{pin_id}")


@bp.post(f"{_PIN}/move")
def move_pin(pin_id: int) -> ResponseReturnValue:
    """Move a pin one place up or down, over the edge of its section too."""
    page_id = service.move_pin(db_session(), pin_id, valid(MoveForm()).step)
    return changed(page_id, Said(moved=pin_id, quiet=True), anchor=f"pin_{pin_id}")


@bp.post(f"{_SECTION}/order")
def reorder(section_id: int) -> ResponseReturnValue:
    """Take over the order into which pins were dragged."""
    wanted = [int(text) for text in request.form.getlist("order") if _is_id(text)]
    page_id = service.reorder(db_session(), section_id, wanted)
    said = Said(text=_("The new order is kept."), quiet=True)
    return changed(page_id, said, anchor=f"section_{section_id}")


@bp.post(f"{_PIN}/unpin")
def unpin(pin_id: int) -> ResponseReturnValue:
    """Take a pin off its page and offer to put it back."""
    return unpinned(service.unpin(db_session(), pin_id))


def _show(found: RolePage) -> ResponseReturnValue:
    shown = contexts.page_to_read(db_session(), viewer(), found, today=today())
    return page("curation/role_page.html", shown=shown)


def _list(*, mine: bool) -> ResponseReturnValue:
    pages = queries.pages_to_read(db_session(), tokens=viewer().tokens)
    return page("curation/role_pages.html", pages=pages, mine=mine)


def _page_or_404(slug: str) -> RolePage:
    """Return a role's page for its curators; raise NotFound if the role has none."""
    found = desk.page_of_role(db_session(), slug)
    if found is None:
        raise NotFound(_("This role has no page."))
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11
