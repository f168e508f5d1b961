"""Reads what an xAPI statement says: who did what with which activity, how far, how long, how good.

xAPI 1.0.3, part two (https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Data.md). Verbs are those
of ADL, cmi5, the video profile, the Tin Can registry and Activity Streams, whose IRIs are written
in two ways. A statement that tells of time (`result.duration`) yields a second event for it.
"""

import hashlib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.connectors.base import (
    SPENT,
    Account,
    AccountKind,
    Did,
    ErrorKind,
    Fail,
    SourceError,
    Withdrawn,
)
from app.errors import Wording

_ADL = "http://adlnet.gov/expapi/verbs/"
_VOIDED = f"{_ADL}voided"
_COMPLETED = frozenset(
    {
        *(f"{_ADL}{name}" for name in ("completed", "passed", "mastered")),
        "https://w3id.org/xapi/adl/verbs/satisfied",
        "http://activitystrea.ms/complete",
        "http://activitystrea.ms/schema/1.0/complete",
    }
)
_BEGUN = frozenset(
    {
        *(f"{_ADL}{name}" for name in ("launched", "initialized", "attempted", "experienced")),
        "http://activitystrea.ms/start",
        "http://activitystrea.ms/schema/1.0/start",
    }
)
_PART_WAY = frozenset(
    {
        *(f"{_ADL}{name}" for name in ("progressed", "suspended", "resumed", "terminated")),
        *(f"{_ADL}{name}" for name in ("exited", "failed", "interacted", "answered")),
        "https://w3id.org/xapi/video/verbs/played",
        "https://w3id.org/xapi/video/verbs/paused",
        "https://w3id.org/xapi/video/verbs/seeked",
    }
)
_RATED = frozenset({"http://id.tincanapi.com/verb/rated", f"{_ADL}rated"})
_ENDED = frozenset(
    {
        *(
            f"{_ADL}{name}"
            for name in ("progressed", "suspended", "terminated", "exited", "failed")
        ),
        "https://w3id.org/xapi/adl/verbs/abandoned",
    }
)
_CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
_CMI5_TIMES = frozenset({f"{_ADL}terminated", "https://w3id.org/xapi/adl/verbs/abandoned"})
_PERCENT = "https://w3id.org/xapi/cmi5/result/extensions/progress"
_N = r"(?:([0-9]{1,9}(?:[.,][0-9]{1,9})?)"
_DURATION = re.compile(rf"P{_N}W)?{_N}D)?(?:T{_N}H)?{_N}M)?{_N}S)?)?")
_UNITS = (604_800, 86_400, 3_600, 60, 1)
_SHARE = "https://w3id.org/xapi/video/extensions/progress"


def events_of(
    statement: object, hashed: Mapping[str, str], *, by_ids: bool = False
) -> Iterator[Did | Withdrawn | Fail]:
    """Yield what one statement says, if it says anything that Foyer keeps.

    `hashed` are the e-mail addresses of known people (`hashed_addresses`). With `by_ids` the
    activity's id may be an external id as well as an address.
    """
    if not isinstance(statement, Mapping) or not isinstance(statement.get("id"), str):
        yield Fail("statement", _unreadable())
        return
    verb, about = _part(statement, "verb").get("id"), _part(statement, "object")
    if verb == _VOIDED and about.get("objectType") == "StatementRef":
        yield Withdrawn(str(about.get("id")))
    elif about.get("objectType", "Activity") == "Activity":
        yield from _dids(statement, hashed, by_ids=by_ids)


def _dids(
    statement: Mapping[str, Any], hashed: Mapping[str, str], *, by_ids: bool
) -> Iterator[Did | Fail]:
    """Yield what a statement about an activity says: that something was done, and for how long."""
    verb = _part(statement, "verb").get("id")
    counts, seconds = _counts(verb, statement), _seconds(verb, statement)
    stars = _stars(_part(_part(statement, "result"), "score")) if verb in _RATED else None
    if not counts and seconds is None and stars is None:
        return
    did = _did(statement, hashed, by_ids=by_ids)
    if isinstance(did, Fail):
        yield did
        return
    if stars is not None:
        yield replace(did, verb="rated", value=stars, progress=None)
    elif counts:
        yield did
    if seconds is not None:
        yield replace(did, id=did.id + SPENT, verb="spent", value=seconds, progress=None)


