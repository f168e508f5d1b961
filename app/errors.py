"""The errors that features raise and that `app.web.errors` turns into pages.

::

    FoyerError
    ├── NotFound       the thing is not there, or the reader may not know of it   404
    ├── NotAllowed     the reader knows of it but may not do this                 403
    ├── Invalid        input that names the fields that are wrong                 422
    ├── Conflict       the rows have moved on since the reader looked             409
    ├── Untrusted      a message from outside that proves nothing                 400
    └── Unavailable    a part that we need does not answer                        503
"""

from collections.abc import Mapping
from typing import Self


class FoyerError(Exception):
    """Anything that Foyer itself refuses, with a sentence a reader may see."""


class NotFound(FoyerError):
    """The thing is not there, or this reader may not know of it."""


class NotAllowed(FoyerError):
    """The reader may know of the thing but may not do this to it."""


class Wording(str):
    """A sentence that is made where no language is known, and translated where it is shown."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Fill the values into the English template; keep both for the translation."""
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made


class Invalid(FoyerError):
    """Input that cannot be taken; `fields` says for each field what is wrong with it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep the complaints, field by field."""
        super().__init__("; ".join(f"{name}: {why}" for name, why in fields.items()))
        self.fields = dict(fields)


class Conflict(FoyerError):
    """The rows have moved on since the reader looked at them."""


class Untrusted(FoyerError):
    """A message from another system that cannot be read or does not prove what it claims.

    The sentence is for the reader; `reason` is technical and goes to the audit log alone, as do
    `details`, what is known of the message in spite of it.
    """

    def __init__(self, sentence: str, reason: str) -> None:
        """Keep both."""
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason
        self.details: dict[str, str] = {}

    def __str__(self) -> str:
        """Return what the reader is told."""
        return self.sentence


class Unavailable(FoyerError):
    """A part that is needed does not answer; `source` names it."""

    def __init__(self, source: str, why: str = "") -> None:
        """Keep the name of what is missing and, where known, the reason."""
        said = Wording("%(source)s: %(why)s", source=source, why=why) if why else source
        super().__init__(said)
        self.source = source


def said_by(error: Exception, longest: int = 200) -> str:
    """Return what the error says, as a Wording if it is one; other texts at most so long."""
    found = error.args[0] if error.args else ""
    return found if isinstance(found, Wording) else str(error)[:longest]
