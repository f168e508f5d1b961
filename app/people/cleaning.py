"""Makes single values from a directory fit to keep: addresses, names, managers, languages."""

import re
from collections.abc import Iterable

from app.config import LANGUAGES
from app.intake.text import email_address, plain
from app.people.rules import folded

_RDN = re.compile(r"\s*([a-z][a-z0-9-]*|\d+(?:\.\d+)*)\s*=(.*)", re.IGNORECASE | re.DOTALL)
_BETWEEN_RDNS = re.compile(r"(?<!\\),")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NAMES_A_PERSON = ("mail", "emailaddress", "employeenumber", "uid", "cn")
_LONGEST_READ = 2000


def line(text: str, longest: int) -> str:
    """Return the text without markup and control characters, cut to `longest` characters."""
    return plain(text[:_LONGEST_READ])[:longest].strip()


def email(values: Iterable[str]) -> str:
    """Return the first of the values that is an e-mail address, in lower case, or nothing.

    An address that only looks like another one in ASCII letters is none: its lower case would be.
    """
    for value in values:
        try:
            address = email_address(value[:_LONGEST_READ])
        except ValueError:
            continue
        if folded(address) == folded(value):
            return address
    return ""


def name_in(value: str) -> str:
    """Return the name of a group or role; of a distinguished name (RFC 4514) its first part."""
    parts = _parts(value[:_LONGEST_READ])
    return plain(parts[0][1] if parts else value[:_LONGEST_READ])


def manager(value: str) -> str:
    """Return the e-mail address or id of a manager that is given as one, or in a DN."""
    parts = dict(reversed(_parts(value[:_LONGEST_READ])))
    found = next((parts[name] for name in _NAMES_A_PERSON if name in parts), value)
    return email([found]) or line(found, 200)


def locale(value: str) -> str:
    """Return the language if these pages speak it, or nothing: `de` for `de-DE`, `de_AT`."""
    code = value.strip().replace("_", "-").split("-")[0].split(",")[0].lower()
    return code if code in LANGUAGES else ""


def _parts(value: str) -> list[tuple[str, str]]:
    """Return the attribute types and values of a distinguished name; of any other text none."""
    found = [_RDN.fullmatch(part) for part in _BETWEEN_RDNS.split(value)]
    if len(found) < 2 or not all(found):
        return []
    return [(one[1].lower(), _ESCAPED.sub(r"\1", one[2].strip())) for one in found if one]
