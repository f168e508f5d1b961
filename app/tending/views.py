"""Tending the search: the pages, by who uses them."""

from app.tending import quality_views, synonym_views
from app.tending.blueprint import bp

__all__ = ["bp", "quality_views", "synonym_views"]
