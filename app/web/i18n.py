"""The reader's language and time zone, and how minutes, days and moments read in it."""

from datetime import date, datetime

from babel.dates import get_timezone
from flask import Flask, request
from flask_babel import (
    Babel,
    format_date,
    format_decimal,
    get_locale,
    gettext,
    ngettext,
    to_user_timezone,
)

from app import clock
from app.config import LANGUAGES
from app.web.unit_of_work import config
from app.web.viewer import viewer_or_none

babel = Babel()


def init_app(app: Flask) -> None:
    """Install gettext, the choice of language and the filters of templates."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    babel.init_app(app, locale_selector=_locale, timezone_selector=_time_zone)
    for function in (minutes, day, when, moment, decimal, fixed):
        app.add_template_filter(function)


def today() -> date:
    """Return the present day where the reader is."""
    return to_user_timezone(clock.now()).date()


def language() -> str:
    """Return the code of the language in which this page is written."""
    return str(get_locale() or "en")


def minutes(count: int) -> str:
    """Write a duration in minutes as a reader says it, on one line: 45 min, 2 h, 1 h 30."""
    hours, rest = divmod(count, 60)
    if not hours:
        said = gettext("%(count)s min", count=count)
    elif not rest:
        said = gettext("%(hours)s h", hours=hours)
    else:
        said = gettext("%(hours)s h %(rest)s", hours=hours, rest=f"{rest:02}")
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def day(value: date | datetime) -> str:
    """Write a day without its year if it is this year's: 12 November."""
    local = _local_day(value)
    if local.year == today().year:
        # Translators: the pattern of a day: d is its number, MMMM the month, y the year.
        return format_date(local, gettext("d MMMM"))
    # Translators: the pattern of a day: d is its number, MMMM the month, y the year.
    return format_date(local, gettext("d MMMM y"))


def moment(value: datetime) -> str:
    """Write a moment as day and time in the reader's time zone."""
    return f"{day(value)}, {_local(value):%H:%M}"


def decimal(value: float) -> str:
    """Write a number with at most one digit behind the point, which may be a comma."""
    return format_decimal(value, format="0.#")


def fixed(value: float, places: int) -> str:
    """Write a number with `places` digits behind the point, which may be a comma: 0.50, 0,50."""
    return format_decimal(value, format=f"#,##0.{'0' * places}")


def when(value: date | datetime) -> str:
    """Write how far away a day is: today, tomorrow, in 4 days, 3 days ago."""
    distance = (_local_day(value) - today()).days
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if distance in near:
        return near[distance]
    if distance > 0:
        return ngettext("in %(num)s day", "in %(num)s days", distance)
    return ngettext("%(num)s day ago", "%(num)s days ago", -distance)


def _local_day(value: date | datetime) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def _local(value: datetime) -> datetime:
    """Return the moment on the reader's clock; the first and last there are stay as they are."""
    try:
        return to_user_timezone(value)
    except OverflowError:
        return value


def _locale() -> str:
    reader = viewer_or_none()
    if reader and reader.locale in LANGUAGES:
        return str(reader.locale)
    return request.accept_languages.best_match(list(LANGUAGES)) or config().language


def _time_zone() -> str:
    reader = viewer_or_none()
    if reader and reader.time_zone and _is_time_zone(reader.time_zone):
        return reader.time_zone
    return config().time_zone


def _is_time_zone(name: str) -> bool:
    try:
        return bool(get_timezone(name))
    except (LookupError, ValueError):
        return False
