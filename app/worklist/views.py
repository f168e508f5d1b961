"""The page where curators start. It stands above the rooms whose work it counts.

It keeps the name that it had in curation, `curation.dashboard`, to which their pages lead.
"""

from flask.typing import ResponseReturnValue

from app.curation import desk
from app.curation.views import bp
from app.playlists.desk import playlists_to_tend
from app.playlists.desk_contexts import people_words
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer
from app.worklist import waiting

__all__ = ["bp"]


@bp.get("/curate")
def dashboard() -> ResponseReturnValue:
    """Show curators what waits, then the role pages and the playlists that changed last."""
    me, session = viewer(), db_session()
    pages = desk.pages_to_tend(session, person_id=me.id, today=today())
    troubled = desk.troubled_pins(session, tokens=me.tokens)
    playlists = playlists_to_tend(session)
    return page(
        "curation/dashboard.html",
        lines=waiting.lines(session, me, unseen=len(troubled)),
        drafts=waiting.drafts(pages, playlists),
        pages=pages,
        troubled=troubled,
        playlists=waiting.changed_last(playlists),
        people_words=people_words,
    )
