"""Sends a browser to a tool: by redirect to begin a launch, by a form that sends itself to end it.

The form's page has a policy of its own, since the portal's allows no form to lead elsewhere: its
one script by a nonce, and forms to the origins that the tool is registered with. Without script
there is a button.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template

from app.lti.registration import Registration
from app.lti.service import Begun
from app.web.unit_of_work import config


def to_login(registration: Registration, begun: Begun, target: str) -> Response:
    """Return the third-party login initiation (LTI Security 1.0, 5.1.1.1; LTI Core 1.3, 4.1)."""
    address = registration.settings.login_url
    query = urlencode(
        {
            "iss": config().base_url,
            "login_hint": begun.subject,
            "target_link_uri": target,
            "lti_message_hint": begun.hint,
            "client_id": registration.client_id,
            "lti_deployment_id": registration.deployment_id,
        }
    )
    away = redirect(f"{address}{'&' if '?' in address else '?'}{query}", code=303)
    away.headers["Cache-Control"] = "no-store"
    away.headers["Referrer-Policy"] = "no-referrer"
    return make_response(away)


def form_post(
    registration: Registration, address: str, fields: Mapping[str, str], *, status: int = 200
) -> Response:
    """Return the page that posts these fields to an address of the tool (OAuth 2.0 Form Post)."""
    nonce = secrets.token_urlsafe(16)
    body = render_template(
        "lti/post.html",
        tool_name=registration.tool_name,
        address=address,
        fields={name: value for name, value in fields.items() if value},
        nonce=nonce,
        failed=status >= 400,
    )
    response = make_response(body, status)
    response.headers["Content-Security-Policy"] = _policy(registration, nonce)
    response.headers["Cache-Control"] = "no-store"
    return response


def _policy(registration: Registration, nonce: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            f"form-action {' '.join(registration.settings.origins)}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
