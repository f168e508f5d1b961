"""The ways to sign in that this portal offers: the place where identity providers will stand.

A way is a small template, shown on the sign-in page, and what that template needs. The factory
hands over the literal list; the sample company's people are one way, SAML and OIDC are others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

_EXTENSION = "foyer-sign-in-ways"


@dataclass(frozen=True, slots=True)
class SignInWay:
    """One way in: its name, its template, and a function from a session to the template's needs."""

    name: str
    template: str
    context: Callable[[Session], Mapping[str, Any]]


def offer(app: Any, ways: tuple[SignInWay, ...]) -> None:
    """Say which ways this application offers, in the order of the page."""
    app.extensions[_EXTENSION] = ways


def offered() -> tuple[SignInWay, ...]:
    """Return the ways of the current application."""
    found: tuple[SignInWay, ...] = current_app.extensions[_EXTENSION]
    return found
