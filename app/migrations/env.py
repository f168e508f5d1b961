"""Alembic's entry: runs the migrations on the connection that `app.migrations` hands in."""

from typing import Any, Literal

from alembic import context

from app import models
from app.db import UTCDateTime


def _render_item(type_: str, obj: Any, _autogen_context: Any) -> str | Literal[False]:
    """Write our own column type as the plain type below it, so that old migrations stay true."""
    if type_ == "type" and isinstance(obj, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=models.Item.metadata,
        render_item=_render_item,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
