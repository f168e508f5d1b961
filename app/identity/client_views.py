"""Pages about SCIM clients: connecting a directory, its tokens, and switching it off."""

from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.errors import Conflict, Invalid, NotFound
from app.identity import queries
from app.identity.answers import complaints
from app.identity.blueprint import bp
from app.identity.forms import SCOPES, AddClientForm, TokenForm
from app.models import ScimClient, ScimToken
from app.scim import queries as scim_queries
from app.scim import service as scim
from app.scim.service import Scope
from app.web.errors import in_words
from app.web.htmx import page
from app.web.unit_of_work import config, db_session

_CLIENT = "/scim/<slug>"


@bp.route("/scim", methods=["GET", "POST"])
def clients() -> ResponseReturnValue:
    """List the SCIM clients; add one."""
    form = AddClientForm()
    if request.method == "POST" and form.validate():
        try:
            made = scim.add_client(db_session(), form.name.data, now=clock.now())
        except (Invalid, Conflict) as refusal:
            form.name.errors = [in_words(refusal)]
        else:
            trail.note("identity.add_client", subject=f"SCIM client {made.slug}", name=made.name)
            return redirect(url_for("identity.client", slug=made.slug), code=303)
    status = 422 if request.method == "POST" else 200
    rows = queries.clients(db_session())
    return page("identity/clients.html", rows=rows, form=form, status=status)


@bp.get(_CLIENT)
def client(slug: str) -> ResponseReturnValue:
    """Show a SCIM client: its address, its tokens."""
    return _show(client_or_404(slug), TokenForm(formdata=None))


@bp.post(f"{_CLIENT}/switch")
def switch_client(slug: str) -> ResponseReturnValue:
    """Listen to the directory, or refuse all its tokens."""
    found, on = client_or_404(slug), request.form.get("enabled") == "1"
    scim.switch_client(db_session(), found, enabled=on)
    trail.note("identity.switch_client", subject=f"SCIM client {slug}", enabled=on)
    flash(_("The directory is listened to.") if on else _("Every token is refused now."))
    return redirect(url_for("identity.client", slug=slug), code=303)


@bp.post(f"{_CLIENT}/tokens")
def add_token(slug: str) -> ResponseReturnValue:
    """Make a token and show it this once."""
    found, form = client_or_404(slug), TokenForm()
    if not form.validate():
        return _show(found, form, status=422)
    scopes = [Scope(word) for word in form.scopes.data]
    life = timedelta(days=int(form.days.data))
    token = scim.issue_token(db_session(), found, scopes=scopes, life=life, now=clock.now())
    db_session().refresh(found, ["tokens"])
    made = found.tokens[-1]
    trail.note(
        "identity.add_token",
        subject=f"SCIM client {slug}",
        token=made.hint,
        scopes=made.scopes,
        expires_at=made.expires_at.isoformat(),
    )
    return _show(found, TokenForm(formdata=None), token=token)


@bp.post(f"{_CLIENT}/tokens/<int(max=2147483647):token_id>/revoke")
def revoke_token(slug: str, token_id: int) -> ResponseReturnValue:
    """End a token with the next request."""
    token = _token_or_404(client_or_404(slug), token_id)
    scim.revoke_token(db_session(), token, now=clock.now())
    trail.note("identity.revoke_token", subject=f"SCIM client {slug}", token=token.hint)
    flash(_("The token has ended."))
    return redirect(url_for("identity.client", slug=slug), code=303)


def client_or_404(slug: str) -> ScimClient:
    """Return the SCIM client with its tokens; raise NotFound when there is none."""
    found = scim_queries.client_named(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no such SCIM client."))
    return found


def _token_or_404(client: ScimClient, token_id: int) -> ScimToken:
    found = next((each for each in client.tokens if each.id == token_id), None)
    if found is None:
        raise NotFound(_("There is no such token."))
    return found


def _show(
    client: ScimClient, form: TokenForm, *, token: str = "", status: int = 200
) -> ResponseReturnValue:
    return page(
        "identity/client.html",
        client=client,
        form=form,
        errors=complaints(form),
        token=token,
        address=config().base_url + "/scim/v2",
        scope_names={each.value: each.label for each in SCOPES},
        day_choices=[(each[0], each[1], each[2]) for each in form.days.iter_choices()],
        rule_count=len(client.mapping.get("rules", ())),
        now=clock.now(),
        status=status,
    )
