"""What readers tell curators, over HTTP: the readers' side and the curators'."""

from app.governance import desk_views, reader_views
from app.governance.blueprint import bp

__all__ = ["bp", "desk_views", "reader_views"]
