"""Tries one thing that a connector claims, and says whether it works."""

from collections.abc import Callable

from app.connectors.base import Probe, SourceError
from app.errors import Wording


def probed(what: Wording, tries: Callable[[], object], *, needed: bool = True) -> Probe:
    """Return whether `tries` can be called without a SourceError; its sentence says why not."""
    try:
        tries()
    except SourceError as error:
        return Probe(what, ok=False, why=error.sentence, needed=needed)
    return Probe(what, ok=True, needed=needed)
