"""What a reader tells the curators: an item that is not as it should be, one that is missing."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.curation.texts import plain
from app.governance.service import NOTE
from app.models import Problem

PROBLEMS = {
    Problem.BROKEN_LINK.value: _l("The link does not work"),
    Problem.OUTDATED.value: _l("It is out of date"),
    Problem.WRONG_DETAILS.value: _l("What Foyer says about it is wrong"),
    Problem.OTHER.value: _l("Something else"),
}


class ReportForm(FlaskForm):
    """A problem, and a note to the curator."""

    problem = RadioField(
        _l("What is wrong?"),
        [InputRequired(_l("Please choose what is wrong."))],
        choices=[SelectChoice(value, label) for value, label in PROBLEMS.items()],
    )
    note = TextAreaField(
        _l("What should the curator know?"),
        [Length(max=NOTE, message=_l("This is too long: at most %(max)d characters."))],
        filters=[plain],
    )


class SuggestionForm(FlaskForm):
    """A resource by its address, why, and for which job role (its slug), perhaps."""

    url = StringField(
        _l("Address"), [InputRequired(_l("Please paste an address."))], filters=[plain]
    )
    note = TextAreaField(
        _l("Why is it worth having?"),
        [Length(max=NOTE, message=_l("This is too long: at most %(max)d characters."))],
        filters=[plain],
    )
    role = StringField(_l("For which role?"))
