"""What curators fill in. The limits are the service's; a text counts as it will be kept."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.curation.pages import INTRO, TITLE
from app.curation.service import NOTE
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


class PageForm(DetailsForm):
    """Title, introduction and audience of a page; who is named already are boxes."""

    only_for = StringField(_l("Add who it is for"), filters=[plain])


class SettingsForm(FlaskForm):
    """The days of a pin, and who sees it; who is named already are boxes."""

    starts_on = DateField(_l("First day"), [Optional()])
    ends_on = DateField(_l("Last day"), [Optional()])
    only_for = StringField(_l("Add who sees it"), filters=[plain])


class PublishForm(FlaskForm):
    """What is published, as its publisher saw it, and what they say of it."""

    revision = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=LARGEST_ID)])
    note = TextAreaField(_l("Note"), [Length(max=NOTE, message=_TOO_LONG)], filters=[plain])


class BackForm(FlaskForm):
    """The newest version that a curator saw when going back to an earlier one."""

    latest = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=LARGEST_ID)])


class PersonForm(FlaskForm):
    """A curator, and until which day perhaps."""

    person = IntegerField(
        validators=[
            InputRequired(_l("Please choose a curator.")),
            NumberRange(min=1, max=LARGEST_ID, message=_l("Please choose a curator.")),
        ]
    )
    until = DateField(validators=[Optional()])


class AskForm(FlaskForm):
    """What a curator would like to see changed on a page of others."""

    text = TextAreaField(
        _l("What should change?"),
        [
            DataRequired(_l("Please say what should change.")),
            Length(max=NOTE, message=_TOO_LONG),
        ],
        filters=[plain],
    )


class ReplaceForm(FlaskForm):
    """The item that takes over a pin's place."""

    item_id = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=LARGEST_ID)])


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
    audience = StringField(validators=[Length(max=2000)])


class MoveForm(FlaskForm):
    """The direction of a step."""

    direction = RadioField(choices=["up", "down"])

    @property
    def step(self) -> int:
        """Return the step as a change of place."""
        return -1 if self.direction.data == "up" else 1
