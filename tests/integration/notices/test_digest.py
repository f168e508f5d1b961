"""The digest: who gets it when, what stands in it, and that nobody is written to twice."""

import asyncio
import threading
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP

from app.config import Config
from app.errors import Wording
from app.models import Notice, NoticeChoice, NoticeKind
from app.notices import digest, service
from app.notices.mail import MailError, sender
from tests.support.emptying import empty

BASE = "https://learn.example.org"
MORNING = datetime.fromisoformat("2026-11-12T09:00:00+00:00")  # a Thursday
MONDAY = datetime.fromisoformat("2026-11-16T09:00:00+00:00")


@pytest.fixture
def session(database):
    """Return a session whose rows other transactions see; they are gone after the test."""
    with database.sessions() as session:
        yield session
    empty(database)


@pytest.fixture
def config(tmp_path):
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_BASE_URL": BASE,
        }
    )


@pytest.fixture
def person(make, session):
    found = make.person("Amara Okafor", email="amara@example.org")
    session.commit()
    return found


@pytest.fixture
def say(session, person):
    def said(text="A step is due.", key=None, at=MORNING - timedelta(hours=1), **values):
        service.tell(
            session,
            [person.id],
            values.pop("kind", NoticeKind.STEP),
            key=key or text,
            sentence=Wording(text) if isinstance(text, str) and "%" not in text else text,
            now=at,
            **values,
        )
        session.commit()

    return said


@pytest.fixture
def run(database, config):
    """Return a function that sends what is due and returns the mails."""

    def sent(now=MORNING, send=None):
        mails = []
        digest.send_due(database, config, send or mails.append, now=now)
        return mails

    return sent


def plain(mail):
    return mail.get_body(("plain",)).get_content()


def html(mail):
    return mail.get_body(("html",)).get_content()


def test_one_mail_says_everything_that_was_not_seen(run, say):
    say("A step is due.", path="/playlists/welcome")
    say("Somebody answered.", kind=NoticeKind.ANSWER)
    (mail,) = run()
    assert mail["To"] == "amara@example.org"
    assert mail["Subject"] == "2 things to know in Foyer"
    for body in (plain(mail), html(mail)):
        assert body.index("A step is due.") < body.index("Somebody answered.")
        assert f"{BASE}/playlists/welcome" in body
    assert run() == []
    assert run(MORNING + timedelta(days=1)) == []


def test_what_was_seen_in_the_portal_is_not_mailed(run, say, session, person):
    say()
    service.see_all(session, person.id, now=MORNING)
    session.commit()
    assert run() == []


def test_there_is_one_a_day_at_most_and_the_rest_comes_the_next_day(run, say):
    say()
    assert len(run()) == 1
    say("Another.")
    assert run(MORNING + timedelta(hours=3)) == []
    (mail,) = run(MORNING + timedelta(days=1))
    assert "Another." in plain(mail)
    assert "A step is due." not in plain(mail)


