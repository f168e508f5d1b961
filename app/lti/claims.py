"""What Foyer tells a tool: the claims of LTI 1.3 messages, written out.

LTI Core 1.3, 5.3 and 5.4, and Deep Linking 2.0, 4.4. A person is an opaque name that no other tool
is told; name and e-mail address go along only where the connection says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.access import Access, Viewer
from app.lti.registration import Registration

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
VERSION = "1.3.0"
LIFE = timedelta(minutes=5)
_MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_CURATES = [_MEMBER + "Instructor", _MEMBER + "ContentDeveloper"]
ROLES: Mapping[Access, list[str]] = {
    Access.EMPLOYEE: [_MEMBER + "Learner"],
    Access.MANAGER: [_MEMBER + "Learner"],
    Access.CURATOR: _CURATES,
    Access.ADMIN: _CURATES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One resource link as it is opened. `custom` is what the tool wanted to be told."""

    id: str
    title: str
    summary: str
    url: str
    custom: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What every message of one launch says, whatever is launched."""

    issuer: str
    registration: Registration
    viewer: Viewer
    subject: str
    nonce: str
    return_url: str
    now: datetime


def resource_link(launch: Launch, opening: Opening) -> dict[str, Any]:
    """Return the claims of a LtiResourceLinkRequest (LTI Core 1.3, 5.3)."""
    link = {"id": opening.id, "title": opening.title, "description": opening.summary}
    return _common(launch, "LtiResourceLinkRequest", opening.url) | {
        LTI + "resource_link": {name: value for name, value in link.items() if value},
        LTI + "custom": dict(opening.custom),
    }


def deep_linking(launch: Launch, *, data: str, answer_url: str) -> dict[str, Any]:
    """Return the claims of a LtiDeepLinkingRequest (Deep Linking 2.0, 4.4).

    `data` must come back with the answer, which the browser brings to `answer_url`.
    """
    settings = launch.registration.settings
    target = settings.deep_linking_uri or settings.target_link_uri
    return _common(launch, "LtiDeepLinkingRequest", target) | {
        DEEP_LINKING + "deep_linking_settings": {
            "deep_link_return_url": answer_url,
            "accept_types": ["ltiResourceLink", "link"],
            "accept_presentation_document_targets": ["window"],
            "accept_multiple": True,
            "auto_create": False,
            "data": data,
        }
    }


def _common(launch: Launch, message: str, target: str) -> dict[str, Any]:
    issued = int(launch.now.timestamp())
    return {
        "iss": launch.issuer,
        "aud": launch.registration.client_id,
        "sub": launch.subject,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "nonce": launch.nonce,
        LTI + "message_type": message,
        LTI + "version": VERSION,
        LTI + "deployment_id": launch.registration.deployment_id,
        LTI + "target_link_uri": target,
        LTI + "roles": ROLES[launch.viewer.access],
        LTI + "context": _context(launch.registration),
        LTI + "launch_presentation": _presentation(launch),
        LTI + "tool_platform": {
            "guid": launch.issuer,
            "name": "Foyer",
            "product_family_code": "foyer",
            "url": launch.issuer,
        },
    } | _names(launch)


def _context(registration: Registration) -> dict[str, Any]:
    """Return what the launch happens in: everything that Foyer has of this tool."""
    return {
        "id": registration.deployment_id,
        "title": registration.tool_name,
        "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#Group"],
    }


def _presentation(launch: Launch) -> dict[str, str]:
    shown = {"document_target": "window", "return_url": launch.return_url}
    return shown | ({"locale": launch.viewer.locale} if launch.viewer.locale else {})


def _names(launch: Launch) -> dict[str, str]:
    if not launch.registration.settings.share_names:
        return {}
    known = launch.viewer
    return {"name": known.name, "given_name": known.given_name, "email": known.email}
