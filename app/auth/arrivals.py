"""Somebody comes back from a provider: who they are here, and what becomes of the visit.

SAML and OIDC check their messages and hand over an `Arrival`; from here on both go the same way.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock
from app.audit import trail
from app.auth import login, records, service
from app.auth.recognition import Arrival, Visit, made_of, recognise
from app.errors import Untrusted, Wording
from app.models import IdentityProvider, LoginSession, PendingSignIn, Person, Purpose
from app.web.security import is_local_address
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer_or_none

__all__ = ["Arrival", "person_of", "refuse", "welcome"]
log = logging.getLogger(__name__)
SKEW = timedelta(seconds=60)
OTHER_PERSON = Wording("You have shown that you are somebody else than whoever is signed in here.")
NOT_ASKED = Wording("Your identity provider did not ask you again who you are.")
NO_LONGER_HERE = Wording("You are no longer signed in here. Sign in again.")
OVER_ALREADY = Wording("Your session at your identity provider is over already.")


def person_of(
    session: Session, provider: IdentityProvider, arrival: Arrival, *, now: datetime
) -> Person:
    """Return whom the provider speaks of, bringing the directory up to date; make them if allowed.

    A person is known by (provider, subject) alone (ASVS 5.0, 6.8.1). At a first visit somebody
    with the same e-mail address is taken to be them if the provider may speak for that domain and
    nobody else speaks for the person. Raises Untrusted when there is nobody.
    """
    return recognise(session, provider, arrival, now=now).person


def welcome(
    provider: IdentityProvider, pending: PendingSignIn, arrival: Arrival
) -> ResponseReturnValue:
    """End the visit as it was meant: sign in and go on, step up, or show what a test received.

    Keeps what was received and made of it, notes it for the audit log, and raises Untrusted.
    """
    try:
        return _ENDS[Purpose(pending.purpose)](provider, pending, arrival)
    except Untrusted as refusal:
        refuse(provider, refusal, pending=pending, arrival=arrival)


def refuse(
    provider: IdentityProvider | None,
    refusal: Exception,
    *,
    pending: PendingSignIn | None = None,
    arrival: Arrival | None = None,
    **details: Any,
) -> NoReturn:
    """Note a refused return: a record for the provider's page and one for the audit log.

    Both are kept though the request itself is rolled back, and so is that the sign-in under way
    was used up. `details` go to the audit log. Raises `refusal` at the end; one that was noted
    already is only raised.
    """
    if getattr(refusal, "is_noted", False):
        raise refusal
    refusal.is_noted = True  # type: ignore[attr-defined]
    reason = str(getattr(refusal, "reason", "") or f"{type(refusal).__name__}: {refusal}")[:500]
    purpose = Purpose(pending.purpose) if pending else Purpose.SIGN_IN
    subject = str(details.pop("subject", "") or (arrival.subject if arrival else ""))
    if provider:
        details |= {"provider": provider.slug, "issuer": provider.entity_id}
        made = _made_if_possible(provider, arrival)
        _keep_refusal(
            provider.id,
            pending.id if pending else None,
            purpose=purpose,
            reason=reason,
            subject=subject,
            received=arrival.attributes if arrival else None,
            made=made,
        )
    if arrival:
        details = _proof(arrival) | details
    details = getattr(refusal, "details", {}) | details
    trail.note(_ACTIONS[purpose], outcome="refused", subject=subject, reason=reason, **details)
    raise refusal


def _sign_in(
    provider: IdentityProvider, pending: PendingSignIn, arrival: Arrival
) -> ResponseReturnValue:
    now = clock.now()
    if arrival.ends_by and arrival.ends_by <= now:
        raise Untrusted(OVER_ALREADY, Wording("the provider's session ended before it arrived"))
    visit = recognise(db_session(), provider, arrival, now=now)
    if pending.session_id:
        service.end_session(db_session(), pending.session_id)
    login.sign_in(visit.person, provider.name[:40], _origin(provider, arrival))
    _keep(provider, pending, arrival, visit)
    return redirect(_onward(pending), code=303)


def _prove(
    provider: IdentityProvider, pending: PendingSignIn, arrival: Arrival
) -> ResponseReturnValue:
    """Note in the reader's session that they have shown anew who they are.

    A SAML answer comes as a POST from another site, without the session's own cookie; the session
    is the one from which this browser was sent out.
    """
    now = clock.now()
    proved_at = arrival.authenticated_at or now
    if proved_at < pending.created_at - SKEW:
        raise Untrusted(
            NOT_ASKED, Wording("the provider authenticated the person before it was asked to")
        )
    visit = recognise(db_session(), provider, arrival, now=now)
    reader = viewer_or_none()
    if visit.person.id != pending.person_id or (reader and reader.id != pending.person_id):
        raise Untrusted(
            OTHER_PERSON, Wording("the provider speaks of another person than the reader")
        )
    found = db_session().get(LoginSession, pending.session_id) if pending.session_id else None
    if found is None or found.person_id != visit.person.id or found.expires_at <= now:
        raise Untrusted(NO_LONGER_HERE, Wording("the session that asked is over"))
    login.prove(found.id, at=min(proved_at, now))
    _keep(provider, pending, arrival, visit)
    return redirect(_onward(pending), code=303)


def _try_out(
    provider: IdentityProvider, pending: PendingSignIn, arrival: Arrival
) -> ResponseReturnValue:
    """Go through a whole sign-in, take everything back, and show what came of it."""
    session, now = db_session(), clock.now()
    trial = session.begin_nested()
    try:
        visit = recognise(session, provider, arrival, now=now, reader_id=pending.person_id)
        person_id, reason, made = None if visit.is_new else visit.person.id, "", _made(visit)
    except Untrusted as refusal:
        person_id, reason = None, refusal.reason
        made = _made_if_possible(provider, arrival)
    finally:
        trial.rollback()
    record = records.keep(
        session,
        provider.id,
        now=now,
        purpose=Purpose.TEST,
        accepted=not reason,
        person_id=person_id,
        reason=reason,
        subject=arrival.subject,
        received=arrival.attributes,
        made=made,
    )
    trail.note(_ACTIONS[Purpose.TEST], subject=provider.slug, **_proof(arrival), reason=reason)
    return redirect(url_for("identity.record", slug=provider.slug, record_id=record.id), code=303)


_ENDS: dict[Purpose, Callable[[IdentityProvider, PendingSignIn, Arrival], ResponseReturnValue]] = {
    Purpose.SIGN_IN: _sign_in,
    Purpose.STEP_UP: _prove,
    Purpose.TEST: _try_out,
}
_ACTIONS = {
    Purpose.SIGN_IN: "auth.sign_in",
    Purpose.STEP_UP: "auth.prove",
    Purpose.TEST: "auth.try_out",
}


def _keep(
    provider: IdentityProvider, pending: PendingSignIn, arrival: Arrival, visit: Visit
) -> None:
    """Keep the record of an accepted visit and note it for the audit log."""
    purpose, person = Purpose(pending.purpose), visit.person
    records.keep(
        db_session(),
        provider.id,
        now=clock.now(),
        purpose=purpose,
        accepted=True,
        person_id=person.id,
        subject=arrival.subject,
        received=arrival.attributes,
        made=_made(visit),
    )
    trail.note(
        _ACTIONS[purpose],
        subject=arrival.subject,
        actor=person.name,
        actor_id=person.id,
        provider=provider.slug,
        issuer=provider.entity_id,
        changes=records.as_json(visit.taken.changes),
        **_proof(arrival),
    )


def _keep_refusal(provider_id: int, pending_id: int | None, **record: Any) -> None:
    """Write a refusal in a transaction of its own, after the request's gave up its lock."""
    db_session().rollback()
    now = clock.now()
    try:
        with resources().database.transaction() as own:
            records.keep(own, provider_id, now=now, accepted=False, **record)
            if pending_id:
                own.execute(
                    update(PendingSignIn).where(PendingSignIn.id == pending_id).values(used_at=now)
                )
    except SQLAlchemyError:
        log.exception("the record of a refusal could not be kept")


def _made(visit: Visit) -> dict[str, Any]:
    return records.as_made(visit.made, visit.taken, is_new=visit.is_new, is_first=visit.is_first)


def _made_if_possible(provider: IdentityProvider, arrival: Arrival | None) -> dict[str, Any]:
    try:
        return records.as_made(made_of(provider, arrival)) if arrival else {}
    except Untrusted:
        return {}


def _proof(arrival: Arrival) -> dict[str, Any]:
    """Return what the audit log keeps of the message (ASVS 5.0, 16.3.1)."""
    return {"message": arrival.message_id[:300], "fingerprint": arrival.fingerprint[:300]}


def _origin(provider: IdentityProvider, arrival: Arrival) -> service.Origin:
    return service.Origin(
        provider_id=provider.id,
        subject=arrival.subject,
        subject_format=arrival.subject_format,
        session_index=arrival.session_index,
        id_token_sealed=resources().vault.seal(arrival.id_token),
        authenticated_at=arrival.authenticated_at,
        ends_by=arrival.ends_by,
    )


def _onward(pending: PendingSignIn) -> str:
    """Return where the browser wanted to go, if that is inside Foyer."""
    return pending.next_url if is_local_address(pending.next_url) else url_for("home.index")
