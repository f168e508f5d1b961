"""The administrators' page of experiments: two rankers side by side, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.errors import Conflict, Invalid
from app.foryou import experiments
from app.foryou.experiments import AS_EVER, Side
from app.foryou.shelf import room
from app.models import Experiment
from app.tending import experiment_results, experiment_words, queries
from app.tending.blueprint import bp
from app.tending.experiment_results import Result
from app.web.errors import in_words, translated
from app.web.htmx import page
from app.web.i18n import moment
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

_PAGE = "/admin/experiments"
_LATELY = timedelta(days=28)
_MOST_PAST = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """An experiment as the page shows it: both sides in words, and its result or None.

    `others` are the sides, "A" or "B", with kept models that do not serve, by the models' names.
    """

    row: Experiment
    a: str
    b: str
    result: Result | None
    others: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says, as it is shown again."""

    name: str
    a: Side
    b: Side


@bp.get(_PAGE)
def experiments_page() -> ResponseReturnValue:
    """Show the experiment that runs, or the form that starts one, and those before it."""
    return _page(Typed("", AS_EVER, AS_EVER))


@bp.post(_PAGE)
def start_experiment() -> ResponseReturnValue:
    """Start an experiment."""
    typed = Typed(
        request.form.get("name", "")[:1000],
        experiment_words.side_in(request.form, "a"),
        experiment_words.side_in(request.form, "b"),
    )
    try:
        row = experiments.start(
            db_session(),
            typed.name,
            typed.a,
            typed.b,
            kept=room().models.names(),
            by=viewer().id,
            now=clock.now(),
        )
    except Invalid as refusal:
        errors = [(name, translated(text)) for name, text in refusal.fields.items()]
        return _page(typed, errors=errors, status=422)
    except Conflict as conflict:
        return _page(typed, overtaken=in_words(conflict), status=409)
    trail.note("tending.start_experiment", name=row.name, a=row.a, b=row.b)
    flash(_("The experiment is running. People see a list of both sides from their next page on."))
    return redirect(url_for(".experiments_page"), code=303)


@bp.post(f"{_PAGE}/<int(max=2147483647):experiment_id>/end")
def end_experiment(experiment_id: int) -> ResponseReturnValue:
    """End the experiment that runs, and keep its figures."""
    found = _result(experiment_id)
    result = found.to_json() if found else None
    row = experiments.end(db_session(), experiment_id, result=result, now=clock.now())
    trail.note("tending.end_experiment", name=row.name, result=result or {})
    flash(_("The experiment has ended. Everybody sees what the serving model recommends."))
    return redirect(url_for(".experiments_page"), code=303)


def _page(
    typed: Typed,
    *,
    errors: Sequence[tuple[str, str]] = (),
    overtaken: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    session, models = db_session(), _models()
    running = experiments.running_row(session)
    past = queries.past_experiments(session, _MOST_PAST)
    at_least = config().min_group_size
    return page(
        "tending/experiments.html",
        running=_seen(running, models, _result(running.id)) if running else None,
        past=[_seen(row, models, Result.of(row.result) if row.result else None) for row in past],
        drawn=experiment_results.drawn_since(session, clock.now() - _LATELY, at_least=at_least),
        typed=typed,
        sides_of_form=[
            (side, label, experiment_words.fields(side, chosen, list(models.items())))
            for side, label, chosen in (("a", _("Side A"), typed.a), ("b", _("Side B"), typed.b))
        ],
        meanings=[
            (experiment_words.CHOICES[key], meaning)
            for key, meaning in experiment_words.MEANINGS.items()
        ],
        at_least=at_least,
        errors=errors,
        overtaken=overtaken,
        status=status,
    )


def _seen(row: Experiment, models: Mapping[str, str], result: Result | None) -> Seen:
    sides = {"A": Side.of(row.a), "B": Side.of(row.b)}
    serving = room().models.serving_name()
    others = [
        (letter, side.model)
        for letter, side in sides.items()
        if side.model in models and side.model != serving
    ]
    a, b = (experiment_words.said(side, models) for side in sides.values())
    return Seen(row, a, b, result, others)


def _result(experiment_id: int) -> Result | None:
    at_least = config().min_group_size
    return experiment_results.result_of(db_session(), experiment_id, at_least=at_least)


def _models() -> dict[str, str]:
    """Return what the kept models are called, the newest first."""
    store = room().models
    serving = store.serving_name()
    kept = [experiment_words.kept_model(name, serving) for name in reversed(store.names())]
    return {
        each.name: _("Trained %(moment)s, serves now", moment=moment(each.trained_at))
        if each.serves
        else _("Trained %(moment)s", moment=moment(each.trained_at))
        for each in kept
    }
