"""What forms share: sending a reader back to where a form was, and naming what is wrong."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.errors import Invalid
from app.web.security import is_local_address


def back_to(default: str) -> ResponseReturnValue:
    """Answer a plain POST: go to the form's own `next` address if it is one of ours."""
    wanted = request.form.get("next", "")
    return redirect(wanted if is_local_address(wanted) else default, code=303)


def valid(form: FlaskForm) -> FlaskForm:
    """Return the form when it is valid; raise Invalid with every field's first complaint."""
    if not form.validate():
        raise Invalid({name: messages[0] for name, messages in form.errors.items() if name})
    return form
