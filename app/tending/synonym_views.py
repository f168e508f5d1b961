"""The curators' pages about synonyms: the list, one group tried out and kept, pasted lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.audit import trail
from app.curation.texts import plain
from app.discover.quality import Change
from app.discover.tuning import Tuning, live_boosts
from app.errors import Conflict, Invalid, NotFound
from app.models import SynonymGroup
from app.tending import queries, service
from app.tending.asked import asker, search_index
from app.tending.blueprint import bp
from app.tending.groups import NOTE, Wanted, matching
from app.tending.measuring import Bench, judged_in
from app.tending.queries import GroupRow
from app.tending.synonym_form import Typed
from app.tending.trial import Comparison, compare, samples
from app.web.errors import translated
from app.web.htmx import page, wanted_fragment
from app.web.i18n import today
from app.web.paging import Paging, page_links, page_number
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer
from search.errors import IndexMissing
from search.synonyms import Group, Synonyms

_LIST = "/curate/synonyms"
_GROUP = f"{_LIST}/<int(max=2147483647):group_id>"
_SIZE = 50
_MOST_FAILING = 10
Errors = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a group would change: searches, and judged queries. `building`: there is no index."""

    comparisons: Sequence[Comparison] = ()
    changes: Sequence[Change] = ()
    judged: int = 0
    building: bool = False


@bp.get(_LIST)
def synonyms() -> ResponseReturnValue:
    """List the groups, those with some words only if asked for."""
    text = plain(" ".join(request.args.get("q", "").split()))[:100]
    rows = [row for row in queries.all_groups(db_session()) if matching(row.group, text)]
    paging = Paging(page_number(), _SIZE, len(rows))
    return page(
        "tending/synonyms.html",
        fragments=("results",),
        rows=rows[paging.offset : paging.offset + _SIZE],
        total=len(rows),
        links=page_links(paging),
        text=text,
        failing=queries.most_failing(
            db_session(), at_least=config().min_group_size, limit=_MOST_FAILING
        ),
    )


@bp.route(f"{_LIST}/add", methods=["GET", "POST"])
def add_synonyms() -> ResponseReturnValue:
    """Ask for a new group, try it out, or keep it."""
    if request.method != "POST":
        given = plain(" ".join(request.args.get("words", "").split()))
        return _form(Typed(words=f"{given}\n" if given else ""))
    typed = Typed.of(request.form)
    try:
        wanted = typed.wanted()
        if request.form.get("what") == "try":
            return _tried(typed, wanted)
        service.add_group(db_session(), wanted, note=typed.note, by=viewer().id, now=clock.now())
    except Invalid as refusal:
        return _form(typed, errors=_errors(refusal), status=422)
    trail.note("tending.add_synonyms", subject=str(wanted))
    flash(_("Saved. Searches find it from now on."))
    return redirect(url_for(".synonyms"), code=303)


@bp.route(_GROUP, methods=["GET", "POST"])
def edit_synonyms(group_id: int) -> ResponseReturnValue:
    """Show a group, try out what it is to become, or keep that."""
    row = _row_or_404(group_id)
    if request.method != "POST":
        return _form(Typed.as_kept(row.group), row)
    typed = Typed.of(request.form)
    try:
        wanted = typed.wanted()
        if request.form.get("what") == "try":
            return _tried(typed, wanted, row)
        service.edit_group(
            db_session(),
            group_id,
            wanted,
            note=typed.note,
            seen=typed.seen,
            by=viewer().id,
            now=clock.now(),
        )
    except Invalid as refusal:
        return _form(typed, row, errors=_errors(refusal), status=422)
    except Conflict:
        return _overtaken(typed, group_id)
    trail.note("tending.edit_synonyms", subject=str(wanted))
    flash(_("Saved. Searches find it from now on."))
    return redirect(url_for(".synonyms"), code=303)


