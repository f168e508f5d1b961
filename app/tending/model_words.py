"""What the pages about models say: the gate's sentences, stages, groups, and parts of a score."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from recommender.history import Promotion
from recommender.report import EVERYBODY, ROLE

_l = lazy_gettext

SENTENCES: Mapping[str, LazyString] = {
    "unmeasured": _l("there is too little activity to measure it, and nothing measured serves"),
    "unmeasured_late": _l(
        "there is too little activity to measure it, and the serving model is %(days)s days old"
    ),
    "too_little": _l(
        "there is too little activity to measure it, and the serving model was measured"
    ),
    "below_in_role": _l(
        "nDCG@10 is %(ours)s, significantly below the %(in_role)s of popularity in role "
        "(difference %(low)s to %(high)s)"
    ),
    "worse": _l(
        "nDCG@10 is significantly worse than the serving model's: %(margin)s "
        "(95 %%: %(low)s to %(high)s) on %(people)s people"
    ),
    "maybe_worse": _l(
        "nDCG@10 may be more than half a percent below the serving model's: %(margin)s "
        "(95 %%: %(low)s to %(high)s) on %(people)s people"
    ),
    "bucket_worse": _l(
        "people with %(group)s items of history would lose: %(margin)s of nDCG@10 "
        "(95 %%: %(low)s to %(high)s) for %(people)s people"
    ),
    "role_worse": _l(
        "people with the role %(group)s would lose: %(margin)s of nDCG@10 "
        "(95 %%: %(low)s to %(high)s) for %(people)s people"
    ),
    "coverage": _l("it would show %(ours)s of the items, and the serving model shows %(serving)s"),
    "first": _l(
        "nDCG@10 is %(ours)s, popularity in role %(in_role)s (difference %(low)s to %(high)s)"
    ),
    "same": _l(
        "the serving model's settings on newer activity; nDCG@10 is %(ours)s, popularity in "
        "role %(in_role)s (difference %(low)s to %(high)s)"
    ),
    "not_worse": _l(
        "nDCG@10 against the serving model: %(margin)s (95 %%: %(low)s to %(high)s) on "
        "%(people)s people, and no group loses"
    ),
    "noise": _l(
        "not worse than the serving model as far as %(people)s people can tell: nDCG@10 "
        "%(margin)s (95 %%: %(low)s to %(high)s)"
    ),
    "other_serves": _l("it was not compared with the model that serves by now"),
}

STAGES: Mapping[str, tuple[LazyString, float, float]] = {
    "waiting": (_l("It waits for the worker"), 0.0, 0.0),
    "data": (_l("Reading what people did"), 0.0, 0.05),
    "rehearsal": (_l("Rehearsing on the past"), 0.05, 0.25),
    "evaluation": (_l("Trying it out on what came after"), 0.25, 0.55),
    "weights": (_l("Learning how much each part counts"), 0.55, 0.65),
    "taste": (_l("Working out who takes what with whom"), 0.65, 0.9),
    "near": (_l("Comparing items"), 0.9, 0.95),
    "content": (_l("Comparing texts and skills"), 0.95, 1.0),
}
"""Each stage, and from which share of a whole training to which it lasts."""

GROUPS: Mapping[str, LazyString] = {
    EVERYBODY: _l("Everybody"),
    "0": _l("Without any history"),
    "1-3": _l("With 1 to 3 items of history"),
    "4+": _l("With 4 items of history or more"),
}

PARTS: Mapping[str, LazyString] = {
    "taste": _l("Taste, from what they took"),
    "near": _l("What the same people take"),
    "next": _l("What comes next"),
    "order": _l("The neighbour in a course"),
    "role": _l("Their role"),
    "circle": _l("Their department and groups"),
    "popular": _l("What everybody takes"),
    "trend": _l("What is taken of late"),
    "content": _l("Alike in words and skills"),
    "theme": _l("The theme of the last item"),
    "pinned": _l("Pinned for their role"),
    "step": _l("The next step of a playlist"),
    "gap": _l("A skill their role lacks"),
    "time": _l("The minutes at hand"),
    "device": _l("The device"),
    "language": _l("The language"),
    "origin": _l("Where they come from"),
    "fresh": _l("How new it is"),
    "match": _l("A new item that matches"),
}


def sentence(promotion: Promotion, role_names: Mapping[str, str]) -> str:
    """Return why a model was accepted or refused, in the reader's language."""
    template = SENTENCES.get(promotion.code)
    if template is None:
        return promotion.why
    values = dict(promotion.values)
    if promotion.code == "role_worse":
        values["group"] = role_names.get(values["group"], values["group"])
    return str(template) % values


def group(name: str, role_names: Mapping[str, str]) -> str:
    """Return the name of a group of people."""
    if name.startswith(ROLE):
        slug = name.removeprefix(ROLE)
        return gettext("Role: %(role)s", role=role_names.get(slug, slug))
    return str(GROUPS.get(name, name))
