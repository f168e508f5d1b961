"""Directories that bring people by SCIM: connecting one before anybody can sign in."""

from datetime import timedelta

import click
from sqlalchemy.orm import Session

from app import clock
from app.audit.service import COMMAND_LINE, Event, append
from app.cli.portal import Portal, pass_portal
from app.errors import FoyerError
from app.models import ScimClient, ScimToken
from app.scim import queries, service
from app.scim.directory import Effect, People
from app.scim.service import Scope

_BATCH = 200


@click.group(name="scim")
def group() -> None:
    """Connect directories that keep people here up to date."""


@group.command()
@click.argument("name")
@pass_portal
def add(portal: Portal, name: str) -> None:
    """Add a directory; it can do nothing until it has a token.

    \b
      foyer scim add "Entra ID"
    """
    now = clock.now()
    with portal.database.transaction() as session:
        try:
            client = service.add_client(session, name, now=now)
        except FoyerError as error:
            raise click.UsageError(str(error)) from error
        made = Event(action="scim.add_client", actor=COMMAND_LINE, subject=_named(client))
        append(session, [made], now=now)
        slug = client.slug
    click.echo(f"Added. Issue a token: foyer scim token {slug}")


@group.command()
@click.argument("client")
@click.option(
    "--scopes",
    default=",".join(Scope),
    show_default=True,
    help="What the token may do, joined by commas.",
)
@click.option("--days", default=365, show_default=True, help="How long it works.")
@pass_portal
def token(portal: Portal, client: str, scopes: str, days: int) -> None:
    """Issue a token and print it, once. Earlier tokens go on working until they end.

    \b
      foyer scim token scim-entra-id --days 180
    """
    wanted, life, now = _scopes(scopes), timedelta(days=min(days, 10_000)), clock.now()
    with portal.database.transaction() as session:
        found = _client(session, client)
        try:
            secret = service.issue_token(session, found, scopes=wanted, life=life, now=now)
        except FoyerError as error:
            raise click.UsageError(str(error)) from error
        details = {"scopes": [one.value for one in wanted], "days": days}
        subject = _named(found)
        made = Event(action="scim.add_token", actor=COMMAND_LINE, subject=subject, details=details)
        append(session, [made], now=now)
    click.echo(f"Tenant URL: {portal.config.base_url}/scim/v2", err=True)
    click.echo("The token is shown this once:", err=True)
    click.echo(secret)


@group.command(name="list")
@pass_portal
def list_(portal: Portal) -> None:
    """List the directories and their tokens."""
    now = clock.now()
    with portal.database.sessions() as session:
        for client in queries.clients(session):
            users, groups = queries.counts(session, client.id)
            state = "" if client.enabled else ", switched off"
            click.echo(f"{client.slug}  {client.name}: {users} users, {groups} groups{state}")
            for one in client.tokens:
                ends = "revoked" if one.revoked_at else f"until {one.expires_at:%Y-%m-%d}"
                ends = "expired" if not one.revoked_at and one.expires_at <= now else ends
                click.echo(f"  {one.hint}…  {', '.join(one.scopes)}  {ends}  {_last_use(one)}")


@group.command()
@click.argument("client")
@pass_portal
def apply(portal: Portal, client: str) -> None:
    """Hold a client's rules against everybody it keeps, as after a change of the rules.

    \b
      foyer scim apply scim-entra-id
    """
    last, changed = "", 0
    while True:
        with portal.database.transaction() as session:
            found, now = _client(session, client), clock.now()
            service.take_turn(session, found.id)
            users = queries.users_after(session, found.id, last, most=_BATCH)
            if not users:
                break
            people = People(session, found, now=now)
            people.reread(users)
            append(session, [_applied(one, found) for one in people.effects], now=now)
            last, changed = users[-1].id, changed + len(people.effects)
    click.echo(f"{changed} people changed.")


def _applied(effect: Effect, client: ScimClient) -> Event:
    return Event(
        action="scim.apply",
        actor=COMMAND_LINE,
        subject=f"person {effect.person.email}",
        details={"client": client.slug, **effect.details()},
    )


def _client(session: Session, slug: str) -> ScimClient:
    found = queries.client_named(session, slug)
    if found is None:
        raise click.UsageError(f"There is no SCIM client {slug}; see: foyer scim list")
    return found


def _last_use(token: ScimToken) -> str:
    return f"last used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"


def _named(client: ScimClient) -> str:
    return f"SCIM client {client.slug}"


def _scopes(text: str) -> list[Scope]:
    try:
        return [Scope(one.strip()) for one in text.split(",") if one.strip()]
    except ValueError as error:
        raise click.UsageError(f"--scopes: {error}; there are {', '.join(Scope)}") from error
