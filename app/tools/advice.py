"""What an administrator does about a tool's trouble, by its kind: one sentence each."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.connectors.base import ErrorKind

NEEDS_SETTINGS = frozenset(
    {ErrorKind.AUTH_EXPIRED.value, ErrorKind.AUTH_INVALID.value, ErrorKind.CONFIG.value}
)
_PASSES = frozenset(
    {ErrorKind.RATE_LIMITED.value, ErrorKind.TRANSIENT.value, ErrorKind.PARTIAL.value}
)


def what_to_do(kind: str, *, enabled: bool) -> str:
    """Return what to do about trouble of this kind; empty where there is none."""
    if not enabled and kind in _PASSES:
        return _("Read it again in a while; or switch it on, and Foyer does so by itself.")
    return _sentences().get(kind, "")


def _sentences() -> Mapping[str, str]:
    secret = _(
        "Get a new password or token in the tool, enter it in the settings here, and check again."
    )
    return {
        ErrorKind.AUTH_EXPIRED.value: secret,
        ErrorKind.AUTH_INVALID.value: secret,
        ErrorKind.CONFIG.value: _("Look at its address and settings, then check it again."),
        ErrorKind.FORBIDDEN.value: _(
            "Give the account that Foyer uses there the right that is missing, then check again."
        ),
        ErrorKind.RATE_LIMITED.value: _(
            "Nothing to do: Foyer waits as long as the tool asks, and goes on by itself."
        ),
        ErrorKind.TRANSIENT.value: _(
            "Nothing to do unless it stays so: Foyer tries again by itself."
        ),
        ErrorKind.PARTIAL.value: _("Nothing to do: the next reading goes on where this one ended."),
        ErrorKind.SCHEMA.value: _(
            "Was the tool updated? What is here stays as it is. Tell whoever looks after Foyer."
        ),
        ErrorKind.CURSOR_INVALID.value: _("Nothing to do: the next reading reads everything."),
    }
