"""Who gets a playlist: by rules, looked at before they are switched on, and by hand."""

from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.access import Permission
from app.errors import Invalid
from app.models import Person, Playlist
from app.people.queries import roles_in_order
from app.playlists import desk, finding, giving, holders, rules
from app.playlists.desk_blueprint import author, bp, complaints, face_or_404
from app.playlists.desk_contexts import Sheet
from app.playlists.rules import Preview, Whom
from app.sums import FEWEST, told
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_RULE = "/<slug>/rules/<int(max=2147483647):rule_id>"
_PERSON = "/<slug>/people/<int(max=2147483647):person_id>"
_FIELDS = ("role", "group", "started_from", "starts_on")


@bp.get("/<slug>/people")
def people(slug: str) -> ResponseReturnValue:
    """Show who gets a playlist, and find people by name."""
    return _people(slug, text=request.args.get("q", "")[:200])


@bp.post(_PERSON)
def give(slug: str, person_id: int) -> ResponseReturnValue:
    """Give the playlist to a person."""
    session, form = db_session(), request.form
    typed = {name: form.get(name, "") for name in ("starts_on", "buddy")}
    try:
        buddy = finding.person_named(session, "buddy", typed["buddy"])
        given = giving.give(
            session,
            slug,
            person_id,
            starts_on=_day("starts_on", typed["starts_on"]) or today(),
            author=author(),
            buddy_id=int(buddy) if buddy else None,
        )
    except Invalid as invalid:
        session.rollback()
        sheet = Sheet(values=typed, errors=complaints(invalid))
        return _people(slug, text=form.get("q", "")[:200], refused=(person_id, sheet))
    if given.is_new:
        flash(_("%(name)s has the playlist now.", name=given.person.name))
    else:
        flash(_("%(name)s has this playlist already.", name=given.person.name))
    return redirect(url_for("desk.people", slug=slug), code=303)


@bp.post(f"{_PERSON}/take")
def take(slug: str, person_id: int) -> ResponseReturnValue:
    """Take the playlist away from a person."""
    person = giving.take_away(db_session(), slug, person_id, author=author())
    flash(_("%(name)s does not have the playlist any more.", name=person.name))
    return redirect(url_for("desk.people", slug=slug), code=303)


@bp.get("/<slug>/rules/new")
def new_rule(slug: str) -> ResponseReturnValue:
    """Show whom a rule would find now, before it is kept."""
    typed = {name: request.args.get(name, "") for name in _FIELDS}
    if not any(typed.values()):
        return _rule(slug, Sheet(values=typed), None)
    return _tried_rule(slug, typed)


@bp.post("/<slug>/rules")
def add_rule(slug: str) -> ResponseReturnValue:
    """Keep a rule and give the playlist to whom it finds."""
    typed = {name: request.form.get(name, "") for name in _FIELDS}
    session = db_session()
    try:
        rule = rules.add_rule(session, slug, _whom(typed), author=author())
    except Invalid as invalid:
        session.rollback()
        return _rule(slug, Sheet(values=typed, errors=complaints(invalid)), None, status=422)
    flash(_given_text(_give(rule.id)))
    return redirect(url_for("desk.people", slug=slug, _anchor="rules"), code=303)


@bp.get(_RULE)
def rule(slug: str, rule_id: int) -> ResponseReturnValue:
    """Show whom a kept rule would find now, before it is switched on again."""
    found = rules.rule_called(db_session(), slug, rule_id)
    typed = {
        "role": str(found.role_id or ""),
        "group": str(found.group_id or ""),
        "started_from": str(found.started_from or ""),
        "starts_on": str(found.starts_on or ""),
    }
    return _tried_rule(slug, typed, rule_id=rule_id)


@bp.post(f"{_RULE}/switch")
def switch_rule(slug: str, rule_id: int) -> ResponseReturnValue:
    """Switch a rule on, which gives at once, or off."""
    session, enabled = db_session(), request.form.get("enabled") == "yes"
    rules.switch_rule(session, slug, rule_id, enabled=enabled)
    if enabled:
        flash(_given_text(_give(rule_id)))
    else:
        flash(_("The rule gives nothing any more. Whoever has the playlist keeps it."))
    return redirect(url_for("desk.people", slug=slug, _anchor="rules"), code=303)


