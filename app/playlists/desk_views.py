"""Curators' playlists: the list, one as a whole, its versions, publishing, and its end.

Any curator may change any playlist, whoever is named as its owner.
"""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import Conflict, Invalid, NotFound
from app.models import Person, Playlist
from app.playlists import desk, draft_views, giving_views, step_views, versions
from app.playlists.desk_blueprint import author, bp, complaints, face_or_404
from app.playlists.desk_contexts import options_of, people_words, week_cards
from app.playlists.difference_words import DifferenceWords, in_words
from app.playlists.drafts import draft_row
from app.playlists.moving import how_many
from app.playlists.versions import Moving
from app.sums import told_of
from app.web.errors import translated
from app.web.htmx import page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

__all__ = ["bp", "draft_views", "giving_views", "step_views"]
_NUMBER = "<int(max=2147483647):number>"


@bp.get("")
def index() -> ResponseReturnValue:
    """List all playlists and templates."""
    found = desk.playlists_to_tend(db_session())
    return page("playlists/desk/index.html", groups=_grouped(found), people_words=people_words)


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Offer to make a playlist from nothing or of another one."""
    return _new(title="", source=request.args.get("source", ""), errors={})


@bp.post("")
def create() -> ResponseReturnValue:
    """Make a playlist from nothing, or as a copy of any other or of a template."""
    given, session = request.form, db_session()
    title, source = given.get("title", ""), given.get("source", "")
    is_template = given.get("kind") == "template"
    try:
        if source:
            made = versions.copy(
                session, face_or_404(source), title, author=author(), is_template=is_template
            )
        else:
            made = versions.create(session, title, author=author(), is_template=is_template)
    except Invalid as invalid:
        return _new(title=title, source=source, errors=complaints(invalid), status=422)
    flash(_("It is made. Nobody sees it until it is published."))
    return redirect(url_for("desk.edit", slug=made.slug), code=303)


@bp.get("/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one playlist as a whole: what is live, what is being written, who is under way."""
    session, me = db_session(), viewer()
    face = face_or_404(slug)
    return page(
        "playlists/desk/show.html",
        playlist=face,
        names=desk.names_of(session, face, tokens=me.tokens),
        draft=draft_row(session, slug),
        history=desk.history_of(session, slug),
        rules=desk.rules_of(session, slug),
        people=people_words(how_many(session, slug)[0]),
    )


@bp.post("/<slug>/draft")
def begin(slug: str) -> ResponseReturnValue:
    """Begin a draft, or go on with the one that there is."""
    versions.begin_draft(db_session(), slug, author=author())
    return redirect(url_for("desk.edit", slug=slug), code=303)


@bp.post("/<slug>/draft/drop")
def drop(slug: str) -> ResponseReturnValue:
    """Throw the draft away; a playlist that was never published goes with it."""
    if versions.drop_draft(db_session(), slug):
        flash(_("The draft is thrown away. What was published stays."))
        return redirect(url_for("desk.show", slug=slug), code=303)
    flash(_("The draft is thrown away."))
    return redirect(url_for("desk.index"), code=303)


@bp.get("/<slug>/draft/publish")
def review(slug: str) -> ResponseReturnValue:
    """Show what publishing would change, and whom it concerns."""
    return _review(slug, why="", moving=Moving.KEEP.value, errors={})


@bp.post("/<slug>/draft/publish")
def publish(slug: str) -> ResponseReturnValue:
    """Publish the draft."""
    given = request.form
    moving, why = given.get("moving", ""), given.get("why", "")
    revision = given.get("revision", "")
    people = how_many(db_session(), slug)[0]
    try:
        published = versions.publish(
            db_session(),
            slug,
            moving=Moving(moving) if moving in set(Moving) else Moving.KEEP,
            why=why,
            revision=int(revision) if revision.isdecimal() and len(revision) < 10 else -1,
            author=author(),
        )
    except (Invalid, Conflict) as refused:
        db_session().rollback()
        errors = (
            complaints(refused)
            if isinstance(refused, Invalid)
            else {"revision": (translated(refused.args[0]),)}
        )
        return _review(
            slug,
            why=why,
            moving=moving,
            errors=errors,
            status=422 if "revision" not in errors else 409,
        )
    flash(_moved_text(published.moved, people))
    return redirect(url_for("desk.show", slug=slug), code=303)


