"""Administering identity providers and SCIM clients: the pages, by what they are about."""

from app.identity import client_views, key_views, mapping_views, provider_views
from app.identity.blueprint import bp

__all__ = ["bp", "client_views", "key_views", "mapping_views", "provider_views"]
