"""The SCIM service over HTTP: every address below `/scim/v2`."""

from flask import Blueprint

bp = Blueprint("scim", __name__)
