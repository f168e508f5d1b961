"""What was ever offered to serve, and what became of it: one line of JSON each, the newest last."""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from recommender.disk import sync

log = logging.getLogger(__name__)

REMEMBERED = 100
_LATEST = 4_000_000_000.0


@dataclass(frozen=True)
class Origin:
    """What a model was made from, with what, and what that took; `peak_bytes` is of memory."""

    events: int = 0
    people: int = 0
    items: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    engine: str = ""


@dataclass(frozen=True)
class Promotion:
    """Whether a model was accepted and why, with everything that was measured.

    `why` is a sentence in English; `code` names it and `values` fill it, for other languages. `at`
    is when it was offered, `trained_at` up to when activity counts (unix seconds).
    """

    accepted: bool
    why: str
    name: str
    trained_at: float
    ndcg: float | None
    at: float = 0.0
    code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    forced: bool = False
    origin: Origin = field(default_factory=Origin)
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Promotion":
        """Read what `asdict` and JSON made of a promotion; a former one has fewer fields.

        Raises TypeError for what is no promotion, ValueError for a moment that cannot be.
        """
        if not isinstance(values, Mapping):
            raise TypeError("a promotion is written as an object")
        known = {each.name for each in fields(cls)}
        found = cls(**{key: one for key, one in values.items() if key in known})
        if not (0 <= found.trained_at < _LATEST and 0 <= found.at < _LATEST):
            raise ValueError("a model is of a moment that cannot be")
        if isinstance(found.origin, Mapping):
            return replace(found, origin=Origin(**found.origin))
        return found


class History:
    """The file of promotions; whoever writes holds the store's lock."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, which need not exist yet."""
        self.path = path

    def read(self) -> list[Promotion]:
        """Return the promotions, oldest first; a line that is cut off or changed is left out."""
        try:
            lines = self.path.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return [found for line in lines if (found := _read(line)) is not None]

    def add(self, promotion: Promotion) -> None:
        """Write one more, in one step, and forget those beyond the last `REMEMBERED`."""
        kept = [*self.read(), promotion][-REMEMBERED:]
        fresh = self.path.with_suffix(".fresh")
        with fresh.open("w") as file:
            file.writelines(json.dumps(asdict(each)) + "\n" for each in kept)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        sync(self.path.parent)


def _read(line: str) -> Promotion | None:
    try:
        return Promotion.from_json(json.loads(line))
    except (ValueError, TypeError):
        log.warning("a line of the history of models cannot be read")
        return None
