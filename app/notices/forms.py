"""How a reader wants to be told."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from app.models import Frequency, NoticeKind

KINDS = [
    SelectChoice(NoticeKind.STEP.value, _l("Steps of my playlists that are due")),
    SelectChoice(NoticeKind.PLAYLIST.value, _l("Playlists that are given to me")),
    SelectChoice(NoticeKind.ANSWER.value, _l("Answers to what I suggested or reported")),
    SelectChoice(NoticeKind.MESSAGE.value, _l("Messages from curators")),
]
CURATORS_KINDS = [
    SelectChoice(NoticeKind.REVIEW.value, _l("Reviews that are due")),
    SelectChoice(NoticeKind.PAGE.value, _l("What happens to pages that I look after")),
    SelectChoice(NoticeKind.CONTENT.value, _l("Content that is gone, moved or leaving")),
]


class ChoicesForm(FlaskForm):
    """How often a mail comes, and what a reader wants to hear of."""

    frequency = RadioField(
        _l("One mail with everything new"),
        choices=[
            SelectChoice(Frequency.DAILY.value, _l("Every day")),
            SelectChoice(Frequency.WEEKLY.value, _l("Every Monday")),
            SelectChoice(Frequency.NEVER.value, _l("Never")),
        ],
        default=Frequency.DAILY.value,
    )
    told = SelectMultipleField(_l("Tell me about"), choices=[])
