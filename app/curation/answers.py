"""How the edit page answers a change: through htmx with the part that changed, else by going back.

What was unpinned can be put back; without htmx the offer waits in the cookie for the next page.
"""

from dataclasses import asdict

from flask import Response, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.catalogue.queries import visible_item
from app.curation import contexts, desk, rights
from app.curation.desk import SectionToFill
from app.curation.said import NOTHING_REFUSED, NOTHING_SAID, Refused, Said, Undo, undo_of
from app.curation.service import Pinned, Unpinned
from app.errors import Conflict, NotFound
from app.models import RolePage
from app.web.htmx import is_htmx, page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_PARTS = ("details", "review", "skills", "sections")
_KEPT = "unpinned"


def page_or_404(slug: str) -> RolePage:
    """Return a role's draft or page for its curators; raise NotFound if the role has neither."""
    found = desk.page_of_role(db_session(), slug)
    if found is None:
        raise NotFound(_("This role has no page."))
    return found


def show_to_edit(
    found: RolePage,
    *,
    said: Said = NOTHING_SAID,
    refused: Refused = NOTHING_REFUSED,
    status: int = 200,
) -> Response:
    """Show the edit page, or the part of it that htmx asks for.

    Who may change the page is shown its draft if there is one, everybody else the published page.
    """
    me = viewer()
    standing = rights.standing_of(db_session(), found.role_id, me.id, on=clock.now().date())
    published = None if found.published else desk.published_page(db_session(), found.role_id)
    looked_at = found if standing.may_change or published is None else published
    shown = contexts.page_to_edit(
        db_session(),
        looked_at,
        standing=standing,
        has_published=found.published or published is not None,
        viewer=me,
        today=today(),
        now=clock.now(),
        said=said,
        refused=refused,
    )
    return page("curation/edit.html", fragments=_PARTS, status=status, shown=shown)


def refuse(found: RolePage | None, refused: Refused) -> ResponseReturnValue:
    """Show what was typed again, and what is wrong with it.

    A text that somebody else has changed meanwhile is a conflict, 409; htmx takes a form back with
    422 alone.
    """
    if found is None:
        raise Conflict(_("Somebody has removed this from the page in the meantime."))
    theirs = refused.theirs or refused.lost or (refused.note and refused.note.theirs is not None)
    return show_to_edit(found, refused=refused, status=409 if theirs and not is_htmx() else 422)


def changed(
    page_id: int, said: Said, *, anchor: str | None = None, pins: bool = False
) -> ResponseReturnValue:
    """Answer a change that is made; `pins` says that there are others now, for the suggestions."""
    return _answer(_page(page_id), said, anchor, pins=pins)


def unpinned(gone: Unpinned) -> ResponseReturnValue:
    """Answer that a pin is gone, and offer to put it back if the curator may see its item."""
    found = _page(gone.page_id)
    tokens = {*viewer().tokens, f"role:{found.role.slug}"}
    item = visible_item(db_session(), gone.item_id, tokens=tokens)
    said = Said(text=_("The item is unpinned."))
    if item is not None:
        text = _("“%(title)s” is unpinned.", title=item.title)
        said = Said(text=text, undo=undo_of(gone))
    return _answer(found, said, f"section_{gone.section_id}", pins=True)


def kept_undo() -> Said:
    """Return the offer to put back what was unpinned on the page before, once."""
    kept = session.pop(_KEPT, None)
    return Said(text=kept["text"], undo=Undo(**kept["undo"])) if kept else NOTHING_SAID


def pinned_text(pinned: Pinned, place: SectionToFill) -> str:
    """Say where an item is pinned now, or was already."""
    if pinned.is_new:
        return _(
            "Pinned in “%(section)s”, in the draft. Readers see it once you publish.",
            section=place.title,
        )
    return _("It is on this page already, in “%(section)s”.", section=place.title)


def _page(page_id: int) -> RolePage:
    found = desk.page_with_id(db_session(), page_id)
    if found is None:
        raise Conflict(_("Somebody has removed this page in the meantime."))
    return found


def _answer(
    found: RolePage, said: Said, anchor: str | None, *, pins: bool = False
) -> ResponseReturnValue:
    if is_htmx():
        answer = show_to_edit(found, said=said)
        if pins:
            answer.headers["HX-Trigger"] = "pins-changed"
        return answer
    if said.undo:
        session[_KEPT] = {"text": said.text, "undo": asdict(said.undo)}
    elif said.text and not said.quiet:
        flash(said.text)
    return redirect(url_for("curation.edit", slug=found.role.slug, _anchor=anchor), code=303)
