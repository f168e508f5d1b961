"""What a mapping makes of a few items that the last check kept, and the rules as a form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app import clock
from app.catalogue.records import ToolRecord
from app.connectors.base import Spec, Upsert
from app.connectors.mapping import FIELDS, TRANSFORMS, Rule, apply, rules_from
from app.connectors.registry import CONNECTORS
from app.errors import Wording
from app.harvest.records import Reader
from app.intake.text import plain
from app.models import Connection
from app.models.sentence import whole
from app.web.errors import translated

ROWS = 4
_MOST_ROWS = 60
_LONGEST = 200
LABELS = {
    "kind": _l("Kind"),
    "source_kind": _l("Kind, in the tool’s words"),
    "title": _l("Title"),
    "url": _l("Address"),
    "app_url": _l("Address that starts the app"),
    "summary": _l("Summary"),
    "minutes": _l("Minutes"),
    "level": _l("Level"),
    "language": _l("Language"),
    "published": _l("Published"),
    "skills": _l("Skills"),
    "roles": _l("Roles"),
    "audience": _l("Who may see it"),
    "quality": _l("Quality, 0 to 1"),
    "licence": _l("Licence"),
    "attribution": _l("Attribution"),
    "keys": _l("Provider’s ids"),
}
READ_AS = {
    "text": _l("Plain text"),
    "html": _l("Text with markup"),
    "address": _l("Address"),
    "number": _l("Number"),
    "minutes": _l("Minutes"),
    "seconds": _l("Seconds"),
    "iso-duration": _l("Duration (PT1H30M)"),
    "clock": _l("Clock (1:30:00)"),
    "epoch": _l("Date as a number"),
    "day": _l("Date"),
    "names": _l("List of names"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One item as it would come in, in one line."""

    kind: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as the form shows it."""

    field: str
    path: str
    transform: str
    default: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One item: what the tool says, what the rules make of it, and what is wrong with that."""

    title: str
    raw: tuple[tuple[str, str], ...]
    made: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]


def probes(kept: Sequence[Any] | None) -> list[dict[str, Any]]:
    """Return the probes of the last check with their sentences whole."""
    return [{**one, "what": whole(one["what"]), "why": whole(one["why"])} for one in kept or ()]


def rules_of(connection: Connection, spec: Spec) -> tuple[Rule, ...]:
    """Return the rules that hold for a connection."""
    return spec.mapping if connection.mapping is None else rules_from(connection.mapping)


def samples(connection: Connection, spec: Spec) -> list[Sample]:
    """Return the items that the last check kept, as they would come in."""
    rules = rules_of(connection, spec)
    return [_sample(apply(rules, one["raw"]).fields) for one in _kept(connection)]


def previews(connection: Connection, rules: Sequence[Rule]) -> list[Preview]:
    """Return what the rules make of the items that the last check kept."""
    return [_preview(one["external_id"], one["raw"], rules) for one in _kept(connection)]


def paths(connection: Connection) -> list[str]:
    """Return every path that holds something in the items that the last check kept."""
    return sorted({path for one in _kept(connection) for path, _ in _leaves(one["raw"])})


def rows(rules: Sequence[Rule]) -> list[Row]:
    """Return the rules as rows of the form, and a few empty ones."""
    filled = [
        Row(
            rule.field,
            rule.path,
            rule.transform,
            "" if rule.default is None else str(rule.default),
            "\n".join(f"{theirs} = {ours}" for theirs, ours in rule.words.items()),
        )
        for rule in rules
    ]
    return filled + [Row("", "", "text", "", "")] * ROWS


def rows_from(form: MultiDict[str, str]) -> list[Row]:
    """Return the rows of a posted form, those without a field left out."""
    found = (
        Row(*(form.get(f"{name}-{place}", "").replace("\0", "").strip() for name in _COLUMNS))
        for place in range(_MOST_ROWS)
    )
    return [row for row in found if row.field]


def rules_in(found: Sequence[Row]) -> tuple[Rule, ...]:
    """Return the rules of the rows; raise ValueError with a Wording for the first fault."""
    return rules_from(
        [
            {
                "field": row.field,
                "path": row.path,
                "transform": row.transform,
                "default": row.default or None,
                "words": _words(row),
            }
            for row in found
        ]
    )


def field_choices() -> list[tuple[str, str]]:
    """Return our fields with their names for readers."""
    return [(name, str(LABELS[name])) for name in FIELDS]


def transform_choices() -> list[tuple[str, str]]:
    """Return the ways of reading a value with their names for readers."""
    return [(name, str(READ_AS.get(name, name))) for name in TRANSFORMS]


_NO_TOOL = ToolRecord(slug="preview", name="preview")
_COLUMNS = ("field", "path", "transform", "default", "words")


def _kept(connection: Connection) -> list[dict[str, Any]]:
    return [one for one in connection.sample or () if isinstance(one, dict)]


def _words(row: Row) -> dict[str, str]:
    words = {}
    for line in row.words.splitlines():
        theirs, equals, ours = line.partition("=")
        if not line.strip():
            continue
        if not equals or not theirs.strip():
            raise ValueError(
                Wording("“%(line)s” is not of the form: theirs = ours.", line=line.strip()[:60])
            )
        words[theirs.strip()] = ours.strip()
    return words


def _sample(fields: Mapping[str, object]) -> Sample:
    kind = str(fields.get("kind", "article"))
    detail = [str(fields[name]) for name in ("url",) if fields.get(name)]
    if fields.get("minutes"):
        detail.insert(0, _("%(minutes)s min", minutes=fields["minutes"]))
    return Sample(
        kind, plain(str(fields.get("title", ""))) or _("without a title"), " · ".join(detail)
    )


def _preview(external_id: str, raw: Mapping[str, object], rules: Sequence[Rule]) -> Preview:
    schemes = {scheme for each in CONNECTORS for scheme in each.spec.schemes}
    reader = Reader(_NO_TOOL, rules, schemes)
    mapped = reader.mapped(raw)
    taken = reader.take(Upsert(external_id, raw), now=clock.now())
    problems = [
        f"{LABELS.get(one.field, one.field)}: {translated(one.reason)}" for one in taken.complaints
    ]
    problems += [
        _("“%(value)s” of %(name)s is not known.", value=value, name=LABELS.get(name, name))
        for name, value in mapped.unknown
    ]
    written = plain(str(mapped.fields.get("title", "")))
    title = taken.record.title if taken.record else written or external_id
    made = [
        (str(LABELS[name]), _shown(mapped.fields[name])) for name in FIELDS if name in mapped.fields
    ]
    return Preview(title, tuple(_leaves(raw)), tuple(made), tuple(problems))


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    text = value.isoformat() if isinstance(value, date) else plain(str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every (path, value) of a raw record that is not empty, the values cut short."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        yield from _entries(value, path)
    elif value not in (None, ""):
        text = str(value)
        yield path, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _entries(values: Iterable[object], path: str) -> Iterator[tuple[str, str]]:
    simple = [str(one) for one in values if not isinstance(one, Mapping | list | tuple)]
    if simple:
        yield path, ", ".join(simple)[:_LONGEST]
    for one in values:
        if isinstance(one, Mapping):
            yield from _leaves(one, f"{path}[]")
            return
