"""What a reader has saved and done."""

from flask import Blueprint

bp = Blueprint("library", __name__)
