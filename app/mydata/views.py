"""My data, and the way to a tool and back by which a reader lets Foyer ask it as them.

A form leads to a page with a link, since the policy's `form-action 'self'` counts redirects too.
The tool sends the browser back by GET, which therefore changes something: the state it brings is
good once, for the reader and the session that left (RFC 6749, 10.12; RFC 9700, 4.7).
"""

import re

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.activity import pauses
from app.audit import trail
from app.connectors.base import SourceError
from app.errors import NotFound, Untrusted, Wording
from app.harvest import own_accounts, own_tokens
from app.harvest.own_accounts import Back
from app.harvest.reaching import Parts
from app.models import Connection
from app.mydata import contexts, queries
from app.mydata.parts import parts
from app.playlists.feeds import feed_of
from app.playlists.queries import absences_of
from app.web.addresses import public_address
from app.web.errors import translated
from app.web.forms import page_of_the_form
from app.web.htmx import page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer, viewer_or_none

bp = Blueprint("mydata", __name__)
_ANSWER = ("code", "state", "error", "iss")
_CODE = re.compile(r"[\x21-\x7e]{1,16384}")
_ERROR = re.compile(r"[a-z_]{1,60}")
_PREFETCH = ("Purpose", "Sec-Purpose", "X-Moz")
_UNREADABLE = Wording("What came back cannot be read. Please begin again.")


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/my-data")
def index() -> ResponseReturnValue:
    """Show which accounts of the reader Foyer may ask with, and what else it keeps of them."""
    tools = own_accounts.tools_of(db_session(), parts(), viewer().id)
    return page(
        "mydata/index.html",
        tools=[contexts.seen(one) for one in tools],
        paused_since=pauses.paused_since(db_session(), viewer().id),
        absences=len(absences_of(db_session(), viewer().id)),
        feed=feed_of(db_session(), viewer().id),
    )


@bp.post("/my-data/accounts/<slug>/connect")
def connect(slug: str) -> ResponseReturnValue:
    """Begin to connect an account, and show the page that leads to the tool."""
    me, connection = viewer(), _offered(slug)
    own_accounts.begin(
        db_session(),
        parts(),
        connection,
        person_id=me.id,
        session_id=me.session_id,
        return_to=page_of_the_form(url_for("mydata.index")),
    )
    return redirect(url_for("mydata.leave", slug=slug), code=303)


@bp.get("/my-data/accounts/<slug>/leave")
def leave(slug: str) -> ResponseReturnValue:
    """Say what the reader will be asked, with the link to the tool."""
    me, connection = viewer(), _offered(slug)
    try:
        address = own_accounts.way_there(
            db_session(),
            parts(),
            connection,
            person_id=me.id,
            session_id=me.session_id,
            redirect_uri=_redirect_uri(),
        )
    except SourceError as error:
        return _not_connected(connection, error.sentence)
    if not address:
        return redirect(url_for("mydata.index"), code=303)
    answer = page("mydata/leave.html", tool=connection.tool, address=address)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.get("/my-data/accounts/callback")
def callback() -> ResponseReturnValue:
    """Take back a reader whom a tool sends, and keep what they let Foyer have.

    Whoever is not signed in any more begins again: a code is carried through no sign-in.
    """
    me = viewer_or_none()
    if me is None:
        return redirect(url_for("mydata.index"), code=303)
    if request.method == "HEAD" or _is_prefetch():
        return Response(status=204)
    try:
        answer = _answer()
        back = own_accounts.take_back(
            db_session(), parts(), answer["state"], person_id=me.id, session_id=me.session_id
        )
    except Untrusted as refusal:
        return _not_connected(None, refusal.sentence, reason=refusal.reason)
    db_session().commit()  # the state is used up, whatever comes of it
    connection = queries.connection(db_session(), back.connection_id)
    if connection is None:
        raise NotFound(_("There is no such tool."))
    return _taken_back(parts(), connection, back, answer)


