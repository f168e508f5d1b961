"""A browser comes back from an OpenID provider: whom it brings, or why nobody."""

from dataclasses import replace

from flask import request
from flask_babel import gettext as _

from app import clock
from app.auth import pending
from app.auth.arrivals import Arrival
from app.errors import Unavailable, Untrusted
from app.models import IdentityProvider, PendingSignIn, Purpose
from app.oidc import service
from app.oidc.leave import registration_at
from app.oidc.renewal import Renewal
from app.oidc.wire import Wire
from app.web.unit_of_work import config, db_session, resources


class Declined(Untrusted):
    """The provider did not sign the person in, and says why."""


class Silent(Unavailable):
    """The provider did not answer when it was asked; `reason` is technical, for the audit log."""

    def __init__(self, sentence: str, reason: str) -> None:
        """Keep both."""
        super().__init__(sentence)
        self.reason = reason


def take_back(provider: IdentityProvider) -> tuple[service.Answer, PendingSignIn]:
    """Return what this request brings from the provider, and the sign-in under way that it ends.

    The sign-in is used up at once, whatever comes of it, and no transaction stays open while the
    provider is asked. Raises Untrusted.
    """
    answer = service.read_answer(request.args.to_dict(flat=False))
    browser = pending.browser_token(config())
    waiting = pending.take(
        db_session(), provider, request_id=answer.state, browser=browser, now=clock.now()
    )
    db_session().commit()
    return answer, waiting


def read_arrival(
    provider: IdentityProvider, answer: service.Answer, waiting: PendingSignIn
) -> Arrival:
    """Return who has arrived, once the provider has been asked and every check has passed.

    Raises Declined, Silent or Untrusted.
    """
    if not provider.enabled and waiting.purpose != Purpose.TEST.value:
        raise Untrusted(
            _("%(name)s is switched off at the moment.", name=provider.name),
            "the provider is switched off",
        )
    registration = registration_at(provider)
    service.check_answer(registration, answer)
    if answer.error:
        said = f"{answer.error}: {answer.error_description}".rstrip(": ")
        raise Declined(_in_words(provider.name, answer.error), said)
    try:
        return _arrival(provider, registration, answer, waiting)
    except Unavailable as error:
        sentence = _("%(name)s does not answer. Try again in a few minutes.", name=provider.name)
        raise Silent(sentence, str(error)[:300]) from error


def _arrival(
    provider: IdentityProvider,
    registration: service.Registration,
    answer: service.Answer,
    waiting: PendingSignIn,
) -> Arrival:
    now = clock.now()
    anew = waiting.purpose == Purpose.STEP_UP.value
    expected = service.Waiting(
        nonce=waiting.nonce,
        code_verifier=waiting.code_verifier,
        proved_after=waiting.created_at if anew else None,
    )
    with Wire(config().private_hosts) as wire:
        renewal = Renewal(resources().database, wire, provider, now=now)
        registration = replace(registration, known=renewal.fresh())
        return service.arrive(registration, wire, answer, expected, renew=renewal, now=now)


def _in_words(name: str, error: str) -> str:
    if error == "access_denied":
        return _("You cancelled signing in, or %(name)s does not let you in here.", name=name)
    if error in {"server_error", "temporarily_unavailable"}:
        return _("%(name)s cannot sign anybody in at the moment.", name=name)
    return _("%(name)s could not sign you in.", name=name)
