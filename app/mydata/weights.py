"""How much each kind of signal counts, in words: read from the one table that recommending uses."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from recommender.signals import ActivityConfig

_MONTH = 30.4375
_YEAR = 365.0
_MUCH = 0.6


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a kind of signal counts, and how that fades; `fades` is empty where it does not."""

    counts: str
    fades: str


def weight_of(kind: str, config: ActivityConfig) -> Weight:
    """Return the words for one kind of signal, a verb of `recommender.data.VERBS`."""
    weight, half_life = config.signal(kind)
    if not weight:
        return Weight(_("Keeps it, and what is like it, away"), "")
    share = weight / max(config.by_verb.values())
    if share >= 1:
        counts = _("Counts most")
    elif share >= _MUCH:
        counts = _("Counts much")
    else:
        counts = _("Counts a little")
    return Weight(counts, _fades(half_life))


def _fades(half_life: float) -> str:
    if half_life >= _YEAR - 1:
        years = round(half_life / _YEAR)
        return ngettext("half as much after a year", "half as much after %(num)s years", years)
    if half_life >= _MONTH:
        months = round(half_life / _MONTH)
        return ngettext("half as much after a month", "half as much after %(num)s months", months)
    days = max(round(half_life), 1)
    return ngettext("half as much after a day", "half as much after %(num)s days", days)
