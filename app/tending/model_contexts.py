"""What administrators see of the models: the one that serves, those before it, and a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _

from app.foryou import trainings
from app.models import Training, TrainingState
from app.tending import model_words
from app.web.errors import translated
from recommender.figures import Figure
from recommender.history import Origin, Promotion
from recommender.report import EVERYBODY, IN_ROLE, OURS, SERVING, Report, Row
from recommender.store import ModelStore

NEWCOMERS = ("0", "1-3")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model that was offered: whether it may be chosen, why it serves or does not, its figures.

    `ours` is None where there was too little activity to measure it. `newcomers` are pairs of a
    group and its nDCG.
    """

    name: str
    trained_at: datetime
    accepted: bool
    forced: bool
    serves: bool
    kept: bool
    why: str
    ours: Row | None
    in_role: Row | None
    newcomers: tuple[tuple[str, Figure], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of people in the details of a model; `before` is what served then, if measured."""

    label: str
    ours: Row
    in_role: Row | None
    before: Row | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A training that waits, is under way, or has just ended.

    `percent` is None where nobody knows. `said` changes with each tenth, for who hears the page.
    """

    title: str
    text: str
    said: str
    percent: int | None
    stopping: bool
    ended: bool
    started_at: datetime


def rows(store: ModelStore, role_names: Mapping[str, str], most: int) -> list[ModelRow]:
    """Return the models offered last, the newest first; each name once, as it was offered last."""
    serving, kept = store.serving_name(), frozenset(store.names())
    found: dict[str, ModelRow] = {}
    for promotion in reversed(store.history()):
        key = promotion.name or f"{promotion.trained_at}"
        if key not in found and len(found) < most:
            found[key] = model_row(promotion, serving, kept, role_names)
    return list(found.values())


def model_row(
    promotion: Promotion, serving: str, kept: frozenset[str], role_names: Mapping[str, str]
) -> ModelRow:
    """Return an offered model as the page shows it."""
    report = Report.from_json(promotion.metrics)
    newcomers = ((name, report.row(OURS, name)) for name in NEWCOMERS)
    return ModelRow(
        name=promotion.name,
        trained_at=datetime.fromtimestamp(promotion.trained_at, UTC),
        accepted=promotion.accepted,
        forced=promotion.forced,
        serves=bool(serving) and promotion.name == serving,
        kept=promotion.name in kept,
        why=model_words.sentence(promotion, role_names),
        ours=report.row(OURS),
        in_role=report.row(IN_ROLE),
        newcomers=tuple((name, row.ndcg) for name, row in newcomers if row is not None),
        origin=promotion.origin,
    )


def group_rows(report: Report, role_names: Mapping[str, str]) -> list[GroupRow]:
    """Return the figures of every group that is large enough to be told, everybody first."""
    return [
        GroupRow(
            model_words.group(row.group, role_names),
            row,
            report.row(IN_ROLE, row.group),
            report.row(SERVING, row.group),
        )
        for row in report.of(OURS)
    ]


def progress(training: Training, now: datetime) -> Progress:
    """Return how far a training is, or how it ended."""
    if training.state != TrainingState.RUNNING.value:
        return _ended(training, _title(training.state), translated(training.outcome))
    if trainings.is_lost(training, now):
        lost = trainings.NOT_TAKEN_UP if _waits(training) else trainings.INTERRUPTED
        return _ended(training, _("It has not moved for a while"), translated(lost))
    return _under_way(training)


def _under_way(training: Training) -> Progress:
    known = model_words.STAGES.get(training.stage)
    text = str(known[0]) if known else _("Working")
    percent = None
    if known and not _waits(training):
        percent = round(100 * (known[1] + training.share * (known[2] - known[1])))
    return Progress(
        title=_("Waiting for the worker") if _waits(training) else _("Training"),
        text=text,
        said=f"{text} {percent // 10 * 10} %" if percent is not None else text,
        percent=percent,
        stopping=training.stop_asked_at is not None,
        ended=False,
        started_at=training.started_at,
    )


def _ended(training: Training, title: str, text: str) -> Progress:
    return Progress(
        title=title,
        text=text,
        said=f"{title}. {text}",
        percent=None,
        stopping=False,
        ended=True,
        started_at=training.started_at,
    )


def _waits(training: Training) -> bool:
    return training.stage == trainings.WAITING


def _title(state: str) -> str:
    return {
        TrainingState.DONE.value: _("The training is done"),
        TrainingState.STOPPED.value: _("The training was stopped"),
        TrainingState.FAILED.value: _("The training failed"),
    }[state]


def everybody(found: Sequence[GroupRow]) -> GroupRow | None:
    """Return the figures of everybody, None where nothing was measured."""
    return next((row for row in found if row.ours.group == EVERYBODY), None)
