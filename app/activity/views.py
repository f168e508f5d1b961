"""Saving, finishing, dismissing and opening items."""

from flask import Blueprint

bp = Blueprint("activity", __name__)
