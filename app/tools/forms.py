"""What an administrator fills in about a tool: common fields, and those its connector asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.connectors.base import AccountKind, Quadrant
from app.connectors.settings import Ask, Setting, ToolSettings, read_settings, settings_of
from app.errors import Invalid
from app.web.errors import translated

_NEEDED = _l("Please fill this in.")
_TOO_LONG = _l("This is too long: at most %(max)d characters.")
QUADRANTS = [
    SelectChoice(Quadrant.DELIVER.value, _l("Deliver and enable")),
    SelectChoice(Quadrant.CREATE.value, _l("Create, curate and manage")),
    SelectChoice(Quadrant.ENGAGE.value, _l("Engage and support")),
    SelectChoice(Quadrant.MEASURE.value, _l("Measure and optimise")),
]
INTERVALS = [
    SelectChoice("15", _l("Every 15 minutes")),
    SelectChoice("60", _l("Every hour")),
    SelectChoice("360", _l("Every 6 hours")),
    SelectChoice("1440", _l("Every day")),
    SelectChoice("10080", _l("Every week")),
]
SWEEPS = [
    SelectChoice("1", _l("Every day")),
    SelectChoice("7", _l("Every week")),
    SelectChoice("30", _l("Every 30 days")),
]
PEOPLE_BY = {
    AccountKind.EMAIL.value: _l("E-mail address"),
    AccountKind.USERNAME.value: _l("User name"),
    AccountKind.ACCOUNT.value: _l("Account, linked by hand"),
}


def _stripped(text: str | None) -> str:
    return " ".join((text or "").replace("\0", "").split())


class NamedForm(FlaskForm):
    """What every tool has: how readers know it."""

    name = StringField(
        _l("Name"),
        [DataRequired(_NEEDED), Length(max=120, message=_TOO_LONG)],
        filters=[_stripped],
    )


class ToolForm(NamedForm):
    """What can be said of every tool, connected or not."""

    position = IntegerField(
        _l("Place among duplicates"), [InputRequired(_NEEDED), NumberRange(min=0, max=9999)]
    )
    quadrants = SelectMultipleField(_l("Place on the map"), choices=QUADRANTS)


class ScheduleForm(ToolForm):
    """What can be said of a connected tool beside its connector's settings."""

    minutes_between = SelectField(_l("Look for changes"), choices=INTERVALS)
    days_between_sweeps = SelectField(_l("Read everything"), choices=SWEEPS)
    private = BooleanField(_l("It is inside the company’s own network"))
    people_by = SelectField(_l("It names people by"), choices=[])
    people_domain = StringField(
        _l("Domain of its user names"), [Length(max=200, message=_TOO_LONG)], filters=[_stripped]
    )


class SwitchForm(FlaskForm):
    """A tool is read, or rests."""

    enabled = BooleanField()


@dataclass(slots=True)
class Asked:
    """One setting of a connector as the form shows it; a secret's value is never among it."""

    setting: Setting
    value: str
    errors: list[str] = field(default_factory=list)
    kept: bool = False

    @property
    def input_type(self) -> str:
        """Return the type of the form field."""
        kinds = {Ask.SECRET: "password", Ask.NUMBER: "number", Ask.ADDRESS: "url"}
        return kinds.get(self.setting.ask, "text")


class SettingsFields:
    """The fields that a connector asks for, drawn from its settings' dataclass."""

    def __init__(
        self, kind: type[ToolSettings], known: Mapping[str, object], kept: Mapping[str, str]
    ) -> None:
        """Begin with what is known; `kept` are the secrets that are sealed already."""
        self._kind = kind
        self._kept = kept
        self.fields = [
            Asked(one, _shown(one, known.get(one.name, one.default)), kept=one.name in kept)
            for one in settings_of(kind)
        ]

    def read(self, form: MultiDict[str, str]) -> dict[str, object] | None:
        """Return the values of a posted form; None when a field complains."""
        values: dict[str, object] = {}
        for each in self.fields:
            text = form.get(each.setting.name, "").replace("\0", "")
            if each.setting.ask is not Ask.SECRET:
                each.value = text
            values[each.setting.name] = text
        tried = {**values, **{name: "kept" for name in self._kept if not values.get(name)}}
        try:
            read_settings(self._kind, tried)
        except Invalid as refusal:
            self.blame(refusal)
            return None
        return values

    def blame(self, refusal: Invalid) -> None:
        """Write what was refused under its field; what names none goes to the address."""
        names = {each.setting.name: each for each in self.fields}
        for name, text in refusal.fields.items():
            names.get(name, names["address"]).errors.append(translated(text))

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """Return (field, sentence) pairs for the summary at the page's top."""
        return [(each.setting.name, text) for each in self.fields for text in each.errors]


def people_choices(kinds: tuple[AccountKind, ...]) -> list[tuple[str, str]]:
    """Return by what a tool may name people; first that it is not asked."""
    return [("", _("What people do there is not read")), *_named(kinds)]


def _named(kinds: tuple[AccountKind, ...]) -> list[tuple[str, str]]:
    return [(kind.value, str(PEOPLE_BY[kind.value])) for kind in kinds]


def _shown(one: Setting, value: object) -> str:
    if one.ask is Ask.SECRET:
        return ""
    if one.ask is Ask.SWITCH:
        return "1" if value else ""
    return "" if value is None else str(value)
