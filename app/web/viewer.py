"""The reader of the current request."""

from typing import cast

from flask_login import current_user

from app.access import Viewer


def viewer() -> Viewer:
    """Return the signed-in reader; only for routes that ask for a permission beyond `public`."""
    return cast("Viewer", current_user._get_current_object())


def viewer_or_none() -> Viewer | None:
    """Return the signed-in reader, or None."""
    return viewer() if current_user and current_user.is_authenticated else None
