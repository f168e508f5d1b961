"""The sides of an experiment as a form shows and sends them, each change said in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.foryou.experiments import CHANGES, SERVING, Side

_STAMP = "%Y%m%dT%H%M%S"
ASPECTS: Mapping[str, LazyString] = {
    "diversity": _l("How mixed it is"),
    "weights": _l("What counts how much"),
    "live": _l("What people just did"),
}
USUAL: Mapping[str, LazyString] = {
    "diversity": _l("As the model has it"),
    "weights": _l("As learnt from what people took here"),
    "live": _l("Counts at once"),
}
CHOICES: Mapping[tuple[str, str], LazyString] = {
    ("diversity", "alike"): _l("Best first, however alike"),
    ("diversity", "mixed"): _l("Much more mixed"),
    ("weights", "untaught"): _l("As Foyer brings it along"),
    ("live", "as_trained"): _l("Counts after the next training"),
}
MEANINGS: Mapping[tuple[str, str], LazyString] = {
    ("diversity", "alike"): _l(
        "The items stand by how well they suit, even when one is much like the other."
    ),
    ("diversity", "mixed"): _l(
        "Items that are unlike those above them come up further than usual."
    ),
    ("weights", "untaught"): _l(
        "Roles, what is popular, what people took next and the rest count as they did before "
        "anything was learnt from what people here took."
    ),
    ("live", "as_trained"): _l(
        "Nothing that somebody has done since the training of the model speaks for an item. What "
        "they have met stays out as ever."
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of the form: what may be chosen is (value, label, chosen)."""

    name: str
    label: str
    options: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model that is kept: when it was trained, and whether it serves."""

    name: str
    trained_at: datetime
    serves: bool


def kept_model(name: str, serving: str) -> KeptModel:
    """Return a kept model by its name, which begins with the moment of its training."""
    moment = datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
    return KeptModel(name, moment, name == serving)


def side_in(form: Mapping[str, str], side: str) -> Side:
    """Return the side "a" or "b" that a form says."""
    chosen = ((aspect, form.get(f"{side}_{aspect}", "")) for aspect in CHANGES)
    changes = tuple(sorted((aspect, choice) for aspect, choice in chosen if choice))
    return Side(form.get(f"{side}_model", SERVING), changes)


def fields(side: str, typed: Side, models: Sequence[tuple[str, str]]) -> list[Choice]:
    """Return the fields of a side; `models` are the kept ones with what they are called."""
    serving = (SERVING, gettext("The model that serves"))
    changes = dict(typed.changes)
    options = [(name, label, name == typed.model) for name, label in (serving, *models)]
    found = [Choice(f"{side}_model", gettext("Model"), options)]
    for aspect, choices in CHANGES.items():
        told = [("", str(USUAL[aspect])), *((one, str(CHOICES[aspect, one])) for one in choices)]
        now = changes.get(aspect, "")
        found.append(
            Choice(
                f"{side}_{aspect}",
                str(ASPECTS[aspect]),
                [(value, label, value == now) for value, label in told],
            )
        )
    return found


def said(side: Side, models: Mapping[str, str]) -> str:
    """Return a side in words: its model, and what it changes."""
    model = (
        gettext("The model that serves")
        if side.model == SERVING
        else models.get(side.model, side.model)
    )
    changes = [
        gettext("%(aspect)s: %(choice)s", aspect=ASPECTS[change[0]], choice=CHOICES[change])
        for change in side.changes
        if change in CHOICES
    ]
    return "; ".join([model, *changes])
