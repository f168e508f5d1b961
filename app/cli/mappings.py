"""Finds the mapping that an import of people names: a provider's, a SCIM client's, or a file's."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.intake.reader import UnreadableError
from app.models import IdentityProvider, ScimClient
from app.people.mapping import AttributeMapping


def mapping_named(session: Session, name: str) -> AttributeMapping:
    """Return the mapping of the provider or SCIM client with this slug, or in this JSON file.

    Raises UnreadableError when there is none, or when it cannot be used.
    """
    stored = _stored(session, name)
    try:
        return AttributeMapping.from_json(_in_file(Path(name)) if stored is None else stored)
    except Invalid as error:
        raise UnreadableError(f"the mapping {name} cannot be used: {error}") from error


def _stored(session: Session, slug: str) -> Any:
    for table in (IdentityProvider, ScimClient):
        found = session.scalar(select(table.mapping).where(table.slug == slug))
        if found is not None:
            return found
    return None


def _in_file(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        why = f"there is no identity provider, SCIM client or file called {path}"
        raise UnreadableError(why) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the mapping {path} is not JSON") from error
