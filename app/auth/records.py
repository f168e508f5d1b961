"""Keeps, for the administrator's page, what came in at a sign-in and what Foyer made of it.

`received` is the attributes by name, each a list of texts, capped, secrets left out. `made` is::

    {"fields": {"email": "ada@example.org", "roles": ["Mentor"], ...},    what was said
     "access": "curator",                     null where no rule speaks of access
     "origins": {"email": "mail", ...},       which attribute a field came from
     "unread": ["title", ...],                attributes that nothing was made of
     "remarks": [{"template": "...", "values": {...}}],        sentences to be translated
     "changes": [{"field": "name", "before": "", "after": "Ada"}],
     "is_new": false,                         whether a person was added
     "is_first": true}                        whether this was the first visit with this provider
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import Purpose, SignInRecord
from app.people.directory import Change, Taken
from app.people.mapping import Profile

KEPT = 50
MOST_ATTRIBUTES, MOST_VALUES, LONGEST_VALUE = 100, 20, 300
_SECRETS = ("passw", "secret", "token", "credential")
_SHORT_SECRETS = frozenset({"pw", "pwd", "pass", "pin", "otp"})
_LEFT_OUT = ["(left out)"]
_FIELDS = (
    "email",
    "name",
    "given_name",
    "external_id",
    "department",
    "location",
    "manager",
    "roles",
    "groups",
    "locale",
)


def keep(
    session: Session,
    provider_id: int,
    *,
    now: datetime,
    purpose: Purpose,
    accepted: bool,
    person_id: int | None = None,
    reason: str = "",
    subject: str = "",
    received: Mapping[str, Sequence[str]] | None = None,
    made: Mapping[str, Any] | None = None,
) -> SignInRecord:
    """Keep one record and sweep out all but the provider's newest.

    What proves nobody anybody can send; it only takes the place of its like.
    """
    record = SignInRecord(
        provider_id=provider_id,
        person_id=person_id,
        at=now,
        purpose=purpose.value,
        accepted=accepted,
        reason=_printable(reason, 500),
        subject=_printable(subject, 1024),
        received=capped(received or {}),
        made=dict(made or {}),
    )
    session.add(record)
    session.flush()
    alike = SignInRecord.subject == "" if not record.subject else SignInRecord.subject != ""
    mine = select(SignInRecord.id).where(SignInRecord.provider_id == provider_id, alike)
    newest = mine.order_by(SignInRecord.id.desc()).limit(KEPT)
    session.execute(
        delete(SignInRecord).where(
            SignInRecord.provider_id == provider_id, alike, SignInRecord.id.not_in(newest)
        )
    )
    return record


def capped(received: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the attributes as they are kept: few, short, printable and without secrets."""
    kept = {}
    for name in sorted(received)[:MOST_ATTRIBUTES]:
        values = [_printable(one, LONGEST_VALUE) for one in received[name][:MOST_VALUES]]
        kept[_printable(name, LONGEST_VALUE)] = _LEFT_OUT if _is_secret(name) else values
    return kept


def as_made(
    made: Profile, taken: Taken | None = None, *, is_new: bool = False, is_first: bool = False
) -> dict[str, Any]:
    """Return a profile and what became of it as JSON."""
    taken = taken or Taken()
    return {
        "fields": {name: _short(getattr(made, name)) for name in _FIELDS if name in made.said},
        "access": made.access.value if made.access else None,
        "origins": {name: _printable(where, LONGEST_VALUE) for name, where in made.origins.items()},
        "unread": [_printable(name, LONGEST_VALUE) for name in made.unread[:MOST_ATTRIBUTES]],
        "remarks": [
            {"template": one.template, "values": dict(one.values)}
            for one in (*made.remarks, *taken.remarks)
        ],
        "changes": as_json(taken.changes),
        "is_new": is_new,
        "is_first": is_first,
    }


def as_json(changes: Sequence[Change]) -> list[dict[str, str]]:
    """Return what changed in the directory as JSON, for a record or the audit log."""
    return [
        {
            "field": one.field,
            "before": _printable(one.before, LONGEST_VALUE),
            "after": _printable(one.after, LONGEST_VALUE),
        }
        for one in changes
    ]


def _short(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value[:MOST_ATTRIBUTES])


def _printable(text: str, longest: int) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text[:longest])


def _is_secret(name: str) -> bool:
    """Tell whether an attribute sounds like a secret: some providers send all that they hold."""
    name = name.lower()
    last = name.replace(":", "/").rpartition("/")[2]
    return last in _SHORT_SECRETS or any(word in name for word in _SECRETS)
