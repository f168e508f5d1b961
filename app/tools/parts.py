"""What a harvest works with, taken from the running application."""

from flask import current_app

from app.harvest.reaching import Parts
from app.web.unit_of_work import resources

EXTENSION = "foyer-harvest"
JOBS = "foyer-jobs"


def parts() -> Parts:
    """Return the parts of the current application; tests put their own in its extensions."""
    given: Parts | None = current_app.extensions.get(EXTENSION)
    found = resources()
    return given or Parts(found.database, found.vault)
