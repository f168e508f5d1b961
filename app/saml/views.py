"""The service provider over HTTP: leaving for an identity provider, coming back, signing out."""

from flask import Blueprint

bp = Blueprint("saml", __name__)
