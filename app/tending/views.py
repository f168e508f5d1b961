"""Tending search and recommendations: the pages, by what they are about."""

from app.tending import experiment_views, model_views, quality_views, synonym_views
from app.tending.blueprint import bp

__all__ = ["bp", "experiment_views", "model_views", "quality_views", "synonym_views"]