@bp.post("/my-data/accounts/<slug>/disconnect")
def disconnect(slug: str) -> ResponseReturnValue:
    """Forget the reader's account, and let the tool forget it where it can."""
    me, connection = viewer(), _connection(slug)
    if own_accounts.account_of(db_session(), me.id, connection.id) is None:
        raise NotFound(_("You have no account connected there."))
    name = connection.tool.name
    db_session().commit()  # nobody waits for this transaction while the tool is asked
    whose = {"person_id": me.id, "connection_id": connection.id}
    told = own_accounts.revoke(parts(), **whose)
    own_accounts.forget(db_session(), **whose)
    trail.note("mydata.disconnect", subject=f"tool {slug}", revoked_there=told)
    if told:
        flash(_("Your account is disconnected, and %(tool)s has forgotten it too.", tool=name))
    else:
        flash(
            _(
                "Foyer has forgotten your account. %(tool)s was not told: take Foyer’s access away "
                "there, among the apps of your account.",
                tool=name,
            )
        )
    return redirect(url_for("mydata.index"), code=303)


def _taken_back(
    given: Parts, connection: Connection, back: Back, answer: dict[str, str]
) -> ResponseReturnValue:
    """Change the code for tokens; whatever the tool says instead is told in words."""
    db_session().commit()  # nobody waits for this transaction while the tool is asked
    if answer["error"]:
        return _not_connected(connection, _why(answer["error"]), reason=answer["error"])
    try:
        found = own_accounts.exchange(
            given,
            connection,
            back,
            code=answer["code"],
            redirect_uri=_redirect_uri(),
            issuer=answer["iss"],
        )
        own_tokens.keep_new(db_session(), given, connection, viewer().id, found.grant, found.name)
    except SourceError as error:
        return _not_connected(connection, error.sentence, reason=error.kind.value)
    trail.note("mydata.connect", subject=f"tool {connection.tool.slug}")
    tool = connection.tool.name
    name = found.name or viewer().name
    flash(_("%(tool)s is searched as %(name)s from now on.", tool=tool, name=name))
    return redirect(back.return_to or url_for("mydata.index"), code=303)


def _answer() -> dict[str, str]:
    """Return what the browser brings; raise Untrusted for what has no form that could be one.

    No parameter may stand there twice (RFC 6749, 3.1).
    """
    given = {name: request.args.getlist(name) for name in _ANSWER}
    if any(len(found) > 1 for found in given.values()):
        raise Untrusted(_UNREADABLE, "a parameter of the answer stands there twice")
    answer = {name: next(iter(found), "").strip() for name, found in given.items()}
    if not answer["state"]:
        raise Untrusted(_UNREADABLE, "the answer carries no state")
    if not answer["error"] and not _CODE.fullmatch(answer["code"]):
        raise Untrusted(_UNREADABLE, "the answer carries no code")
    return answer


def _why(error: str) -> Wording:
    if error == "access_denied":
        return Wording("You did not agree there, so nothing was connected.")
    code = error if _ERROR.fullmatch(error) else "?"
    return Wording("The tool did not connect the account (%(code)s).", code=code)


def _not_connected(
    connection: Connection | None, sentence: str, *, reason: str = ""
) -> ResponseReturnValue:
    """Say why on My data, so that no code or state stays in an address."""
    subject = f"tool {connection.tool.slug}" if connection else ""
    trail.note("mydata.connect", subject=subject, outcome="refused", reason=reason[:100])
    why = translated(sentence)
    flash(_("Your account is not connected. %(why)s", why=why), "error")
    return redirect(url_for("mydata.index"), code=303)


def _offered(slug: str) -> Connection:
    """Return the connection of a tool where accounts can be connected; raise NotFound."""
    found = _connection(slug)
    if not own_accounts.is_offered(parts(), found):
        raise NotFound(_("Accounts cannot be connected there."))
    return found


def _connection(slug: str) -> Connection:
    found = queries.connection_named(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no such tool."))
    return found


def _redirect_uri() -> str:
    return public_address("mydata.callback")


def _is_prefetch() -> bool:
    return any("prefetch" in request.headers.get(name, "") for name in _PREFETCH)