@bp.post(f"{_GROUP}/remove")
def remove_synonyms(group_id: int) -> ResponseReturnValue:
    """Delete a group that nobody has changed since the curator looked at it."""
    seen = request.form.get("seen", "")
    gone = service.remove_group(db_session(), group_id, seen=seen, now=clock.now())
    said = str(_wanted(gone))
    trail.note("tending.remove_synonyms", subject=said)
    flash(_("Removed: %(group)s", group=said))
    return redirect(url_for(".synonyms"), code=303)


@bp.route(f"{_LIST}/paste", methods=["GET", "POST"])
def paste_synonyms() -> ResponseReturnValue:
    """Take many lines at once: the good ones are kept, the others are shown with what is wrong."""
    if request.method != "POST":
        return page("tending/paste.html", text="", pasted=None, errors=[])
    text = plain(request.form.get("lines", ""))
    try:
        pasted = service.add_lines(db_session(), text, by=viewer().id, now=clock.now())
    except Invalid as refusal:
        errors = _errors(refusal)
        return page("tending/paste.html", text=text, pasted=None, errors=errors, status=422)
    count = len(pasted.added)
    said = ngettext("%(num)s group is kept.", "%(num)s groups are kept.", count)
    if count:
        trail.note("tending.paste_synonyms", added=[str(one) for one in pasted.added])
    if not pasted.refused:
        flash(said)
        return redirect(url_for(".synonyms"), code=303)
    return page(
        "tending/paste.html",
        text="\n".join(line.text for line in pasted.refused),
        pasted=pasted,
        said=said,
        errors=[],
        status=200 if count else 422,
    )


def _row_or_404(group_id: int) -> GroupRow:
    row = queries.group_row(db_session(), group_id)
    if row is None:
        raise NotFound(_("This group is not there any more."))
    return row


def _overtaken(typed: Typed, group_id: int) -> ResponseReturnValue:
    """Show what somebody else has made of the group beside what was typed; nothing is changed."""
    db_session().rollback()
    row = _row_or_404(group_id)
    seen = row.group.changed_at.isoformat()
    return _form(replace(typed, seen=seen), row, overtaken=True, status=409)


def _tried(typed: Typed, wanted: Wanted, row: GroupRow | None = None) -> ResponseReturnValue:
    trail.note("tending.try_synonyms", subject=str(wanted))
    return _form(typed, row, trial=_trial(typed, wanted, row.group if row else None))


def _trial(typed: Typed, wanted: Wanted, edited: SynonymGroup | None) -> Trial:
    """Compare searches as they are with what they would be; nothing is written."""
    boosts = live_boosts(db_session())
    kept = [row.group for row in reversed(queries.all_groups(db_session()))]
    others = [_group(_wanted(group)) for group in kept if group is not edited]
    before = Tuning(Synonyms(_group(_wanted(group)) for group in kept), boosts)
    after = Tuning(Synonyms([*others, _group(wanted)]), boosts)
    try:
        comparisons = compare(asker(), samples(typed.query, wanted.words), before, after)
        judged = judged_in(config().judged_queries)
        bench = Bench(db_session(), search_index(), judged.queries, today())
        effect = bench.effect(before, after)
    except IndexMissing:
        return Trial(building=True)
    asked = len(effect.before.per_query)
    return Trial(comparisons=comparisons, changes=effect.changes, judged=asked)


def _form(
    typed: Typed,
    row: GroupRow | None = None,
    *,
    trial: Trial | None = None,
    errors: Errors = (),
    overtaken: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    return page(
        "tending/synonym.html",
        fragments=("trial",),
        typed=typed,
        row=row,
        trial=trial,
        role_names=dict(queries.roles(db_session())) if trial else {},
        errors=errors,
        is_part=wanted_fragment(("trial",)) is not None,
        overtaken=overtaken,
        now_is=str(_wanted(row.group)) if row else "",
        longest_note=NOTE,
        status=status,
    )


def _errors(refusal: Invalid) -> list[tuple[str, str]]:
    return [(name, translated(text)) for name, text in refusal.fields.items()]


def _wanted(group: SynonymGroup) -> Wanted:
    return Wanted(tuple(group.words), tuple(group.becomes))


def _group(wanted: Wanted) -> Group:
    return Group(wanted.words, wanted.becomes)
