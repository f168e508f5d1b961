"""What waits for a curator, each line with the number that the page behind it shows too.

The rooms count for themselves, so that no number here differs from the one on their own page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access import Viewer
from app.care import queue
from app.care.queue import Wanted
from app.catalogue.duplicates import cluster_count
from app.curation.desk import PageToTend
from app.governance.queries import open_totals
from app.links.queries import open_links
from app.playlists.desk import Standing, Tended
from app.web.i18n import today

_FEW = 6
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_PLACES = {Standing.LIVE: "desk.show", Standing.DRAFT: "desk.edit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that waits: how many there are, and where they are seen to."""

    title: str
    detail: str
    number: int
    href: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft under way, and where it goes on."""

    title: str
    href: str


def lines(session: Session, viewer: Viewer, *, unseen: int) -> list[Line]:
    """Return what waits, in the order in which it is best done, in four statements.

    `unseen` is how many pins some readers of their page do not see.
    """
    told = open_totals(session, viewer.id, viewer.tokens)
    return [
        _review(session, viewer),
        Line(
            title=_("From readers"),
            detail=_("Suggestions, reports, and ratings with a reason"),
            number=sum(told.values()),
            href=url_for("governance.readers"),
            icon="users",
        ),
        Line(
            title=_("Pins that need a look"),
            detail=_("Readers of their page do not see them, or not all do"),
            number=unseen,
            href="#troubled_title" if unseen else "",
            icon="pin",
        ),
        Line(
            title=_("Links that want a look"),
            detail=_("Gone, hidden, moved or flaky"),
            number=open_links(session, tokens=viewer.tokens),
            href=url_for("links.index"),
            icon="link",
        ),
        Line(
            title=_("Duplicates"),
            detail=_("The same thing in several tools"),
            number=cluster_count(session, viewer.tokens),
            href=url_for("duplicates.index"),
            icon="layers",
        ),
    ]


def drafts(pages: Iterable[PageToTend], playlists: Iterable[Tended]) -> list[Draft]:
    """Return the drafts of role pages, then those of playlists."""
    of_pages = [
        Draft(title=each.role_name, href=url_for("curation.edit", slug=each.role_slug))
        for each in pages
        if each.has_draft
    ]
    of_playlists = [
        Draft(title=each.title, href=url_for("desk.edit", slug=each.slug))
        for each in playlists
        if each.has_draft
    ]
    return of_pages + of_playlists


def changed_last(playlists: Iterable[Tended]) -> list[tuple[Tended, str]]:
    """Return the few playlists that changed last, and where each is looked after.

    Retired ones and templates are left out.
    """
    open_ones = [each for each in playlists if each.standing in (Standing.LIVE, Standing.DRAFT)]
    newest = sorted(open_ones, key=lambda each: each.changed_at or _LONG_AGO, reverse=True)
    return [(each, url_for(_PLACES[each.standing], slug=each.slug)) for each in newest[:_FEW]]


def _review(session: Session, viewer: Viewer) -> Line:
    """Return the line of the review queue; it opens with the curator's own, if there are any."""
    tallied = queue.tally(session, person_id=viewer.id, tokens=viewer.tokens, today=today())
    found = queue.counts(tallied, Wanted())
    detail = _("What wants a look, the most urgent first")
    if found.mine:
        detail = _("Yours; together with everybody’s there are %(count)s", count=found.total)
    return Line(
        title=_("Review"),
        detail=detail,
        number=found.mine or found.total,
        href=url_for("care.review"),
        icon="list-checks",
    )
