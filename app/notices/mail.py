"""Sends mails: over SMTP, into a folder where the portal only shows what it would send, or never.

The address of the setting decides: `smtp://host:587` with STARTTLS where the server offers it
(`smtp://user:password@host` insists on it, so that no password travels in the clear), `smtps://`
for TLS from the start, `folder:/path` for files. RFC 5321, RFC 3207.
"""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.config import Config

Send = Callable[[EmailMessage], None]
PATIENCE = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


class MailError(Exception):
    """A mail could not be handed over; the message names the server and holds no password."""


def sender(config: Config) -> Send | None:
    """Return what sends a mail as the settings say; None where no mail is sent."""
    if not config.mail_url:
        return None
    if config.mail_url.startswith("folder:"):
        folder = Path(config.mail_url.removeprefix("folder:"))
        return lambda message: _keep(folder, message)
    return lambda message: _hand_over(config.mail_url, message)


def _keep(folder: Path, message: EmailMessage) -> None:
    """Write a mail into the folder, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    beside = folder / f".{name}"
    beside.write_bytes(message.as_bytes(policy=SMTP))
    beside.rename(folder / f"{name}.eml")


def _hand_over(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    safely = ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=safely)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and (parts.username or server.has_extn("starttls")):
                server.starttls(context=safely)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as failure:
        raise MailError(f"{host}:{port} did not take a mail: {type(failure).__name__}") from failure
