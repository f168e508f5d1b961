"""Readers' reports of problems, and curators' answers."""

from flask import Blueprint

bp = Blueprint("governance", __name__)
