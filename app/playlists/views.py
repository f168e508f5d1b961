"""Playlists and how far their people are."""

from flask import Blueprint

bp = Blueprint("playlists", __name__)
