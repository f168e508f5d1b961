"""Editing over HTTP, by what the pages are about."""

from app.editing import item_views, link_views
from app.editing.blueprint import bp

__all__ = ["bp", "item_views", "link_views"]
