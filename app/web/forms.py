"""What forms share: sending a reader back to where a form was, and naming what is wrong."""

from urllib.parse import urlsplit

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.errors import Invalid
from app.web.security import is_local_address


def back_to(default: str) -> ResponseReturnValue:
    """Answer a plain POST: go to the form's own `next` address, else to the page that held it.

    Only addresses of Foyer itself are followed; without one it is `default`.
    """
    return redirect(page_of_the_form(default), code=303)


def page_of_the_form(default: str) -> str:
    """Return the address that the form says it was on, else the referring page, else `default`."""
    wanted = request.form.get("next", "") or _referring_page()
    return wanted if is_local_address(wanted) else default


def valid(form: FlaskForm) -> FlaskForm:
    """Return the form when it is valid; raise Invalid with every field's first complaint."""
    if not form.validate():
        raise Invalid({name: messages[0] for name, messages in form.errors.items() if name})
    return form


def _referring_page() -> str:
    """Return path and query of the referring page if it is one of ours, else an empty text."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    if parts.netloc != request.host:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
