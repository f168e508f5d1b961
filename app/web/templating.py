"""What every template may use: component macros as `ui`, the reader as `me`, and little else."""

from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from jinja2 import Environment, StrictUndefined

from app.access import Permission
from app.web.i18n import language
from app.web.unit_of_work import config
from app.web.viewer import viewer_or_none


class Components:
    """All macros of `templates/components/` as attributes, so that blocks find them too."""

    def __init__(self, env: Environment, folder: Path) -> None:
        """Remember where the macros are; they are compiled when first asked for."""
        self._env = env
        self._folder = folder

    @cached_property
    def _macros(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path in sorted(self._folder.glob("*.html")):
            module = self._env.get_template(f"components/{path.name}").module
            found |= {name: value for name, value in vars(module).items() if callable(value)}
        return found

    def __getattr__(self, name: str) -> Any:
        """Return the macro called `name`; raise AttributeError when there is none."""
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"there is no component called {name}") from None


def init_app(app: Flask) -> None:
    """Make templates strict and give them their globals."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    components = Path(app.root_path).parent / "templates" / "components"
    app.jinja_env.globals["ui"] = Components(app.jinja_env, components)
    app.add_template_global(may)
    app.add_template_global(language, "reader_language")
    app.context_processor(_reader)


def may(permission: str) -> bool:
    """Tell a template whether to offer what needs this permission; the route checks again."""
    reader = viewer_or_none()
    return reader is not None and reader.may(Permission(permission))


def _reader() -> dict[str, Any]:
    reader = viewer_or_none()
    settings = config()
    return {
        "me": reader,
        "demo": settings.demo,
        "theme": reader.theme if reader else "auto",
        "locale": language(),
        "nav": g.get("nav", ""),
        "search_text": "",
        "current_path": request.full_path if request.query_string else request.path,
    }
