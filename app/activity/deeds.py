"""What a tool or a file tells of a person, once it is known who and what is meant."""

from dataclasses import dataclass
from datetime import datetime

from app.models import Verb


@dataclass(frozen=True, slots=True)
class Deed:
    """A statement whose person and item are known; `value` is as that of an activity."""

    person_id: int
    item_id: int
    verb: Verb
    at: datetime
    source: str
    external_id: str | None
    value: float | None = None
