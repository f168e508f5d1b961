"""The audit log as a page."""

from flask import Blueprint

bp = Blueprint("audit", __name__)
