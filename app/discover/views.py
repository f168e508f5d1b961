"""The search page and the item page."""

from flask import Blueprint

bp = Blueprint("discover", __name__)
