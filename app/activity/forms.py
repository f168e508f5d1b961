"""How many stars a reader gives, and why."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Length

from app.activity.service import MOST_STARS, WHY

_STARS = [str(number) for number in range(1, MOST_STARS + 1)]


class RatingForm(FlaskForm):
    """One of five radios; a reason for the curators, with the reader's name if they like."""

    stars = RadioField(
        _l("Stars"),
        [AnyOf(_STARS, _l("Choose from 1 to 5 stars."))],
        choices=[SelectChoice(number, number) for number in _STARS],
        validate_choice=False,
    )
    why = StringField(
        _l("Why?"), [Length(max=WHY, message=_l("At most %(max)d characters, please."))]
    )
    named = BooleanField(_l("Show my name"))
