"""What a curator decides, together with the items that they saw when they did."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange, Regexp

LARGEST_ID = 2**31 - 1


class SeenForm(FlaskForm):
    """The ids of the items that stood together, with commas between them."""

    seen = StringField(validators=[InputRequired(), Regexp(r"\A\d{1,9}(,\d{1,9}){0,999}\Z")])

    @property
    def ids(self) -> frozenset[int]:
        """Return the ids."""
        return frozenset(int(text) for text in (self.seen.data or "").split(","))


class MergeForm(SeenForm):
    """The item that is the same."""

    other = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=LARGEST_ID)])
