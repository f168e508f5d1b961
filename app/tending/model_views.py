"""The administrators' pages about the models of recommendations: serving, training, going back."""

from datetime import UTC, datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.errors import Conflict, NotFound
from app.foryou import shelf, trainings
from app.tending import model_contexts, model_weights, queries
from app.tending.blueprint import bp
from app.tending.model_contexts import Progress
from app.web.htmx import page, wanted_fragment
from app.web.unit_of_work import db_session
from recommender.history import Promotion
from recommender.report import Report
from recommender.store import ModelStore

_PAGE = "/admin/recommendations"
_MODEL = f"{_PAGE}/<model_name>"
_MOST_MODELS = 20
_MOST_TRAININGS = 5


@bp.get(_PAGE)
def models() -> ResponseReturnValue:
    """Show what serves, the training under way, and the models before it."""
    session, is_part = db_session(), wanted_fragment(("progress",)) is not None
    store, after = _store(), _after()
    role_names = {} if is_part else dict(queries.roles(session))
    found = [] if is_part else model_contexts.rows(store, role_names, _MOST_MODELS)
    since = None if is_part else store.serving_since()
    return page(
        "tending/models.html",
        fragments=("progress",),
        progress=_progress(after),
        after=after,
        models=found,
        serving=next((row for row in found if row.serves), None),
        serving_since=datetime.fromtimestamp(since, UTC) if since else None,
        past=[] if is_part else queries.past_trainings(session, _MOST_TRAININGS),
        is_part=is_part,
    )


@bp.post(f"{_PAGE}/stop")
def stop_training() -> ResponseReturnValue:
    """Let the training under way end at its next step."""
    training = trainings.want_stop(db_session(), now=clock.now())
    trail.note("tending.stop_training", training=training.id)
    flash(_("It stops at its next step. What is finished is kept for a while."))
    return redirect(url_for(".models", after=training.id - 1), code=303)


@bp.get(_MODEL)
def model(model_name: str) -> ResponseReturnValue:
    """Show everything that was measured about one model."""
    promotion, role_names = _promotion(model_name), dict(queries.roles(db_session()))
    store, report = _store(), Report.from_json(promotion.metrics)
    kept = frozenset(store.names())
    return page(
        "tending/model.html",
        model=model_contexts.model_row(promotion, store.serving_name(), kept, role_names),
        groups=model_contexts.group_rows(report, role_names),
        cut=datetime.fromtimestamp(report.cut, UTC),
        against=report.against,
        weights=model_weights.weighed(store, model_name) if model_name in kept else [],
    )


@bp.route(f"{_MODEL}/serve", methods=["GET", "POST"])
def serve_model(model_name: str) -> ResponseReturnValue:
    """Say what it means to let a kept model serve; then do so."""
    store = _store()
    if model_name not in store.names():
        raise NotFound(_("That model is no longer kept."))
    if request.method == "POST":
        return _served(store, model_name)
    role_names = dict(queries.roles(db_session()))
    kept = frozenset(store.names())
    serving = store.serving_name()
    found = model_contexts.model_row(_promotion(model_name), serving, kept, role_names)
    return page("tending/serve.html", model=found)


def _served(store: ModelStore, name: str) -> ResponseReturnValue:
    before = store.serving_name()
    try:
        store.serve(name)
    except (OSError, ValueError) as error:
        raise Conflict(_("This model is damaged. The one that serves goes on.")) from error
    trail.note("tending.serve_model", before=before, after=name)
    flash(_("This model serves now, for everybody, from their next page on."))
    return redirect(url_for(".models"), code=303)


def _promotion(name: str) -> Promotion:
    """Return how the model was offered last; raise NotFound if nobody remembers it."""
    found = (each for each in reversed(_store().history()) if each.name == name)
    promotion = next(found, None)
    if promotion is None:
        raise NotFound(_("There is no such model."))
    return promotion


def _progress(after: int | None) -> Progress | None:
    """Return the training under way, or the one that has ended since the page waits for one."""
    session, now = db_session(), clock.now()
    training = trainings.under_way(session)
    if training is None and after is not None:
        training = queries.newest_training(session, after=after)
    return model_contexts.progress(training, now) if training else None


def _after() -> int | None:
    text = request.args.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _store() -> ModelStore:
    return shelf.room().models
