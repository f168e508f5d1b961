"""The pages about tools, gathered: importing this module gives the blueprint all its routes."""

from app.tools import reading_views, tool_views
from app.tools.blueprint import bp

__all__ = ["bp", "reading_views", "tool_views"]
