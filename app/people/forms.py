"""What a reader may choose about how Foyer speaks to them."""

from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from app.config import LANGUAGES

THEMES = [
    SelectChoice("auto", _l("As my device")),
    SelectChoice("light", _l("Light")),
    SelectChoice("dark", _l("Dark")),
]
_SPOKEN = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
_ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")
)


class SettingsForm(FlaskForm):
    """Language, time zone and theme."""

    locale = SelectField(
        _l("Language"), choices=[SelectChoice("", _l("As my browser")), *_SPOKEN], default=""
    )
    time_zone = SelectField(
        _l("Time zone"),
        choices=[SelectChoice("", _l("The company's")), *map(SelectChoice, ["UTC", *_ZONES])],
    )
    theme = SelectField(_l("Colours"), choices=THEMES)


class ThemeForm(FlaskForm):
    """The theme alone, for the button in the top bar."""

    theme = SelectField(_l("Colours"), choices=THEMES)


class SharingForm(FlaskForm):
    """What colleagues may see, and what Foyer may remember."""

    shares_expertise = BooleanField()
    keeps_searches = BooleanField()
