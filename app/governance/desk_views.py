"""The curators' queue of what readers told: look, accept, reject, answer, several at once."""

from collections.abc import Iterable

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.audit.trail import note
from app.editing.linking import known_item, made_item, read_facts, refuse_link, show_link
from app.errors import NotFound
from app.governance import queries
from app.governance.blueprint import bp
from app.governance.deciding import decide
from app.governance.forms import PROBLEMS
from app.governance.queries import Entry, Told
from app.vault import CannotOpenError
from app.web.htmx import is_htmx, page
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer

_SHOWN, _AT_ONCE = 50, 50
_SUGGESTION = "/curate/readers/suggestions/<int(max=2147483647):suggestion_id>"


@bp.get("/curate/reports")
def reports() -> ResponseReturnValue:
    """Lead from where the queue was to where it is."""
    return redirect(url_for("governance.readers"), code=301)


@bp.get("/curate/readers")
def readers() -> ResponseReturnValue:
    """List to curators what readers told and nobody has answered, the oldest first."""
    return _queue()


@bp.post("/curate/readers")
def decide_on() -> ResponseReturnValue:
    """Accept or reject what is chosen, with an answer perhaps."""
    accepted = request.form.get("decision") == "accept"
    chosen = request.form.getlist("entry")[:_AT_ONCE]
    if not chosen:
        return _answered(_("Choose at least one first."))
    later = sum(not _decided(text, accepted) for text in chosen)
    done = len(chosen) - later
    said = (
        ngettext("%(num)s entry is answered.", "%(num)s entries are answered.", done)
        if done
        else ""
    )
    if later:
        look = ngettext(
            "%(num)s suggestion wants a look of its own before it is accepted.",
            "%(num)s suggestions want a look of their own before they are accepted.",
            later,
        )
        said = f"{said} {look}".strip()
    return _answered(said)


@bp.post(f"{_SUGGESTION}/look")
def look(suggestion_id: int) -> ResponseReturnValue:
    """Read a suggested page, and show what it says of itself to be corrected and accepted."""
    entry = _suggestion_or_404(suggestion_id)
    known = known_item(entry.about)
    if known is not None:
        _accept(entry, known.id, known.title, "")
        flash(
            _("It is in the catalogue already: “%(title)s”. The reader is told.", title=known.title)
        )
        return redirect(url_for("editing.pin", item=known.id), code=303)
    accept_at = url_for("governance.accept", suggestion_id=suggestion_id)
    return show_link(
        entry.about, read_facts(entry.about), action=accept_at, suggestion=entry, answer=""
    )


@bp.post(f"{_SUGGESTION}/accept")
def accept(suggestion_id: int) -> ResponseReturnValue:
    """Make an item of a suggested page, pin it perhaps, and tell who suggested it."""
    entry, answer = _suggestion_or_404(suggestion_id), request.form.get("answer", "")
    made = made_item()
    if made.item is None:
        return refuse_link(
            made,
            action=url_for("governance.accept", suggestion_id=suggestion_id),
            suggestion=entry,
            answer=answer,
        )
    note("governance.accept", subject=f"item {made.item.id} “{made.item.title}”")
    _accept(entry, made.item.id, made.item.title, answer)
    flash(made.said + " " + _("The reader is told."))
    return redirect(url_for("governance.readers"), code=303)


def reference(entry: Entry) -> str:
    """Return how a form names an entry; a rating's is sealed, for it would name its reader."""
    key = "-".join(map(str, entry.key))
    if entry.kind is Told.RATING:
        key = resources().vault.seal(key)
    return f"{entry.kind}:{key}"


def _queue(said: str = "") -> ResponseReturnValue:
    me, kind = viewer(), _kind()
    found = queries.queue(
        db_session(),
        kind=Told(kind) if kind else None,
        person_id=me.id,
        tokens=me.tokens,
        limit=_SHOWN,
    )
    return page(
        "governance/readers.html",
        fragments=("queue",),
        rows=[(entry, reference(entry)) for entry in found.entries],
        totals=found.totals,
        total=sum(found.totals.values()),
        kind=kind or "",
        problems=PROBLEMS,
        said=said,
    )


def _answered(said: str) -> ResponseReturnValue:
    """Answer a decision: through htmx with what is left, else by going back."""
    if is_htmx():
        return _queue(said)
    flash(said)
    return redirect(url_for("governance.readers", kind=_kind()), code=303)


def _kind() -> str | None:
    """Return the kind to which the list is narrowed, None for all."""
    wanted = request.form.get("kind") or request.args.get("kind", "")
    return wanted if wanted in set(Told) else None


def _decided(text: str, accepted: bool) -> bool:
    """Close the entry of this name; tell whether it could be, which a suggestion may not."""
    me = viewer()
    kind, key = _named(text)
    entry = queries.entry_of(db_session(), kind, key, person_id=me.id, tokens=me.tokens)
    if entry is None:
        raise NotFound(_("There is no such entry for you."))
    item = None
    if kind is Told.SUGGESTION and accepted:
        known = known_item(entry.about)
        if known is None:
            return False
        item = known.id, known.title
    decide(
        db_session(),
        kind,
        key,
        accepted=accepted,
        answer=request.form.get("answer", ""),
        by=me.id,
        tokens=me.tokens,
        now=clock.now(),
        item=item,
    )
    return True


def _named(text: str) -> tuple[Told, tuple[int, ...]]:
    """Return kind and key of the entry that a form names; answer 404 for what names none."""
    kind, _colon, key = text.partition(":")
    try:
        found = Told(kind)
        opened = _opened(key) if found is Told.RATING else key
        return found, _whole(opened.split("-"), 2 if found is Told.RATING else 1)
    except (ValueError, CannotOpenError):
        abort(404)


def _opened(sealed: str) -> str:
    """Return what was sealed here; raise ValueError for what names a variable instead."""
    if ":" in sealed:
        raise ValueError("not sealed here")
    return resources().vault.open(sealed)


def _whole(parts: Iterable[str], count: int) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in parts if part.isascii() and part.isdigit())
    if len(numbers) != count or max(numbers) >= 2**31:
        raise ValueError("no key")
    return numbers


def _suggestion_or_404(suggestion_id: int) -> Entry:
    me = viewer()
    found = queries.entry_of(
        db_session(), Told.SUGGESTION, (suggestion_id,), person_id=me.id, tokens=me.tokens
    )
    if found is None:
        raise NotFound(_("There is no such suggestion."))
    return found


def _accept(entry: Entry, item_id: int, title: str, answer: str) -> None:
    me = viewer()
    decide(
        db_session(),
        entry.kind,
        entry.key,
        accepted=True,
        answer=answer,
        by=me.id,
        tokens=me.tokens,
        now=clock.now(),
        item=(item_id, title),
    )
