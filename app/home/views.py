"""The first page, made for its reader."""

from flask import Blueprint

bp = Blueprint("home", __name__)
