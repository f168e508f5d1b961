"""The boosts as a form shows and sends them, each said in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Invalid, Wording
from search.rank import BOOSTS

PREFIX = "boost_"
NAMES: Mapping[str, LazyString] = {
    "title": _l("All words in the title"),
    "language": _l("The reader’s language"),
    "pinned": _l("Pinned for the reader’s role"),
    "role": _l("Meant for the reader’s role"),
    "liking": _l("Suits what the reader has learnt"),
    "quality": _l("Quality"),
    "fresh": _l("Freshness"),
}
MEANINGS: Mapping[str, LazyString] = {
    "title": _l("Every word of the search stands in the item’s title."),
    "language": _l("The item is in a language that the reader reads."),
    "pinned": _l("A curator has pinned the item to the page of the reader’s role."),
    "role": _l("The item is meant for the reader’s role."),
    "liking": _l("The recommender says that the item suits the reader: up to this share."),
    "quality": _l("The item is curated, complete and well liked: up to this share."),
    "fresh": _l("The item was published lately: up to this share, half of it after a year."),
}
FIELDS: Mapping[str, LazyString] = {
    "title": _l("Title"),
    "skills": _l("Skills"),
    "tool": _l("Name of the tool"),
    "body": _l("Text"),
}


@dataclass(frozen=True, slots=True)
class BoostField:
    """One boost in the form: what stands in it, what is live, and what Foyer brings along."""

    name: str
    label: str
    meaning: str
    value: str
    live: str
    usual: str


def fields(values: Mapping[str, str], live: Mapping[str, float]) -> list[BoostField]:
    """Return all boosts in the table's order; without a value, what is live stands in the field."""
    return [
        BoostField(
            name=PREFIX + name,
            label=str(NAMES.get(name, name)),
            meaning=str(MEANINGS.get(name, "")),
            value=values.get(name, written(live.get(name, usual))),
            live=written(live.get(name, usual)),
            usual=written(usual),
        )
        for name, usual in BOOSTS.items()
    ]


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed for each boost that the form has."""
    return {name: form[PREFIX + name].strip()[:20] for name in BOOSTS if PREFIX + name in form}


def numbers(typed: Mapping[str, str]) -> dict[str, float]:
    """Return what was typed as numbers; raise Invalid naming the fields that hold none."""
    found, bad = {}, {}
    for name, text in typed.items():
        try:
            found[name] = float(text.replace(",", "."))
        except ValueError:
            bad[PREFIX + name] = Wording("Give a number from 0 to 1.")
    if bad:
        raise Invalid(bad)
    return found


def in_the_form(complaints: Mapping[str, str]) -> dict[str, str]:
    """Return complaints about boosts by the names that the form's fields have."""
    return {PREFIX + name.removeprefix(PREFIX): why for name, why in complaints.items()}


def written(share: float) -> str:
    """Write a share as short as it can be."""
    return f"{share:g}"
