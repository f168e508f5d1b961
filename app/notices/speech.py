"""Says sentences in a language where no request tells one, as in a mail that a job writes."""

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.errors import Wording

_ROOT = Path(__file__).parent.parent.parent


@cache
def catalog(language: str) -> NullTranslations:
    """Return the texts of a language; those of one that is not known stay English."""
    return Translations.load(_ROOT / "app" / "translations", [language])


def said(text: str, language: str) -> str:
    """Return a sentence in this language."""
    known = catalog(language)
    if not isinstance(text, Wording):
        return known.ugettext(text) if text else ""
    values = {
        name: said(value, language) if isinstance(value, Wording) else value
        for name, value in text.values.items()
    }
    return known.ugettext(text.template) % values if values else known.ugettext(text.template)


@cache
def environment(language: str) -> Environment:
    """Return what renders the templates of mails in this language; HTML is escaped."""
    found = Environment(
        loader=FileSystemLoader(_ROOT / "templates" / "mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.install_gettext_translations(catalog(language), newstyle=True)  # type: ignore[attr-defined]
    return found
