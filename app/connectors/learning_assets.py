"""Reads assets as the LinkedIn Learning API describes them: words carry their locale.

https://learn.microsoft.com/en-us/linkedin/learning/reference/learningassets
"""

from collections.abc import Mapping
from typing import Any

from app.connectors.base import Presence

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600}


def described(row: Mapping[str, Any], *, sso: bool) -> Mapping[str, object]:
    """Return what is kept of an asset, without what changes all day.

    Its address is the one for single sign-on if `sso` says so and there is one.
    """
    details = part_of(row, "details")
    people = (words(one.get("name")) for one in list_of(details, "contributors"))
    return {
        "urn": str(row["urn"]),
        "type": str(row.get("type") or ""),
        "title": words(row.get("title")),
        "summary": words(details.get("shortDescription") or details.get("description")),
        "level": str(details.get("level") or ""),
        "seconds": _seconds(part_of(details, "timeToComplete")),
        "language": str(part_of(part_of(row, "title"), "locale").get("language") or ""),
        "publishedAt": details.get("publishedAt"),
        "skills": _skills(details),
        "authors": ", ".join(name for name in people if name),
        "url": _address(part_of(details, "urls"), sso=sso),
    }


def presence_of(row: Mapping[str, Any]) -> Presence:
    """Return whether an asset can be opened: one that is neither available nor retired is not."""
    available = part_of(row, "details").get("availability")
    if available == "RETIRED":
        return Presence.GONE
    return Presence.LIVE if available in {None, "AVAILABLE"} else Presence.HIDDEN


def total_of(page: object) -> int:
    """Return how many assets a list has in all its pages, as far as it says."""
    total = part_of(page, "paging").get("total")
    return total if isinstance(total, int) else 0


def goes_on(page: object, start: int) -> bool:
    """Tell whether a list has a next page: by its links or, without any, by its total."""
    links = list_of(part_of(page, "paging"), "links")
    return any(link.get("rel") == "next" for link in links) or (
        not links and start < total_of(page)
    )


def words(value: object) -> str:
    """Return the text of a value that carries its locale."""
    return str(value.get("value") or "") if isinstance(value, Mapping) else ""


def part_of(values: object, name: str) -> Mapping[str, Any]:
    """Return the object of this name, an empty one where there is none."""
    found = values.get(name) if isinstance(values, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def list_of(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of the list of this name."""
    found = values.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _address(urls: Mapping[str, Any], *, sso: bool) -> str:
    web, single = str(urls.get("webLaunch") or ""), str(urls.get("ssoLaunch") or "")
    return (single or web) if sso else (web or single)


def _seconds(time: Mapping[str, Any]) -> int:
    duration, unit = time.get("duration"), _SECONDS.get(str(time.get("unit")), 1)
    return int(duration) * unit if isinstance(duration, int | float) else 0


def _skills(details: Mapping[str, Any]) -> list[str]:
    found = list_of(details, "classifications")
    kinds = [part_of(one, "associatedClassification") for one in found]
    names = [words(kind.get("name")) for kind in kinds if kind.get("type") == "SKILL"]
    return [name for name in names if name]
