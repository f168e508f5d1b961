"""The one blueprint of the curators' side of playlists, and what its pages share."""

from collections.abc import Mapping

from flask import Blueprint, g
from flask_babel import gettext as _

from app import clock
from app.errors import Invalid, NotFound
from app.models import Playlist
from app.playlists.desk import face_of
from app.playlists.drafts import Author
from app.web.errors import translated
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("desk", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "curate"


def author() -> Author:
    """Return who changes a playlist now."""
    me = viewer()
    return Author(id=me.id, tokens=me.tokens, now=clock.now())


def face_or_404(slug: str) -> Playlist:
    """Return the version that stands for a playlist; raise NotFound if there is none."""
    found = face_of(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no such playlist."))
    return found


def complaints(invalid: Invalid) -> Mapping[str, tuple[str]]:
    """Return what is wrong with each field, in the reader's language."""
    return {name: (translated(text),) for name, text in invalid.fields.items()}
