"""Foyer's own addresses as other systems must write them.

They are built from the configured base address and never from the request, whose Host header a
sender chooses (OWASP ASVS 5.0, 4.1.3).
"""

from typing import Any

from flask import url_for

from app.web.unit_of_work import config


def public_address(endpoint: str, **values: Any) -> str:
    """Return the full address of an endpoint."""
    return config().base_url + url_for(endpoint, **values)
