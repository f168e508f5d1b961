"""Who asks when a page tries something out: the reader of the current request, as they search."""

from flask import current_app

from app.discover.finding import Finder
from app.discover.indexing import EXTENSION, SearchIndex
from app.foryou.liking import liking
from app.tending.asking import Asker
from app.web.i18n import language, today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer


def search_index() -> SearchIndex:
    """Return the search index of the current application."""
    found: SearchIndex = current_app.extensions[EXTENSION]
    return found


def asker() -> Asker:
    """Return the search as it answers the present reader."""
    session, me, index = db_session(), viewer(), search_index()
    languages = frozenset({language(), "en"})
    finder = Finder(session, index, me, today(), languages, lambda: liking(session, me))
    return Asker(session, index, me, finder)
