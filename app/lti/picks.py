"""What a curator picked in a tool: content items of Deep Linking 2.0 (3.2) as items of ours.

What a tool sends is hostile text until it is looked at here: addresses are web addresses, texts
are plain, sizes have an end. An item that cannot be taken is told with the reason, not dropped.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.catalogue.records import ItemRecord, ToolRecord
from app.errors import Wording
from app.intake.text import plain, shown, web_address
from app.models import Tool
from app.models.sentence import parts_of, whole

RESOURCE_LINK = "ltiResourceLink"
LINK = "link"
MOST = 100
_LONGEST_ADDRESS = 2000
_LONGEST_CUSTOM = 2000
_MOST_CUSTOM = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One content item that can be taken. `resource` is the tool's own id of it, if it says one."""

    type: str
    url: str
    title: str
    text: str = ""
    resource: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_launched(self) -> bool:
        """Tell whether it opens by a launch; else it is a plain web address."""
        return self.type == RESOURCE_LINK

    @property
    def external_id(self) -> str:
        """Return what it is known by: picked again, it is the same item, whatever its title."""
        said = [self.type, self.url, self.resource, sorted(self.custom.items())]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sent:
    """What a tool sent: picks, and for each item that cannot be taken its name and the reason."""

    picks: tuple[Pick, ...]
    refused: tuple[tuple[str, Wording], ...]
    message: str = ""

    def as_json(self) -> dict[str, object]:
        """Return it as it is kept until the curator has looked through it."""
        return {
            "picks": [asdict(pick) for pick in self.picks],
            "refused": [{"name": name, "why": parts_of(why)} for name, why in self.refused],
            "message": self.message,
        }


def read(items: object, *, target: str, message: object = "") -> Sent:
    """Return what the content items of an answer are; `target` opens where one has no address."""
    listed = items if isinstance(items, list) else []
    picks: dict[str, Pick] = {}
    refused: list[tuple[str, Wording]] = []
    for item in listed[:MOST]:
        try:
            pick = _pick(item, target)
            picks.setdefault(pick.external_id, pick)
        except ValueError as error:
            refused.append((_name_of(item), error.args[0]))
    if len(listed) > MOST:
        left = Wording("only the first %(most)s items are taken at once", most=MOST)
        refused.append((str(len(listed) - MOST), left))
    return Sent(tuple(picks.values()), tuple(refused), _text(message, 300))


def picks_from(kept: Mapping[str, Any] | None) -> list[Pick]:
    """Return the picks that were kept."""
    return [Pick(**each) for each in (kept or {}).get("picks", [])]


def refused_from(kept: Mapping[str, Any] | None) -> list[tuple[str, Wording]]:
    """Return what was refused, and why, as it was kept."""
    return [(each["name"], whole(each["why"])) for each in (kept or {}).get("refused", [])]


def record_of(pick: Pick, tool: Tool, kind: str) -> ItemRecord:
    """Return the pick as the catalogue takes items."""
    return ItemRecord(
        tool=ToolRecord(slug=tool.slug, name=tool.name, kind=tool.kind),
        external_id=pick.external_id,
        kind=kind,
        source_kind=pick.type,
        title=pick.title or tool.name,
        url=pick.url,
        summary=pick.text,
    )


def _pick(item: object, target: str) -> Pick:
    """Return one content item; raise ValueError with a Wording for what cannot be taken."""
    if not isinstance(item, dict) or item.get("type") not in (RESOURCE_LINK, LINK):
        raise ValueError(Wording("it is neither a resource link nor a link"))
    kind = str(item["type"])
    address = item.get("url") or (target if kind == RESOURCE_LINK else "")
    if not isinstance(address, str) or not address:
        raise ValueError(Wording("it has no address"))
    if len(address) > _LONGEST_ADDRESS:
        raise ValueError(Wording("its address is too long"))
    line = item.get("lineItem")
    return Pick(
        type=kind,
        url=web_address(address),
        title=_text(item.get("title"), 500),
        text=_text(item.get("text"), 20_000),
        resource=_text(line.get("resourceId"), 300) if isinstance(line, dict) else "",
        custom=_custom(item.get("custom")),
    )


def _custom(values: object) -> dict[str, str]:
    """Return the custom parameters as texts, which is all that a launch may carry."""
    if values is None:
        return {}
    if not isinstance(values, dict) or len(values) > _MOST_CUSTOM:
        raise ValueError(Wording("its custom parameters cannot be read"))
    for name, value in values.items():
        readable = isinstance(value, str | int | float) or value is None
        if not readable or len(str(value)) > _LONGEST_CUSTOM or len(name) > 200:
            raise ValueError(Wording("its custom parameters cannot be read"))
    return {_kept(name): _kept("" if value is None else value) for name, value in values.items()}


def _kept(value: object) -> str:
    """Return a value as text that any database holds."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _text(value: object, longest: int) -> str:
    return plain(_kept(value)[: longest * 4])[:longest] if isinstance(value, str) else ""


def _name_of(item: object) -> str:
    title = _text(item.get("title"), 100) if isinstance(item, dict) else ""
    address = item.get("url") if isinstance(item, dict) else ""
    return title or (shown(address) if isinstance(address, str) and address else "–")
