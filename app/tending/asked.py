"""Who asks when a page tries something out: the reader of the current request, as they search."""

from flask import current_app

from app.discover.indexing import EXTENSION, SearchIndex
from app.tending.asking import Asker, Reader
from app.web.i18n import language, today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer


def search_index() -> SearchIndex:
    """Return the search index of the current application."""
    found: SearchIndex = current_app.extensions[EXTENSION]
    return found


def asker() -> Asker:
    """Return the search as it answers the present reader."""
    me = viewer()
    reader = Reader(
        person_id=me.id,
        tokens=me.tokens,
        roles=me.roles,
        languages=frozenset({language(), "en"}),
        today=today(),
    )
    return Asker(db_session(), search_index(), reader)
