"""The sign-in page, one-time links, signing out, one's own sessions, and proving oneself again."""

import shlex
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.auth import contexts, departures, login, provider_way, queries, service
from app.auth.ways import SignInWay, offered
from app.errors import NotFound
from app.models import IdentityProvider
from app.web.htmx import page
from app.web.security import is_local_address
from app.web.unit_of_work import db_session
from app.web.viewer import viewer, viewer_or_none

bp = Blueprint("auth", __name__)


def wanted_address() -> str:
    """Return the address inside Foyer that this request wants to reach after signing in."""
    wanted = request.values.get("next", "")
    return wanted if is_local_address(wanted) else url_for("home.index")


def start_address(provider: IdentityProvider, next_url: str, *, prove: bool = False) -> str:
    """Return the address that sends a browser to the provider and afterwards to `next_url`."""
    start, asked = provider_way.STARTS[provider.protocol], 1 if prove else None
    return url_for(start, slug=provider.slug, next=next_url, prove=asked)


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the ways to sign in; whoever is signed in already goes on to where they wanted.

    Where a single provider is the only way, the browser goes straight on to it; with `stay`, as
    after signing out, it does not.
    """
    if viewer_or_none():
        return redirect(wanted_address(), code=303)
    ways = [(way, needs) for way in offered() if (needs := way.context(db_session()))]
    only = _only_provider(ways)
    if only and "stay" not in request.args:
        return redirect(start_address(only, wanted_address()), code=303)
    return page("auth/sign_in.html", ways=ways, next=wanted_address())


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
def one_time_link(token: str) -> ResponseReturnValue:
    """Ask before using up a one-time link (GET), then sign its person in (POST)."""
    if request.method != "POST":
        if not queries.usable_link(db_session(), service.hashed(token), now=clock.now()):
            raise NotFound(_("This link has been used already or is too old."))
        return page("auth/one_time_link.html")
    try:
        person = service.use_link(db_session(), token, now=clock.now())
        login.sign_in(person, "one-time link")
    except NotFound:
        trail.note("auth.sign_in", outcome="refused", method="one-time link")
        raise
    trail.note("auth.sign_in", actor=person.name, actor_id=person.id, method="one-time link")
    return redirect(url_for("home.index"), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session; a page then takes the browser on to the provider that began it."""
    reader = viewer()
    going = departures.begin(db_session(), reader.session_id, now=clock.now())
    trail.note("auth.sign_out")
    login.sign_out(reader)
    return redirect(url_for("auth.signed_out", ticket=going[0] if going else None), code=303)


@bp.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """Say that the session is over; with a ticket, go on to sign out at the provider too."""
    if viewer_or_none():
        return redirect(url_for("home.index"), code=303)
    ticket = request.args.get("ticket", "")
    provider = departures.destination(db_session(), ticket, now=clock.now()) if ticket else None
    if provider is None:
        return page("auth/signed_out.html", provider="", leave="")
    leave = url_for(f"{provider.protocol}.leave", slug=provider.slug, ticket=ticket)
    answer = page("auth/signed_out.html", provider=provider.name, leave=leave)
    answer.headers["Refresh"] = f"0; url={leave}"
    return answer


@bp.get("/sign-in/prove")
def prove() -> ResponseReturnValue:
    """Ask a reader who wants to change something delicate to show once more who they are."""
    found = queries.session_with_provider(db_session(), viewer().session_id)
    providers = queries.providers_of(db_session(), viewer().id)
    begun_at = found.provider if found else None
    if begun_at and begun_at.enabled:
        providers = [begun_at]
    wanted = wanted_address()
    return page(
        "auth/prove.html",
        ways=[(one.name, start_address(one, wanted, prove=True)) for one in providers],
        method=found.method if found else "",
        next=wanted,
        command=shlex.join(
            ["foyer", "admin", "create", "--email", viewer().email, "--name", viewer().name]
        ),
    )


@bp.get("/settings/sessions")
def sessions() -> ResponseReturnValue:
    """List the browsers in which the reader is signed in."""
    me = viewer()
    shown = contexts.open_sessions(db_session(), me.id, now=clock.now(), this=me.session_id)
    return page("auth/sessions.html", sessions=shown)


@bp.post("/settings/sessions/<int(max=2147483647):session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of the reader's own sessions; ending this one is signing out."""
    me = viewer()
    if session_id == me.session_id:
        return sign_out()
    service.end_session_of(db_session(), me.id, session_id)
    trail.note("auth.end_session", session=session_id)
    flash(_("That browser is signed out."))
    return redirect(url_for("auth.sessions"), code=303)


@bp.post("/settings/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End every session of the reader but this one."""
    me = viewer()
    count = service.end_sessions_of(db_session(), me.id, but=me.session_id)
    trail.note("auth.end_other_sessions", count=count)
    flash(_("All other browsers are signed out."))
    return redirect(url_for("auth.sessions"), code=303)


def _only_provider(ways: list[tuple[SignInWay, Mapping[str, Any]]]) -> IdentityProvider | None:
    """Return the provider that is the only way in, if there is one."""
    if [way for way, _needs in ways] != [provider_way.WAY]:
        return None
    ((_way, needs),) = ways
    found: list[tuple[IdentityProvider, str]] = needs["providers"]
    return found[0][0] if len(found) == 1 else None
