"""Everything that can be set about a model, in one frozen tree that is stored with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from recommender.blend import BlendConfig
from recommender.counts import CountsConfig
from recommender.rules import RulesConfig
from recommender.scorers import (
    AlsConfig,
    ContentConfig,
    NeighboursConfig,
    PopularityConfig,
    RolePriorConfig,
    TransitionsConfig,
    TrendConfig,
)
from recommender.signals import ActivityConfig


@dataclass(frozen=True)
class EvaluationConfig:
    """How a model is measured before it may serve: on at most so many people and moments of each.

    `most_replayed` are the events after the cut that are looked at, `resamples` the draws of the
    bootstrap.
    """

    train_share: float = 0.8
    most_people: int = 1000
    most_moments: int = 3
    most_replayed: int = 30_000
    most_tuned_on: int = 3000
    fewest_tuned_on: int = 50
    fewest_people: int = 20
    resamples: int = 2000


@dataclass(frozen=True)
class Settings:
    """The settings of every step; the defaults are meant to be right."""

    activity: ActivityConfig = field(default_factory=ActivityConfig)
    taste: AlsConfig = field(default_factory=AlsConfig)
    near: NeighboursConfig = field(default_factory=NeighboursConfig)
    next: TransitionsConfig = field(default_factory=TransitionsConfig)
    role: RolePriorConfig = field(default_factory=RolePriorConfig)
    popular: PopularityConfig = field(default_factory=PopularityConfig)
    trend: TrendConfig = field(default_factory=TrendConfig)
    content: ContentConfig = field(default_factory=ContentConfig)
    counts: CountsConfig = field(default_factory=CountsConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    timeless: BlendConfig = field(default_factory=BlendConfig.timeless)
    rules: RulesConfig = field(default_factory=RulesConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Mapping[str, Any]]) -> "Settings":
        """Read what `to_json` wrote; raises TypeError for settings that are not known."""
        default = cls()
        parts = {each.name: type(getattr(default, each.name)) for each in fields(cls)}
        return cls(
            **{
                name: parts[name](**{key: _frozen(value) for key, value in given.items()})
                for name, given in values.items()
            }
        )


def _frozen(value: Any) -> Any:
    """Return lists, which JSON makes of tuples, as tuples again."""
    return tuple(value) if isinstance(value, list) else value
