"""An item as a tool describes it: checked values, before any row is looked at."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date

from app.intake.text import slug

ItemKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRecord:
    """A tool by its slug, and what to write about it when it is new."""

    slug: str
    name: str
    kind: str = "library"
    home_url: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """What a tool says about one item. `skills` and `roles` are (slug, name) pairs.

    `channel` is the key of the channel in which to talk about it. Without `channel` or `audience`
    the item keeps its own; a new one is for everyone. `app_url` starts the tool's app, and `keys`
    are ids of a provider by which other tools know the item too; only a harvest tells of these.
    """

    tool: ToolRecord
    external_id: str
    kind: str
    title: str
    url: str
    app_url: str | None = None
    source_kind: str | None = None
    summary: str = ""
    minutes: int | None = None
    level: str | None = None
    language: str = "en"
    published_on: date | None = None
    licence: str | None = None
    attribution: str | None = None
    quality: float = 0.5
    skills: tuple[tuple[str, str], ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    audience: frozenset[str] | None = None
    channel: ItemKey | None = None
    keys: tuple[str, ...] = ()

    @property
    def key(self) -> ItemKey:
        """Return the item's identity: tool and external id."""
        return self.tool.slug, self.external_id

    def fingerprint(self) -> str:
        """Return a hash of every value that the tool says, except the channel, which is a link.

        What only a harvest tells counts where it is told, so that files keep their hashes.
        """
        values = {one.name: getattr(self, one.name) for one in fields(self)} | {
            "tool": self.tool.slug,
            "audience": None if self.audience is None else sorted(self.audience),
            "skills": [slug for slug, _ in self.skills],
            "roles": sorted(slug for slug, _ in self.roles),
            "published_on": str(self.published_on),
            "channel": None,
        }
        for name in ("app_url", "keys"):
            if not values[name]:
                del values[name]
        text = json.dumps(values, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def tool_slug(name: str) -> str:
    """Return the slug under which a tool with this name or slug is kept."""
    return slug(name)[:80].rstrip("-")
