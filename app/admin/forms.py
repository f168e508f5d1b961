"""What an administrator chooses for a person."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from app.access import Access

_LARGEST_ID = 2**31 - 1
LEVELS = [
    SelectChoice(Access.EMPLOYEE.value, _l("Employee")),
    SelectChoice(Access.MANAGER.value, _l("Manager")),
    SelectChoice(Access.CURATOR.value, _l("Curator")),
    SelectChoice(Access.ADMIN.value, _l("Administrator")),
]


class AccessForm(FlaskForm):
    """The access level of a person."""

    access = SelectField(_l("Access"), choices=LEVELS)


class SwitchForm(FlaskForm):
    """Whether a person may sign in."""

    active = RadioField(_l("May sign in"), choices=[SelectChoice("1", ""), SelectChoice("0", "")])


class SessionForm(FlaskForm):
    """Which session ends; none means all of them."""

    session_id = IntegerField(validators=[Optional(), NumberRange(1, _LARGEST_ID)])


class IdentityForm(FlaskForm):
    """Which identity goes."""

    identity_id = IntegerField(validators=[InputRequired(), NumberRange(1, _LARGEST_ID)])
