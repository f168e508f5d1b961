"""How the editor of a draft answers: with what has changed, or with what was wrong.

Through htmx the weeks or the details are answered, else the whole page, or the way back to it.
"""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.errors import Invalid, NotFound
from app.models import Playlist
from app.playlists import versions
from app.playlists.desk_blueprint import complaints
from app.playlists.desk_contexts import NOTHING_SAID, Said, Sheet, draft_page
from app.playlists.drafts import draft_row
from app.web.htmx import is_htmx, page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

DRAFT = "/<slug>/draft"
KEPT = "removed-from-playlist"


def draft_or_404(slug: str) -> Playlist:
    """Return the draft of a playlist; raise NotFound if it has none."""
    found = draft_row(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no draft of this playlist."))
    return found


def tried(
    slug: str, change: Callable[[], Any], say: Callable[[Any], Said], *, anchor: str
) -> ResponseReturnValue:
    """Make a change and answer it; where it cannot be, say why on the page as it is.

    `say` puts what `change` returned into words.
    """
    try:
        done = change()
    except Invalid as invalid:
        db_session().rollback()
        text = " ".join(text for (text,) in complaints(invalid).values())
        return show(slug, said=Said(text=text, is_wrong=True), status=422)
    return changed(slug, say(done), anchor=anchor)


def changed(slug: str, said: Said, *, anchor: str) -> ResponseReturnValue:
    """Answer a change that was made: with the part for htmx, else with the way back."""
    if is_htmx():
        return show(slug, said=said)
    if said.undo:
        cookie[KEPT] = said.undo
    elif said.text and not said.quiet:
        flash(said.text)
    return back(slug, anchor)


def back(slug: str, anchor: str) -> ResponseReturnValue:
    """Lead back to a place of the editor."""
    return redirect(url_for("desk.edit", slug=slug, _anchor=anchor), code=303)


def show(
    slug: str,
    *,
    said: Said = NOTHING_SAID,
    sheet: Sheet | None = None,
    week: tuple[int, Sheet] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Answer the editor, with forms that were refused where they were typed."""
    session, draft = db_session(), draft_or_404(slug)
    shown = draft_page(
        session,
        draft,
        tokens=viewer().tokens,
        live=versions.newest(session, slug),
        said=said,
        sheet=sheet,
        week=week,
    )
    return page(
        "playlists/desk/edit.html", fragments=("weeks", "details"), status=status, shown=shown
    )


def direction() -> int:
    """Return by how many places a form moves what it names: -1 up, 1 down."""
    return -1 if request.form.get("direction") == "up" else 1
