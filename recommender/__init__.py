"""Foyer's recommender: a library, plain rows in and slates with reasons out."""

from recommender.data import (
    VERBS,
    Context,
    Event,
    ItemFacts,
    Reason,
    ReasonCode,
    Recommendation,
    Slate,
)
from recommender.dataset import Dataset
from recommender.evaluate import evaluate
from recommender.history import Promotion
from recommender.log import EventLog
from recommender.model import Model, recount
from recommender.pipeline import explain, recommend, similar
from recommender.pool import Eligibility
from recommender.report import Report
from recommender.settings import Settings
from recommender.store import ModelStore
from recommender.training import train

__all__ = [
    "VERBS",
    "Context",
    "Dataset",
    "Eligibility",
    "Event",
    "EventLog",
    "ItemFacts",
    "Model",
    "ModelStore",
    "Promotion",
    "Reason",
    "ReasonCode",
    "Recommendation",
    "Report",
    "Settings",
    "Slate",
    "evaluate",
    "explain",
    "recommend",
    "recount",
    "similar",
    "train",
]
