"""What curators fill in about an item: its details, its picture, and a pasted link."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.catalogue.imports.languages import language_tag
from app.curation.texts import plain
from app.models import Kind, Level

TITLE, SUMMARY, ADDRESS, NOTE = 500, 20_000, 2000, 500
MOST_MINUTES = 100 * 60
ADD_FIELDS = 3
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "ja", "zh")
_TOO_LONG = _l("This is too long: at most %(max)d characters.")


def one_line(text: object) -> str:
    """Return the text as it is kept: on one line, without control characters."""
    return " ".join(plain(text).split())


class DetailsForm(FlaskForm):
    """What an item says of itself. Skills and roles stand beside: boxes, and names to add."""

    title = StringField(
        _l("Title"),
        [DataRequired(_l("Please give it a title.")), Length(max=TITLE, message=_TOO_LONG)],
        filters=[one_line],
    )
    summary = TextAreaField(
        _l("Summary"), [Length(max=SUMMARY, message=_TOO_LONG)], filters=[one_line]
    )
    kind = SelectField(_l("Kind"), choices=[SelectChoice(one.value) for one in Kind])
    level = SelectField(
        _l("Level"), choices=[SelectChoice(""), *(SelectChoice(one.value) for one in Level)]
    )
    minutes = IntegerField(
        _l("Minutes"),
        [
            Optional(),
            NumberRange(
                min=0, max=MOST_MINUTES, message=_l("From 0 to %(max)d minutes; empty if unknown.")
            ),
        ],
    )
    language = StringField(_l("Language"), [DataRequired(_l("Please choose the language."))])

    def values(self) -> dict[str, Any]:
        """Return the fields by the names of `app.catalogue.locks.EDITABLE`, lists left out."""
        return {
            "title": self.title.data,
            "summary": self.summary.data,
            "kind": self.kind.data,
            "level": self.level.data or None,
            "minutes": self.minutes.data,
            "language": _tag(self.language.data),
        }


class LinkForm(DetailsForm):
    """A page of the web as an item, and perhaps the section in which to pin it, with a note."""

    url = StringField(
        _l("Address"),
        [DataRequired(_l("Please paste an address.")), Length(max=ADDRESS, message=_TOO_LONG)],
        filters=[plain],
    )
    section = IntegerField(_l("Pin it to"), [Optional(), NumberRange(min=1, max=2**31 - 1)])
    note = TextAreaField(_l("Note"), [Length(max=NOTE, message=_TOO_LONG)], filters=[plain])


class PinForm(FlaskForm):
    """The section in which to pin an item, and the curator's note."""

    section = IntegerField(
        _l("Where"), [DataRequired(_l("Choose a section.")), NumberRange(min=1, max=2**31 - 1)]
    )
    note = TextAreaField(_l("Note"), [Length(max=NOTE, message=_TOO_LONG)], filters=[plain])


def seen_digests(names: tuple[str, ...]) -> dict[str, str]:
    """Return the digests that the form carries of what its reader saw, by field."""
    return {name: request.form.get(f"seen_{name}", "") for name in names}


def chosen_names(field: str) -> tuple[list[str], list[str]]:
    """Return the slugs that are ticked and the names that are typed, of `skill` or `role`."""
    return request.form.getlist(field), request.form.getlist(f"{field}_added")


def _tag(text: str | None) -> str:
    try:
        return language_tag(text or "en")
    except ValueError:
        return "en"
