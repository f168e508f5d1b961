"""Days counted in months, in Python and in both databases alike: 31 January and one is 28 February.

The day of the month stays, or becomes the last one that the month has.
"""

import calendar
from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


def add_months(day: date, months: int) -> date:
    """Return the day so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


class MonthsLater(GenericFunction[date]):
    """SQL for `add_months(day, months)`; NULL where either is NULL."""

    type = Date()
    inherit_cache = True
    name = "months_later"


@compiles(MonthsLater, "sqlite")
def _on_sqlite(element: MonthsLater, compiler: SQLCompiler, **options: Any) -> str:
    day, months = (compiler.process(each, **options) for each in element.clauses)
    same_day = f"date({day}, '+' || ({months}) || ' months')"
    end_of_month = f"date({day}, 'start of month', '+' || (({months}) + 1) || ' months', '-1 day')"
    return f"min({same_day}, {end_of_month})"


@compiles(MonthsLater, "postgresql")
def _on_postgresql(element: MonthsLater, compiler: SQLCompiler, **options: Any) -> str:
    day, months = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(({day}) + make_interval(months => ({months})) AS DATE)"
