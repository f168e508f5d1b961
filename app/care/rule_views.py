"""The rules of care: which there are, what a new one would do, how far the job has followed."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.care import caring, rulebook, rules, tending
from app.care.blueprint import bp
from app.care.rulebook import Words
from app.errors import Invalid
from app.models import CareRule, Kind
from app.web.errors import translated
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_RULES = "/curate/care/rules"
_RULE = f"{_RULES}/<int(max=2147483647):care_rule_id>"


@bp.get(_RULES)
def rules_page() -> ResponseReturnValue:
    """List the rules, the widest first, and say how far items follow them."""
    session, now = db_session(), clock.now()
    left, total = tending.left(session, since=tending.since_when(session, now=now))
    return page(
        "care/rules.html",
        fragments=("progress",),
        rules=rules.standing(session),
        left=left,
        total=total,
    )


@bp.get(f"{_RULES}/new")
def new_rule() -> ResponseReturnValue:
    """Show the form of a rule, and what the rule that is typed would do."""
    return _form(None, _typed(request.args))


@bp.post(_RULES)
def add_rule() -> ResponseReturnValue:
    """Keep a new rule."""
    words = _typed(request.form)
    try:
        rule = rulebook.read(db_session(), words, now=clock.now())
    except Invalid as wrong:
        return _form(None, words, wrong.fields)
    rulebook.add(db_session(), rule)
    return _kept(_("The rule is kept. Items follow it within some minutes."))


@bp.get(_RULE)
def edit_rule(care_rule_id: int) -> ResponseReturnValue:
    """Show a rule, and what it would do as it is typed."""
    kept = rulebook.rule_to_change(db_session(), care_rule_id)
    return _form(kept, _typed(request.args) if request.args else rulebook.words_of(kept))


@bp.post(_RULE)
def change_rule(care_rule_id: int) -> ResponseReturnValue:
    """Keep what was changed of a rule."""
    kept, words = rulebook.rule_to_change(db_session(), care_rule_id), _typed(request.form)
    try:
        rule = rulebook.read(db_session(), words, now=clock.now(), changing=kept)
    except Invalid as wrong:
        return _form(kept, words, wrong.fields)
    rulebook.change(db_session(), kept, rule)
    return _kept(_("The rule is changed. Items follow it within some minutes."))


@bp.post(f"{_RULE}/remove")
def remove_rule(care_rule_id: int) -> ResponseReturnValue:
    """Take a rule away; it can be brought back."""
    rulebook.remove(db_session(), care_rule_id, now=clock.now())
    return redirect(url_for(".edit_rule", care_rule_id=care_rule_id), code=303)


@bp.post(f"{_RULE}/restore")
def restore_rule(care_rule_id: int) -> ResponseReturnValue:
    """Bring a removed rule back."""
    try:
        rulebook.restore(db_session(), care_rule_id, now=clock.now())
    except Invalid as wrong:
        flash(translated(next(iter(wrong.fields.values()))), "warning")
        return redirect(url_for(".edit_rule", care_rule_id=care_rule_id), code=303)
    return _kept(_("The rule counts again."))


def _kept(said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for(".rules_page"), code=303)


def _typed(fields: Mapping[str, str]) -> Words:
    names = ("tool", "kind", "owner", "review", "sunset")
    return Words(**{name: fields.get(name, "").replace("\0", "").strip()[:20] for name in names})


def _form(kept: CareRule | None, words: Words, errors: Mapping[str, str] | None = None) -> Response:
    """Show the form with what the typed rule would do; `errors` are those of a rule not kept."""
    session, asked = db_session(), any((words.owner, words.review, words.sunset))
    touched, wrong = None, dict(errors or {})
    if asked and not wrong:
        try:
            with session.no_autoflush:
                rule = rulebook.read(session, words, now=clock.now(), changing=kept)
                if kept is not None:
                    rule.id = kept.id
                touched = rules.preview(session, rule, tokens=viewer().tokens, today=today())
        except Invalid as invalid:
            wrong = dict(invalid.fields)
    return page(
        "care/rule.html",
        fragments=("results",),
        status=422 if errors else 200,
        kept=kept,
        words=words,
        touched=touched,
        errors={name: translated(text) for name, text in wrong.items()},
        tools=rulebook.tools(session),
        kinds=[kind.value for kind in Kind],
        curators=caring.curators_of(session),
        most=rules.MOST_MONTHS,
    )
