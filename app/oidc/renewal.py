"""Newer keys of a provider, fetched and kept in the midst of a request.

What was learned is kept in transactions of its own: a refused request is rolled back, and the
rule that a provider is asked at most once a minute must outlive that. No transaction is open
while the provider is asked, so that a slow one holds up nobody.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.db import Database
from app.errors import Invalid, Unavailable
from app.models import IdentityProvider
from app.oidc import discovery
from app.oidc.wire import Wire

log = logging.getLogger(__name__)


class Renewal:
    """Asks one provider for what it publishes now; `wire` is the visit's own client."""

    def __init__(
        self, database: Database, wire: Wire, provider: IdentityProvider, *, now: datetime
    ) -> None:
        """Take the provider as the request has loaded it."""
        self._database, self._wire, self._now = database, wire, now
        self._provider_id, self._issuer = provider.id, provider.entity_id
        self._known = provider.discovery

    def fresh(self) -> Mapping[str, Any]:
        """Return what is known, newer if it was old; the last good copy if nothing newer is had."""
        if discovery.is_stale(self._known, now=self._now):
            return self() or self._known
        return self._known

    def __call__(self) -> Mapping[str, Any] | None:
        """Return what the provider publishes now, or None if it was asked just before or fails."""
        if not discovery.may_ask(self._known, now=self._now):
            return None
        self._keep({**self._known, "tried_at": self._now.isoformat()})
        try:
            newer = discovery.discover(self._wire, self._issuer, now=self._now)
        except (Invalid, Unavailable) as error:
            log.warning("provider %s: nothing newer could be read: %s", self._provider_id, error)
            return None
        if newer["jwks"] != self._known.get("jwks"):
            log.info("provider %s has changed its keys", self._provider_id)
        self._keep(newer)
        return newer

    def _keep(self, known: dict[str, Any]) -> None:
        self._known = known
        with self._database.transaction() as own:
            row = own.get(IdentityProvider, self._provider_id)
            if row is not None:
                row.discovery = known