def _did(statement: Mapping[str, Any], hashed: Mapping[str, str], *, by_ids: bool) -> Did | Fail:
    activity = str(_part(statement, "object").get("id") or "")
    at = moment(statement.get("timestamp")) or moment(statement.get("stored"))
    account = _account(_part(statement, "actor"), hashed)
    if at is None or account is None or not activity:
        return Fail(str(statement["id"]), _unreadable())
    done = _is_done(statement)
    return Did(
        id=str(statement["id"]),
        account=account,
        verb="completed" if done else "launched",
        at=at,
        external_id=activity if by_ids else "",
        address=activity,
        progress=1.0 if done else _progress(statement),
    )


def _part(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def _unreadable() -> SourceError:
    return SourceError(
        ErrorKind.SCHEMA, Wording("The statement does not say who did what, and when.")
    )


def hashed_addresses(people: Collection[Account]) -> dict[str, str]:
    """Return the e-mail addresses by the SHA-1 of their mailto IRI (xAPI-Data, 2.4.2.3)."""
    return {
        hashlib.sha1(f"mailto:{one.name}".encode(), usedforsecurity=False).hexdigest(): one.name
        for one in people
        if one.kind is AccountKind.EMAIL
    }


def _account(actor: Mapping[str, Any], hashed: Mapping[str, str]) -> Account | None:
    """Return whom an actor names by its inverse functional identifier; None for nobody."""
    address = str(actor.get("mbox") or "").removeprefix("mailto:")
    checksum = str(actor.get("mbox_sha1sum") or "").lower()
    account = _part(actor, "account")
    if address:
        return Account(AccountKind.EMAIL, address.casefold())
    if checksum in hashed:
        return Account(AccountKind.EMAIL, hashed[checksum])
    if checksum:
        return Account(AccountKind.ACCOUNT, checksum, "mbox_sha1sum")
    if account.get("name") and account.get("homePage"):
        return Account(AccountKind.ACCOUNT, str(account["name"]), str(account["homePage"]))
    openid = str(actor.get("openid") or "")
    return Account(AccountKind.ACCOUNT, openid, "openid") if openid else None


def _counts(verb: object, statement: Mapping[str, Any]) -> bool:
    """Tell whether somebody began, ended or moved on; mere clicks within say nothing of that."""
    moves = verb in _PART_WAY and (_is_done(statement) or _progress(statement) is not None)
    return verb in _COMPLETED or verb in _BEGUN or moves


def _is_done(statement: Mapping[str, Any]) -> bool:
    """Tell whether it says that the activity is completed; the result outweighs the verb."""
    ended = _part(statement, "result").get("completion")
    return ended is True or (
        _part(statement, "verb").get("id") in _COMPLETED and ended is not False
    )


def _progress(statement: Mapping[str, Any]) -> float | None:
    """Return the share that is done where the result says it: cmi5's percent or a video's."""
    extensions = _part(_part(statement, "result"), "extensions")
    for name, whole in ((_PERCENT, 100.0), (_SHARE, 1.0)):
        value = extensions.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value <= whole:
            return float(value) / whole
    return None


def _seconds(verb: object, statement: Mapping[str, Any]) -> float | None:
    """Return how long it took, where the statement is one that says so.

    The times of cmi5 overlap (completed, passed and terminated each begin with the session), so of
    those only the session's own counts (cmi5, 9.5.4.1).
    """
    known = verb in _COMPLETED or verb in _BEGUN or verb in _ENDED
    if not known or (_is_cmi5(statement) and verb not in _CMI5_TIMES):
        return None
    return seconds_of(_part(statement, "result").get("duration"))


def _is_cmi5(statement: Mapping[str, Any]) -> bool:
    found = _part(_part(statement, "context"), "contextActivities").get("category")
    categories = found if isinstance(found, list) else [found]
    return any(isinstance(one, Mapping) and one.get("id") == _CMI5 for one in categories)


def _stars(score: Mapping[str, Any]) -> float | None:
    """Return a score as 1 to 5 stars: its place between min and max, or else its scaled share."""
    raw, least, most, scaled = (
        _number(score.get(name)) for name in ("raw", "min", "max", "scaled")
    )
    if raw is not None and least is not None and most is not None and least < most:
        return 1 + 4 * min(max((raw - least) / (most - least), 0.0), 1.0)
    return None if scaled is None else min(max(5 * scaled, 1.0), 5.0)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def seconds_of(value: object) -> float | None:
    """Return the seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds.

    None for anything else: how long years and months are is not said (xAPI-Data, 4.2.7).
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        return None
    parts = (float(part.replace(",", ".")) if part else 0.0 for part in found.groups())
    return sum(part * unit for part, unit in zip(parts, _UNITS, strict=True))


def moment(value: object) -> datetime | None:
    """Return a moment of ISO 8601; one without an offset is UTC (xAPI-Data, 4.2.7)."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
