"""What a certificate says, in its reader's language."""

from dataclasses import dataclass

from flask_babel import gettext

from app.playlists.certificates import Certificate
from app.playlists.contexts import size
from app.playlists.plans import Plan
from app.web.i18n import day


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
        begun_on=day(plan.calendar.due_on(1)),
        finished_on=day(certificate.finished_at),
        size=size(plan),
        steps=[
            (
                step.title,
                step.tool_name or _with_whom(step.meets.name if step.meets else ""),
                day(step.done_at),
            )
            for step in done
            if step.done_at
        ],
    )


def _with_whom(name: str) -> str:
    return gettext("with %(name)s", name=name) if name else ""
