"""Gathers what a person was not told yet into one mail, in their language, at their hour.

At most one mail a day goes to a person. It is claimed before it is sent: should the process end in
between, the same things come with the next one, and nobody is ever written to twice.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.config import LANGUAGES, Config
from app.db import Database
from app.models import Frequency, Notice, NoticeChoice, Person
from app.notices import queries
from app.notices.mail import MailError, Send
from app.notices.speech import catalog, environment, said
from app.people.audiences import audience_tokens

MOST_LINES = 20
FROM_HOUR = 7  # of the person's own day
MONDAY = 0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One notice as the mail says it; `url` is whole, and empty where it leads nowhere."""

    text: str
    url: str


def send_due(database: Database, config: Config, send: Send, *, now: datetime) -> int:
    """Send everybody's digest that is due now; return how many were sent.

    One that cannot be sent is logged and comes again with the next run.
    """
    with database.sessions() as session:
        people = queries.people_to_write_to(session)
    return sum(_send_to(database, config, send, person_id, now) for person_id in people)


def is_due(choice: NoticeChoice | None, zone: str, *, now: datetime) -> bool:
    """Tell whether a person gets a digest at this moment: once a day or week, from seven on."""
    local = now.astimezone(_zone(zone))
    if choice is None:
        return local.hour >= FROM_HOUR
    last = choice.sent_at and choice.sent_at.astimezone(_zone(zone)).date()
    if choice.stopped_at or choice.frequency == Frequency.NEVER or local.hour < FROM_HOUR:
        return False
    if choice.frequency == Frequency.WEEKLY:
        monday = local.date() - timedelta(days=(local.weekday() - MONDAY) % 7)
        return last is None or last < monday
    return last is None or last < local.date()


def unsubscribe_token(config: Config, person_id: int) -> str:
    """Return what the link of a mail carries; it does nothing but end this person's mails."""
    return _signer(config).dumps(person_id)


def person_of_token(config: Config, token: str) -> int | None:
    """Return whose mails a token ends; None for one that Foyer did not make."""
    try:
        found = _signer(config).loads(token)
    except BadSignature:
        return None
    return found if isinstance(found, int) else None


def compose(
    config: Config, person: Person, notices: Sequence[Notice], *, now: datetime
) -> EmailMessage:
    """Write the digest of these notices, plain and as HTML (RFC 8058 for unsubscribing)."""
    language = person.locale if person.locale in LANGUAGES else config.language
    lines = [_line(config, notice, language) for notice in notices[:MOST_LINES]]
    more = len(notices) - len(lines)
    stop = f"{config.base_url}/notices/stop/{unsubscribe_token(config, person.id)}"
    shown = {
        "name": person.given_name,
        "lines": lines,
        "more": more,
        "notices_url": f"{config.base_url}/notices",
        "choices_url": f"{config.base_url}/notices/choices",
        "stop_url": stop,
        "language": language,
    }
    message = EmailMessage()
    message["Subject"] = catalog(language).ungettext(
        "%(num)s thing to know in Foyer", "%(num)s things to know in Foyer", len(notices)
    ) % {"num": len(notices)}
    message["From"], message["To"] = config.mail_from, person.email
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{person.id}-{now:%Y%m%d%H%M%S}@{_domain(config)}>"
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    pages = environment(language)
    message.set_content(pages.get_template("digest.txt").render(shown))
    message.add_alternative(pages.get_template("digest.html").render(shown), subtype="html")
    return message


def _send_to(database: Database, config: Config, send: Send, person_id: int, now: datetime) -> bool:
    with database.transaction() as session:
        person = queries.reader_of_mail(session, person_id)
        choice = queries.choice_of(session, person_id)
        zone = (person.time_zone if person else None) or config.time_zone
        if person is None or not is_due(choice, zone, now=now):
            return False
        notices = queries.waiting(
            session,
            person_id,
            tokens=audience_tokens(person),
            muted=choice.muted if choice else (),
        )
        if not notices:
            return False
        before = choice.sent_at if choice else None
        if not _claimed(session, person_id, choice, now):
            return False
        message = compose(config, person, notices, now=now)
        ids = [notice.id for notice in notices]
    try:
        send(message)
    except MailError as failure:
        log.warning("a digest was not sent: %s", failure)
        _give_back(database, person_id, before)
        return False
    with database.transaction() as session:
        session.execute(update(Notice).where(Notice.id.in_(ids)).values(mailed_at=now))
    return True


def _claimed(session: Session, person_id: int, choice: NoticeChoice | None, now: datetime) -> bool:
    """Note that this person is being written to; False if another process was first."""
    if choice is None:
        first = NoticeChoice(
            person_id=person_id, frequency=Frequency.DAILY.value, muted=[], sent_at=now
        )
        try:
            with session.begin_nested():
                session.add(first)
        except IntegrityError:
            return False
        return True
    before = choice.sent_at
    same = NoticeChoice.sent_at.is_(None) if before is None else NoticeChoice.sent_at == before
    claimed = session.execute(
        update(NoticeChoice)
        .where(NoticeChoice.person_id == person_id, same)
        .values(sent_at=now)
        .returning(NoticeChoice.person_id)
        .execution_options(synchronize_session=False)
    )
    return claimed.scalar() is not None


def _give_back(database: Database, person_id: int, before: datetime | None) -> None:
    with database.transaction() as session:
        session.execute(
            update(NoticeChoice).where(NoticeChoice.person_id == person_id).values(sent_at=before)
        )


def _line(config: Config, notice: Notice, language: str) -> Line:
    url = f"{config.base_url}{notice.path}" if notice.path else ""
    return Line(text=said(notice.sentence, language), url=url)


def _signer(config: Config) -> URLSafeSerializer:
    return URLSafeSerializer(config.secret_key, salt="end the mails of a person")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _domain(config: Config) -> str:
    return config.base_url.partition("://")[2].partition(":")[0].partition("/")[0]
