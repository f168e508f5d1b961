"""How many stars a reader gives."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from app.activity.service import MOST_STARS

_STARS = [str(number) for number in range(1, MOST_STARS + 1)]


class RatingForm(FlaskForm):
    """One of five radios."""

    stars = RadioField(
        _l("Stars"),
        [AnyOf(_STARS, _l("Choose from 1 to 5 stars."))],
        choices=[SelectChoice(number, number) for number in _STARS],
        validate_choice=False,
    )
