"""What curators fill in. The limits are the service's; a text counts as it will be kept."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.curation.service import INTRO, NOTE, TITLE
from app.curation.texts import plain

LARGEST_ID = 2**31 - 1
_TOO_LONG = _l("This is too long: at most %(max)d characters.")


class DetailsForm(FlaskForm):
    """Title and introduction of a page or of a section."""

    title = StringField(
        _l("Title"),
        [DataRequired(_l("Please give it a title.")), Length(max=TITLE, message=_TOO_LONG)],
        filters=[plain],
    )
    intro = TextAreaField(
        _l("Introduction"), [Length(max=INTRO, message=_TOO_LONG)], filters=[plain]
    )


class SkillsForm(FlaskForm):
    """A skill to add by its name; those that are kept are boxes."""

    added = StringField(_l("Add a skill"), [Length(max=TITLE, message=_TOO_LONG)], filters=[plain])


class NoteForm(FlaskForm):
    """The note of a pin."""

    note = TextAreaField(_l("Note"), [Length(max=NOTE, message=_TOO_LONG)], filters=[plain])


class PinForm(NoteForm):
    """The item to pin; the rest is given when an unpinned item is put back."""

    item_id = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=LARGEST_ID)])
    position = IntegerField(validators=[Optional(), NumberRange(min=0, max=10_000)])
    starts_on = DateField(validators=[Optional()])
    ends_on = DateField(validators=[Optional()])


class MoveForm(FlaskForm):
    """The direction of a step."""

    direction = RadioField(choices=["up", "down"])

    @property
    def step(self) -> int:
        """Return the step as a change of place."""
        return -1 if self.direction.data == "up" else 1
