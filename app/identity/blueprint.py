"""The one blueprint of the pages about identity providers and SCIM clients."""

from flask import Blueprint, g

bp = Blueprint("identity", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = "admin"
