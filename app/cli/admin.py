"""The first administrator of a new portal, who cannot come in through an identity provider yet."""

import click

from app import clock
from app.access import Access
from app.audit.service import COMMAND_LINE, Event, append
from app.auth.service import LINK_LIFE, make_link
from app.cli.portal import Portal, pass_portal
from app.intake.fields import Fields
from app.people.queries import person_by_email
from app.people.service import NewPerson, add_person


@click.group(name="admin")
def group() -> None:
    """Look after administrators."""


@group.command()
@click.option("--email", required=True, help="The administrator's e-mail address.")
@click.option("--name", required=True, help="The administrator's name.")
@pass_portal
def create(portal: Portal, email: str, name: str) -> None:
    """Make an administrator and print a link that signs them in once.

    For somebody who is in the directory already, access is raised and a new link is printed; the
    links before it stop working. What is given here no identity provider takes away.

    \b
      foyer admin create --email you@example.com --name "Your Name"
    """
    email, name = _checked(email, name)
    now = clock.now()
    with portal.database.transaction() as session:
        known = person_by_email(session, email)
        raised = {"access": {"before": known.access if known else "", "after": "admin"}}
        person = known or add_person(
            session, NewPerson(email=email, name=name, access=Access.ADMIN), now=now
        )
        person.access, person.access_from, person.active = Access.ADMIN.value, "", True
        token = make_link(session, person, now=now)
        made = Event(action="admin.create", actor=COMMAND_LINE, subject=email, details=raised)
        append(session, [made], now=now)
    hours = int(LINK_LIFE.total_seconds() // 3600)
    click.echo(f"Open this link within {hours} hours; it works once:")
    click.echo(f"{portal.config.base_url}/sign-in/link/{token}")


def _checked(email: str, name: str) -> tuple[str, str]:
    """Return both as they are kept, by the rules for imported people; raise UsageError."""
    fields = Fields({"email": email, "name": name})
    kept = fields.email("email"), fields.required("name", 200)
    if not email.strip():
        fields.complain("email", "is missing")
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        fields.complain("name", "is not UTF-8")
    if fields.problems:
        raise click.UsageError("; ".join(f"--{one.field}: {one.reason}" for one in fields.problems))
    return kept
