"""What a reader may choose about how Foyer speaks to them."""

from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from app.config import LANGUAGES

THEMES = [("auto", _l("As my device")), ("light", _l("Light")), ("dark", _l("Dark"))]
_ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")
)


class SettingsForm(FlaskForm):
    """Language, time zone and theme."""

    locale = SelectField(
        _l("Language"), choices=[("", _l("As my browser")), *LANGUAGES.items()], default=""
    )
    time_zone = SelectField(
        _l("Time zone"),
        choices=[("", _l("The company's")), ("UTC", "UTC"), *((zone, zone) for zone in _ZONES)],
    )
    theme = SelectField(_l("Colours"), choices=THEMES)


class ThemeForm(FlaskForm):
    """The theme alone, for the button in the top bar."""

    theme = SelectField(_l("Colours"), choices=THEMES)
