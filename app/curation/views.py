"""Role pages: what readers see there, and how curators make them."""

from flask import Blueprint

bp = Blueprint("curation", __name__)