@bp.get(f"/<slug>/versions/{_NUMBER}")
def version(slug: str, number: int) -> ResponseReturnValue:
    """Show a published version, and how it differs from what is live."""
    session, me = db_session(), viewer()
    found = versions.version(session, slug, number)
    if found is None:
        raise NotFound(_("There is no such version."))
    newest = versions.newest(session, slug)
    is_newest = newest is None or newest.id == found.id
    return page(
        "playlists/desk/version.html",
        playlist=found,
        weeks=week_cards(session, found, tokens=me.tokens),
        names=desk.names_of(session, found, tokens=me.tokens),
        differs=None if newest is None or is_newest else _differences(found, newest),
        has_draft=draft_row(session, slug) is not None,
    )


@bp.post(f"/<slug>/versions/{_NUMBER}/restore")
def restore(slug: str, number: int) -> ResponseReturnValue:
    """Make a draft of an old version, to be published as a new one."""
    versions.begin_draft(db_session(), slug, author=author(), number=number)
    flash(_("Version %(number)s is the draft now. Publish it to bring it back.", number=number))
    return redirect(url_for("desk.review", slug=slug), code=303)


@bp.post("/<slug>/retire")
def retire(slug: str) -> ResponseReturnValue:
    """Offer the playlist no more."""
    versions.retire(db_session(), slug, author=author())
    flash(_("It is retired. Whoever is under way can finish it."))
    return redirect(url_for("desk.show", slug=slug), code=303)


@bp.post("/<slug>/offer")
def offer(slug: str) -> ResponseReturnValue:
    """Offer a retired playlist again."""
    versions.offer_again(db_session(), slug, author=author())
    flash(_("It is offered again."))
    return redirect(url_for("desk.show", slug=slug), code=303)


def _grouped(found: list[desk.Tended]) -> list[tuple[str, str, list[desk.Tended]]]:
    """Return the playlists by where they stand: key, title, those that are there."""
    titles = {
        desk.Standing.LIVE: _("Published"),
        desk.Standing.DRAFT: _("Drafts"),
        desk.Standing.TEMPLATE: _("Templates"),
        desk.Standing.PAST: _("Retired"),
    }
    by = {key: [each for each in found if each.standing is key] for key in titles}
    return [(key.value, title, by[key]) for key, title in titles.items() if by[key]]


def _new(*, title: str, source: str, errors: object, status: int = 200) -> ResponseReturnValue:
    return page(
        "playlists/desk/new.html",
        title_value=title,
        source=source,
        errors=errors,
        playlists=desk.playlists_to_tend(db_session()),
        status=status,
    )


def _review(
    slug: str, *, why: str, moving: str, errors: object, status: int = 200
) -> ResponseReturnValue:
    session = db_session()
    draft = draft_row(session, slug)
    if draft is None or draft.is_template:
        raise NotFound(_("There is no draft to publish."))
    before = versions.newest(session, slug)
    people, not_begun = how_many(session, slug)
    return page(
        "playlists/desk/publish.html",
        status=status,
        draft=draft,
        before=before,
        differs=_differences(before, draft) if before else None,
        weeks=week_cards(session, draft, tokens=viewer().tokens),
        not_begun=told_of(not_begun, people),
        people_text=people_words(people),
        why=why,
        moving=moving,
        errors=errors,
    )


def _differences(before: Playlist, after: Playlist) -> DifferenceWords | None:
    """Return what differs in words; None where nothing does."""
    session = db_session()
    found = versions.what_differs(session, before, after, tokens=viewer().tokens)
    options = options_of(session)

    def person_name(person_id: int) -> str:
        person = session.get(Person, person_id)
        return person.name if person else ""

    return in_words(found, options.audience_name, person_name) if found else None


def _moved_text(moved: int, people: int) -> str:
    """Say how many have moved on, of those under way, in whole groups."""
    groups = told_of(moved, people)
    if not groups:
        return _("It is published.")
    return ngettext(
        "It is published. %(num)s person has moved on to it.",
        "It is published. %(num)s people have moved on to it.",
        groups,
    )
