"""What the administrator is told when a form cannot be taken."""

from flask_wtf import FlaskForm

from app.errors import Invalid
from app.web.errors import translated


def complaints(form: FlaskForm) -> list[tuple[str, str]]:
    """Return the form's complaints as (field, sentence) for the summary at the page's top."""
    return [(name, str(text)) for name, texts in form.errors.items() if name for text in texts]


def blame(form: FlaskForm, refusal: Invalid, default: str) -> None:
    """Write what a service refused under the form's fields; what names none goes to `default`."""
    for name, text in refusal.fields.items():
        field = form._fields.get(name) or form._fields[default]
        field.errors = [*field.errors, translated(text)]
