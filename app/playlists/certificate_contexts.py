"""What a certificate says, in its reader's language."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import format_date, gettext

from app.playlists.certificates import Certificate
from app.playlists.contexts import size
from app.playlists.plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePage:
    """The certificate, when it was begun and finished, and its steps with the day of each."""

    certificate: Certificate
    begun_on: str
    finished_on: str
    size: list[str]
    steps: list[tuple[str, str, str]]


def certificate_page(plan: Plan, certificate: Certificate) -> CertificatePage:
    """Return what the certificate of a plan says; each step has its title, tool and day."""
    done = [step for step in plan.steps if step.done_at]
    return CertificatePage(
        certificate=certificate,
        begun_on=_full(plan.calendar.due_on(1)),
        finished_on=_full(certificate.finished_on),
        size=size(plan),
        steps=[
            (
                step.title,
                step.tool_name or _with_whom(step.meets.name if step.meets else ""),
                _full(step.done_at),
            )
            for step in done
            if step.done_at
        ],
    )


def check_line(certificate: Certificate) -> str:
    """Say whose a genuine certificate is; of what, only where the reader may know of it."""
    said = {"name": certificate.name, "day": _full(certificate.finished_on)}
    if not certificate.title:
        return gettext(
            "Given to %(name)s, who finished on %(day)s. Which playlist it was is shown only to "
            "those for whom it is meant.",
            **said,
        )
    return gettext(
        "%(name)s completed “%(title)s” (version %(version)s) on %(day)s.",
        title=certificate.title,
        version=certificate.version,
        **said,
    )


def _full(value: date | datetime) -> str:
    """Write a day with its year, since a certificate outlives it."""
    # Translators: the pattern of a day: d is its number, MMMM the month, y the year.
    return format_date(value, gettext("d MMMM y"))


def _with_whom(name: str) -> str:
    return gettext("with %(name)s", name=name) if name else ""
