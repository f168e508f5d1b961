"""The relying party over HTTP: leaving for an OpenID provider, coming back, signing out."""

from flask import Blueprint

bp = Blueprint("oidc", __name__)
