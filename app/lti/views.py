"""LTI over HTTP, by what the pages are about."""

from app.lti import admin_views, launch_views, picking_views
from app.lti.blueprint import bp

__all__ = ["admin_views", "bp", "launch_views", "picking_views"]
