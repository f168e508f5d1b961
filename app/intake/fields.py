"""Reads the values of one line, collecting what is wrong with each of them."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.intake.text import email_address, plain, shown, web_address

_YES = frozenset({"1", "true", "yes", "y", "on", "active"})
_NO = frozenset({"0", "false", "no", "n", "off", "inactive"})
_BETWEEN = re.compile(r"[;|]")
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one field, in words."""

    field: str
    reason: str


class Fields:
    """The values of one line. A method that cannot read a value complains and returns its default.

    A value that is None, an empty text or an empty list counts as absent. `problems` make the line
    a bad one; `remarks` only tell.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        """Keep the values; nothing is read yet."""
        self._values = values
        self.problems: list[Complaint] = []
        self.remarks: list[Complaint] = []

    def mentions(self, name: str) -> bool:
        """Tell whether the line has the field at all, be it empty."""
        return name in self._values

    def has(self, name: str) -> bool:
        """Tell whether the field holds something."""
        value = self._values.get(name)
        return value not in (None, [], {}) and not (isinstance(value, str) and not value.strip())

    def complain(self, name: str, reason: str) -> None:
        """Note a problem with a field."""
        self.problems.append(Complaint(name, reason))

    def complained_of(self, name: str) -> bool:
        """Tell whether a problem with the field is noted."""
        return any(problem.field == name for problem in self.problems)

    def remark(self, name: str, remark: str) -> None:
        """Note something to know about a field that is kept all the same."""
        self.remarks.append(Complaint(name, remark))

    def ignore_others(self, known: Collection[str]) -> None:
        """Remark on every field that is not among the known ones."""
        for name in self._values:
            if name not in known:
                self.remark(plain(str(name)[:60]), "this field is not known and is not read")

    def required(self, name: str, longest: int) -> str:
        """Return the text; complain when nothing readable is there."""
        text = self.text(name, longest)
        if not text and not self.complained_of(name):
            self.complain(name, "is missing")
        return text

    def text(self, name: str, longest: int) -> str:
        """Return the text without markup, at most `longest` characters."""
        if not self.has(name):
            return ""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.complain(name, "must be text")
            return ""
        text = plain(str(value)) if isinstance(value, str) else self._digits(name, value)
        if len(text) > longest:
            self.complain(name, f"is longer than {longest:,} characters")
            return ""
        return text

    def address(self, name: str, longest: int = 2000) -> str:
        """Return the web address; complain when it is missing or not one to be followed."""
        value = self._values.get(name)
        if not isinstance(value, str) or not value.strip():
            self.complain(name, "is missing")
            return ""
        try:
            address = web_address(value.strip())
        except ValueError as error:
            self.complain(name, f"{shown(value)} cannot be used: {error}")
            return ""
        if len(address) > longest:
            self.complain(name, f"is longer than {longest:,} characters")
            return ""
        return address

    def email(self, name: str) -> str:
        """Return the e-mail address in lower case, or an empty text."""
        if not self.has(name):
            return ""
        value = self._values[name]
        try:
            return email_address(value if isinstance(value, str) else "")
        except ValueError as error:
            self.complain(name, f"{shown(value)} cannot be used: {error}")
            return ""

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """Return one of the allowed words, or None."""
        word = self.text(name, 200).casefold()
        if not word or word in allowed:
            return word or None
        self.complain(name, f"{shown(word)} is not one of {', '.join(allowed)}")
        return None

    def whole(self, name: str, most: int) -> int | None:
        """Return a whole number from 0 to `most`, or None."""
        number = self._number(name)
        if number is None:
            return None
        if number != int(number) or not 0 <= number <= most:
            self.complain(name, f"must be a whole number from 0 to {most:,}")
            return None
        return int(number)

    def share(self, name: str) -> float | None:
        """Return a number from 0 to 1, or None."""
        number = self._number(name)
        if number is not None and not 0 <= number <= 1:
            self.complain(name, "must be a number from 0 to 1")
            return None
        return number

    def flag(self, name: str) -> bool | None:
        """Return yes or no, or None."""
        if not self.has(name):
            return None
        word = str(self._values[name]).strip().casefold()
        if word not in _YES | _NO:
            self.complain(name, f"{shown(word)} is neither yes nor no")
            return None
        return word in _YES

    def day(self, name: str) -> date | None:
        """Return the day, from 1900 to 2100, or None; a moment counts as its day."""
        text = self.text(name, 60)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text).date()
        except ValueError:
            self.complain(name, f"{shown(text)} is not a day such as 2026-11-12")
            return None
        if found.year not in _YEARS:
            self.complain(name, f"{shown(text)} is not between {_YEARS[0]} and {_YEARS[-1]}")
            return None
        return found

    def moment(self, name: str) -> datetime | None:
        """Return the moment in UTC, or None; without a zone it is read as UTC."""
        text = self.text(name, 60)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.complain(name, f"{shown(text)} is not a moment such as 2026-11-12T09:30:00Z")
            return None

    def names(self, name: str, longest: int, most: int | None = None) -> tuple[str, ...]:
        """Return a list of names without repeats; in a text they are separated by `;` or `|`.

        Complains of a name with more than `longest` characters, and of more than `most` names.
        """
        if not self.has(name):
            return ()
        value = self._values[name]
        parts = _BETWEEN.split(value) if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            self.complain(name, "must be a list of names")
            return ()
        names = tuple(dict.fromkeys(filter(None, (plain(part) for part in parts))))
        too_long = next((one for one in names if len(one) > longest), None)
        if too_long:
            self.complain(name, f"{shown(too_long)} is longer than {longest} characters")
            return ()
        if most is not None and len(names) > most:
            self.complain(name, f"has {len(names):,} names; at most {most} are kept for an item")
            return ()
        return names

    def _number(self, name: str) -> float | None:
        if not self.has(name):
            return None
        value = self._values[name]
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise ValueError
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            self.complain(name, f"{shown(value)} is not a number")
            return None
        return number

    def _digits(self, name: str, value: int) -> str:
        try:
            return str(value)
        except ValueError:
            self.complain(name, "is too long a number")
            return ""
