"""How many stars a reader gives."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField

from app.activity.service import MOST_STARS


class RatingForm(FlaskForm):
    """One of five radios."""

    stars = RadioField(
        _l("Stars"), choices=[(str(number), str(number)) for number in range(1, MOST_STARS + 1)]
    )
