"""The pages about care, gathered: importing this module gives the blueprint all its routes."""

from app.care import item_views, report_views, retire_views, review_views, rule_views
from app.care.blueprint import bp

__all__ = ["bp", "item_views", "report_views", "retire_views", "review_views", "rule_views"]