@bp.post(f"{_RULE}/remove")
def remove_rule(slug: str, rule_id: int) -> ResponseReturnValue:
    """Delete a rule."""
    rules.remove_rule(db_session(), slug, rule_id)
    flash(_("The rule is deleted. Whoever has the playlist keeps it."))
    return redirect(url_for("desk.people", slug=slug, _anchor="rules"), code=303)


def _people(
    slug: str, *, text: str, refused: tuple[int, Sheet] | None = None
) -> ResponseReturnValue:
    session, face = db_session(), face_or_404(slug)
    found = finding.people_called(session, text)
    if refused is not None and refused[0] not in {person.id for person in found}:
        found = [*found, *filter(None, [session.get(Person, refused[0])])]
    return page(
        "playlists/desk/people.html",
        fragments=("found",),
        status=422 if refused else 200,
        playlist=face,
        text=text,
        found=holders.holders(session, slug, found),
        by_hand=holders.given_by_hand(session, slug),
        rules=desk.rules_of(session, slug),
        refused=refused,
        today=today(),
        few=FEWEST,
        may_give=_may_give(face),
    )


def _tried_rule(slug: str, typed: dict[str, str], *, rule_id: int = 0) -> ResponseReturnValue:
    """Show the form of a rule with whom it would find; or with what is wrong."""
    session, me = db_session(), viewer()
    try:
        whom = _whom(typed)
        rules.check(session, whom)
    except Invalid as invalid:
        sheet = Sheet(values=typed, errors=complaints(invalid))
        return _rule(slug, sheet, None, rule_id=rule_id, status=422)
    seen = rules.preview(
        session, slug, whom, reader_id=me.id, sees_all=me.may(Permission.ADMINISTER)
    )
    return _rule(slug, Sheet(values=typed), seen, rule_id=rule_id)


def _rule(
    slug: str, sheet: Sheet, preview: Preview | None, *, rule_id: int = 0, status: int = 200
) -> ResponseReturnValue:
    session, face = db_session(), face_or_404(slug)
    return page(
        "playlists/desk/rule.html",
        status=status,
        playlist=face,
        sheet=sheet,
        rule_id=rule_id,
        preview=preview,
        preview_text=_preview_text(preview) if preview else "",
        roles=roles_in_order(session),
        groups=desk.groups_in_order(session),
        may_give=_may_give(face),
    )


def _may_give(playlist: Playlist) -> bool:
    return playlist.state == "live" and not playlist.is_template


def _whom(typed: dict[str, str]) -> Whom:
    return Whom(
        role_id=_id("role", typed["role"]),
        group_id=_id("group", typed["group"]),
        started_from=_day("started_from", typed["started_from"]),
        starts_on=_day("starts_on", typed["starts_on"]),
    )


def _id(field: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise Invalid({field: _("Choose one of the list.")})
    return int(text)


def _day(field: str, text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 2100:
        raise Invalid({field: _("Give a day such as 2026-11-30.")})
    return found


def _preview_text(preview: Preview) -> str:
    groups = told(preview.count)
    if not groups:
        return _("Fewer than %(number)s people would get it right now.", number=FEWEST)
    return ngettext(
        "%(num)s person would get it right now.",
        "%(num)s people would get it right now.",
        groups,
    )


def _give(rule_id: int) -> int:
    """Give by a rule to the first people whom it finds; the job gives to the others."""
    return rules.give(db_session(), now=clock.now(), rule_id=rule_id, limit=rules.AT_ONCE)


def _given_text(count: int) -> str:
    groups = told(count)
    if count == rules.AT_ONCE:
        return _("The rule is switched on. People get the playlist within some minutes.")
    if not groups:
        return _("The rule is switched on. Fewer than %(number)s people got it.", number=FEWEST)
    return ngettext(
        "The rule is switched on. %(num)s person has the playlist now.",
        "The rule is switched on. %(num)s people have the playlist now.",
        groups,
    )