def test_it_comes_in_the_morning_of_the_person(run, say, session, person):
    person.time_zone = "Asia/Tokyo"
    session.commit()
    say()
    six = datetime(2026, 11, 13, 6, 59, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert run(six) == []
    assert len(run(six + timedelta(minutes=1))) == 1


@pytest.mark.parametrize(
    ("frequency", "mails"), [("daily", [1, 1]), ("weekly", [0, 1]), ("never", [0, 0])]
)
def test_it_comes_as_often_as_they_chose(run, say, session, person, frequency, mails):
    service.choose(session, person.id, frequency=frequency, muted=[])
    session.get(NoticeChoice, person.id).sent_at = MORNING - timedelta(days=1)
    say()
    first = len(run())
    say("Another.")
    assert [first, len(run(MONDAY))] == mails


def test_nobody_is_written_to_who_ended_it_or_left(run, say, session, person):
    say()
    service.stop_mail(session, person.id, now=MORNING)
    session.commit()
    assert run() == []
    service.choose(session, person.id, frequency="daily", muted=[])
    person.active = False
    session.commit()
    assert run() == []


def test_it_says_nothing_of_a_hidden_item(run, say, make, session):
    item = make.item("Secret", audience=["group:board"])
    session.commit()
    say("“Secret” is due.", item_id=item.id)
    assert run() == []
    say("A step is due.")
    (mail,) = run()
    assert "Secret" not in mail.as_string()


def test_a_long_one_says_how_much_more_there_is(run, say):
    for number in range(digest.MOST_LINES + 3):
        say(f"Step {number} is due.")
    (mail,) = run()
    assert plain(mail).count("is due.") == html(mail).count("is due.") == digest.MOST_LINES
    assert "3 things more" in plain(mail)


def test_titles_cannot_break_out_of_the_mail(run, say):
    say(Wording("“%(title)s” is due.", title="<b>Pumps</b>\r\nBcc: all@example.org"), key="1")
    (mail,) = run()
    assert "&lt;b&gt;Pumps&lt;/b&gt;" in html(mail)
    again = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert again["Bcc"] is None


def test_it_speaks_the_language_of_the_person(run, say, session, person):
    person.locale = "de"
    session.commit()
    say()
    (mail,) = run()
    assert 'lang="de"' in html(mail)


def test_the_link_that_ends_it_is_theirs_alone(run, say, config, person):
    say()
    (mail,) = run()
    address = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in plain(mail)
    token = address.removeprefix(f"{BASE}/notices/stop/")
    assert digest.person_of_token(config, token) == person.id
    assert digest.person_of_token(config, token + "x") is None


def test_one_that_fails_comes_again(run, say, session):
    say()

    def refuse(_mail):
        raise MailError("mail.example.org:587 did not take a mail: ConnectionRefusedError")

    assert run(send=refuse) == []
    assert session.query(Notice).one().mailed_at is None
    assert len(run()) == 1


def test_two_at_once_write_to_nobody_twice(run, say, session, database, config):
    say()
    assert len(run()) == 1
    say("Another.")
    mails, second = [], []

    def send_again_meanwhile(mail):
        mails.append(mail)
        digest.send_due(database, config, second.append, now=MORNING + timedelta(days=1))

    run(MORNING + timedelta(days=1), send=send_again_meanwhile)
    assert (len(mails), second) == (1, [])


def test_a_folder_keeps_each_mail_as_a_file(run, say, config, tmp_path, monkeypatch):
    say()
    demo = Config.from_env({"FOYER_DATA_DIR": str(tmp_path), "FOYER_DEMO": "1"})
    run(send=sender(demo))
    (file,) = (tmp_path / "mail").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert "A step is due." in plain(mail)


class Inbox:
    """Keeps what a mail server was given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def server():
    """Return a mail server on the loopback, and what it was given."""
    inbox, found, ready = Inbox(), [], threading.Event()
    loop = asyncio.new_event_loop()

    async def serve():
        started = await loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0)
        found.append(started.sockets[0].getsockname()[1])
        ready.set()
        async with started:
            await started.serve_forever()

    def work():
        try:
            loop.run_until_complete(serve())
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(10)
    yield found[0], inbox
    loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
    thread.join()


def test_a_server_gets_it(run, say, tmp_path, server):
    say()
    port, inbox = server
    url = f"smtp://127.0.0.1:{port}"
    run(send=sender(Config.from_env({"FOYER_DATA_DIR": str(tmp_path), "FOYER_MAIL_URL": url})))
    ((to, content),) = inbox.mails
    assert to == ["amara@example.org"]
    assert "A step is due." in plain(message_from_bytes(content, policy=policy.default))


def test_a_password_never_travels_in_the_clear(run, say, tmp_path, server, caplog):
    say()
    port, inbox = server
    url = f"smtp://foyer:hush@127.0.0.1:{port}"
    run(send=sender(Config.from_env({"FOYER_DATA_DIR": str(tmp_path), "FOYER_MAIL_URL": url})))
    assert inbox.mails == []
    assert "did not take a mail" in caplog.text
    assert "hush" not in caplog.text


def test_without_a_setting_nothing_is_sent(tmp_path):
    assert sender(Config.from_env({"FOYER_DATA_DIR": str(tmp_path)})) is None
