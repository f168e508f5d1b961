"""The words that readers see for facets and their values, in the reader's language."""

from collections.abc import Callable, Mapping

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale
from flask_babel import gettext as _

from app.web.i18n import minutes
from search.document import Sort
from search.ranges import PUBLISHED, Range

Names = Mapping[tuple[str, str], str]


def facet_label(facet: str) -> str:
    """Return the heading of a facet."""
    return {
        "kind": _("Kind"),
        "tool": _("Tool"),
        "role": _("Role"),
        "skill": _("Skill"),
        "time": _("Time"),
        "level": _("Level"),
        "language": _("Language"),
    }[facet]


def value_label(facet: str, value: str, names: Names) -> str:
    """Return the words for a value; one that nobody knows stands as it is."""
    if facet in _WORDED:
        return _WORDED[facet](value)
    return names.get((facet, value), value)


def range_label(span: Range) -> str:
    """Return the words for a span that a question asks for: a length, or when it was published."""
    if span.field == PUBLISHED:
        return _("Published %(period)s", period=str(span).partition(":")[2])
    if span.low is None:
        return _("Under %(length)s", length=minutes((span.high or 0) + 1))
    return _("Over %(length)s", length=minutes(span.low - 1))


def sort_labels(*, by_words: bool) -> dict[Sort, str]:
    """Return the words for each order of results; without words to match, the best come first."""
    return {
        Sort.RELEVANCE: _("Best match") if by_words else _("Best first"),
        Sort.NEWEST: _("Newest"),
        Sort.SHORTEST: _("Shortest"),
        Sort.FINISHED: _("Most finished by my role"),
        Sort.TITLE: _("Title"),
    }


def language_name(code: str) -> str:
    """Return a language's name in the reader's language, with a capital letter."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(get_locale())
    except (UnknownLocaleError, ValueError, TypeError):
        name = None
    return name[:1].upper() + name[1:] if name else code


def _kind(value: str) -> str:
    return {
        "course": _("Course"),
        "video": _("Video"),
        "article": _("Article"),
        "simulation": _("Simulation"),
        "channel": _("Channel"),
        "event": _("Event"),
        "podcast": _("Podcast"),
        "book": _("Book"),
        "job-aid": _("Job aid"),
        "assessment": _("Assessment"),
    }.get(value, value)


def _time(value: str) -> str:
    return {
        "under-10": _("Under 10 min"),
        "10-30": _("10 to 30 min"),
        "30-60": _("30 to 60 min"),
        "over-60": _("Over 1 hour"),
        "unknown": _("Not stated"),
    }.get(value, value)


def _level(value: str) -> str:
    return {
        "beginner": _("Beginner"),
        "intermediate": _("Intermediate"),
        "advanced": _("Advanced"),
    }.get(value, value)


_WORDED: Mapping[str, Callable[[str], str]] = {
    "kind": _kind,
    "time": _time,
    "level": _level,
    "language": language_name,
}
