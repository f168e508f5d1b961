"""What asks tools for this room, taken from the running application."""

from flask import current_app

from app.harvest.reaching import Parts
from app.web.unit_of_work import resources

_HARVEST = "foyer-harvest"  # the parts that tests put in place of the application's own


def parts() -> Parts:
    """Return the parts of the current application."""
    given: Parts | None = current_app.extensions.get(_HARVEST)
    found = resources()
    return given or Parts(found.database, found.vault)
