"""The one blueprint of the pages about care: the review queue, rules, retiring, reports."""

from flask import Blueprint, g

bp = Blueprint("care", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "curate"
