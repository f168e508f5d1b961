"""The words for what is known of links."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

STATES: Mapping[str, LazyString] = {
    "gone": _l("Gone"),
    "hidden": _l("Hidden"),
    "moved": _l("Moved"),
    "flaky": _l("Flaky"),
    "unknown": _l("Not known"),
    "live": _l("Live"),
}
MEANINGS: Mapping[str, LazyString] = {
    "gone": _l("Looked for twice, at least an hour apart, and not found."),
    "hidden": _l("The tool says that it is there, and that readers may not open it."),
    "moved": _l("It has another address, which waits for your yes."),
    "flaky": _l("Not found once, or no good answer several times."),
    "unknown": _l("Nobody can tell yet; often it asks to sign in."),
    "live": _l("It opened when Foyer looked last."),
}
LOOKS: Mapping[str, str] = {"gone": "danger", "hidden": "warn", "moved": "warn", "flaky": "warn"}
FOUND: Mapping[str, LazyString] = {
    "live": _l("Live"),
    "moved": _l("Moved"),
    "hidden": _l("Hidden"),
    "closed": _l("Asks to sign in"),
    "missing": _l("Not found"),
    "trouble": _l("No good answer"),
    "unclear": _l("Unclear"),
    "fine": _l("Called fine"),
}
ASKED: Mapping[str, LazyString] = {
    "tool": _l("asked the tool"),
    "address": _l("asked the address"),
}
