"""Turns what a tool says into the fields of an import, by rules that are data.

A connector brings its usual rules; an administrator may change them for their own tool, and they
are kept as JSON. A rule reads a path in the raw record, makes a value of it by a named transform,
looks it up in a table of words, and falls back to a default. Words that the table does not know
are counted and shown, never dropped silently.

The text that comes out is HTML as far as `app.intake` is concerned, which takes the markup away:
`text` is for a tool that sends plain text, where `<Intro>` is no tag, and `html` for one that
sends markup or entities.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

import isodate
import nh3

from app.errors import Wording

FIELDS = (
    "kind",
    "source_kind",
    "title",
    "url",
    "app_url",
    "summary",
    "minutes",
    "level",
    "language",
    "published",
    "skills",
    "roles",
    "audience",
    "quality",
    "licence",
    "attribution",
    "keys",
)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
_LONGEST_MARKUP = 20_000
_SEPARATORS = re.compile(r"[,;|]")
_SOME_DAY = datetime(2001, 1, 1, tzinfo=UTC)
_EPOCH_YEARS = 4_102_444_800  # 2100-01-01 in seconds: larger numbers are milliseconds


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field of ours is read: `path` in the raw record, a transform, words, a default.

    A path is names between dots; `name[]` goes through every entry of a list, `name[0]` takes one.
    Without a path the default is the value. `words` maps the tool's values to ours.
    """

    field: str
    path: str = ""
    transform: str = "text"
    default: object = None
    words: Mapping[str, str] = made(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the rule as it is kept."""
        return {
            "field": self.field,
            "path": self.path,
            "transform": self.transform,
            "default": self.default,
            "words": dict(self.words),
        }


@dataclass(slots=True)
class Mapped:
    """The fields of one item, and the (field, value) pairs that no table of words knew."""

    fields: dict[str, object] = made(default_factory=dict)
    unknown: Counter[tuple[str, str]] = made(default_factory=Counter)


def apply(rules: Iterable[Rule], raw: Mapping[str, object]) -> Mapped:
    """Return the fields that the rules read in a raw record; a value that cannot be read is none.

    Later rules for a field count where the earlier ones found nothing.
    """
    mapped = Mapped()
    for rule in rules:
        if rule.field in mapped.fields:
            continue
        value = _value(rule, raw, mapped.unknown)
        if value not in (None, "", []):
            mapped.fields[rule.field] = value
    return mapped


def text_of(markup: str) -> str:
    """Return what a reader sees of markup or of text with entities: unescaped once, on one line.

    For what a connector gives out as text itself, such as the hits of a live search; of more than
    20,000 characters the first count. What a rule reads as `html` becomes text where it is taken
    in.
    """
    return " ".join(html.unescape(nh3.clean(markup[:_LONGEST_MARKUP], tags=set())).split())


def rules_from(values: object) -> tuple[Rule, ...]:
    """Return the rules that were kept as JSON; raise ValueError with a Wording for the first fault.

    Fields and transforms must be known ones, and a title and an address must be among them.
    """
    if not isinstance(values, list):
        raise ValueError(Wording("A mapping is a list of rules."))
    rules = tuple(_rule(one) for one in values)
    missing = {"title", "url", "kind"} - {rule.field for rule in rules}
    if missing:
        raise ValueError(Wording("No rule says what “%(name)s” is.", name=min(missing)))
    return rules


def found_at(raw: object, path: str) -> object:
    """Return what stands at the path in a raw record, None where nothing does."""
    head, _, rest = path.partition(".")
    name, bracket, index = head.partition("[")
    value: object = raw
    if name:
        value = raw.get(name) if isinstance(raw, Mapping) else None
    if bracket:
        return _entries(value, index.rstrip("]"), rest)
    return found_at(value, rest) if rest and value is not None else value


def _entries(value: object, index: str, rest: str) -> object:
    if not isinstance(value, list | tuple):
        return None
    if index:
        number = int(index) if index.isdecimal() else len(value)
        one = value[number] if number < len(value) else None
        return found_at(one, rest) if rest else one
    found = [found_at(one, rest) if rest else one for one in value]
    return [one for one in found if one is not None]


def _value(rule: Rule, raw: Mapping[str, object], unknown: Counter[tuple[str, str]]) -> object:
    found = found_at(raw, rule.path) if rule.path else None
    if found in (None, "", []):
        return rule.default
    if rule.words:
        known = {word.casefold(): ours for word, ours in rule.words.items()}
        word = str(found).strip().casefold()
        if word not in known:
            unknown[rule.field, str(found)[:100]] += 1
            return rule.default
        return known[word]
    try:
        value = TRANSFORMS[rule.transform](found)
    except (ValueError, TypeError, LookupError, ArithmeticError, OSError):
        unknown[rule.field, str(found)[:100]] += 1
        return rule.default
    return rule.default if value in (None, "", []) else value


def _rule(values: object) -> Rule:
    if not isinstance(values, Mapping):
        raise ValueError(Wording("A rule is an object."))
    name, transform = values.get("field"), values.get("transform", "text")
    if name not in FIELDS:
        raise ValueError(Wording("“%(name)s” is not a field of ours.", name=str(name)[:60]))
    if transform not in TRANSFORMS:
        raise ValueError(Wording("Nothing is read as “%(name)s”.", name=str(transform)[:60]))
    words, default = values.get("words") or {}, values.get("default")
    if not _can_stand(default):
        raise ValueError(Wording("What stands in for “%(name)s” must be one value.", name=name))
    if not isinstance(words, Mapping) or not all(isinstance(one, str) for one in words.values()):
        raise ValueError(Wording("The words of “%(name)s” must be pairs of texts.", name=name))
    return Rule(name, str(values.get("path") or "")[:200], transform, default, dict(words))


def _can_stand(default: object) -> bool:
    """Tell whether a default is a value that a field may have: no object, no list of objects."""
    parts = default if isinstance(default, list) else [default]
    return all(one is None or isinstance(one, str | int | float) for one in parts)


def _text(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        raise TypeError("not a text")
    return html.escape(str(value), quote=False)


def _html(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        raise TypeError("not a text")
    return str(value)


def _address(value: object) -> str:
    return html.unescape(str(value)) if "&amp;" in str(value) else str(value)


def _minutes(seconds: float) -> int | None:
    return max(1, round(seconds / 60)) if seconds > 0 else None


def _iso_duration(value: object) -> int | None:
    parsed = isodate.parse_duration(str(value))
    if isinstance(parsed, isodate.Duration):  # one with months or years
        parsed = parsed.totimedelta(start=_SOME_DAY)
    return _minutes(parsed.total_seconds())


def _clock(value: object) -> int | None:
    text = str(value).strip()
    if text.isdecimal():
        return _minutes(int(text))
    match = _CLOCK.fullmatch(text)
    if not match:
        raise ValueError("not a clock")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return _minutes(hours * 3600 + minutes * 60 + seconds)


def _epoch(value: object) -> date | None:
    number = float(str(value))
    if number <= 0:
        return None
    return datetime.fromtimestamp(number if number < _EPOCH_YEARS else number / 1000, UTC).date()


def _day(value: object) -> date:
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
    except ValueError:
        return parsedate_to_datetime(text).date()


def _names(value: object) -> list[str]:
    parts = value if isinstance(value, list | tuple) else _SEPARATORS.split(str(value))
    return [str(part).strip() for part in parts if str(part).strip()]


TRANSFORMS: Mapping[str, Callable[[object], object]] = {
    "text": _text,
    "html": _html,
    "address": _address,
    "number": lambda value: float(str(value)),
    "minutes": lambda value: round(float(str(value))) or None,
    "seconds": lambda value: _minutes(float(str(value))),
    "iso-duration": _iso_duration,
    "clock": _clock,
    "epoch": _epoch,
    "day": _day,
    "names": _names,
}
