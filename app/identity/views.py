"""Administering identity providers and SCIM clients."""

from flask import Blueprint

bp = Blueprint("identity", __name__)
