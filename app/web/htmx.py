"""Whole page or the named part of it: the one place that decides (house rule H2).

Views import `page` from here and never `htmx_flask`, whose own `make_response` sets no `Vary`.
"""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from htmx_flask import Htmx

_VARY = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request", "HX-Target")
htmx = Htmx()


def wanted_fragment(fragments: Sequence[str]) -> str | None:
    """Return the target that htmx asks to fill if it is one of `fragments`, else None."""
    headers = request.headers
    if "HX-Request" not in headers or "HX-Boosted" in headers:
        return None
    if "HX-History-Restore-Request" in headers:
        return None
    target = headers.get("HX-Target")
    return target if target in fragments else None


def is_htmx() -> bool:
    """Tell whether htmx sent this request, rather than a link or a form."""
    return "HX-Request" in request.headers


def page(
    template: str,
    *,
    fragments: Sequence[str] = (),
    also: Sequence[str] = (),
    status: int = 200,
    **context: Any,
) -> Response:
    """Render the template, or only the block that htmx asks for.

    `fragments` are the blocks that may be asked for; each has the id of the element it fills.
    `also` are blocks sent along out of band. The answer always varies on htmx's headers.
    """
    block = wanted_fragment(fragments)
    if block is None:
        body = render_template(template, **context)
    else:
        body = _blocks(template, block, also, context)
    response = make_response(body, status)
    return varied(response)


def fragment(template: str, status: int = 200, **context: Any) -> Response:
    """Render a small template that is a fragment by itself, for the answer to an htmx POST."""
    return varied(make_response(render_template(template, **context), status))


def varied(response: Response) -> Response:
    """Tell caches that the answer depends on who asks."""
    response.vary.update(_VARY)
    return response


def _blocks(template: str, block: str, also: Sequence[str], context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    found = current_app.jinja_env.get_template(template)
    inner = found.new_context(context)
    parts = ["".join(found.blocks[block](inner))]
    for name in also:
        body = "".join(found.blocks[name](inner))
        parts.append(f'<div hx-swap-oob="innerHTML:#{name}">{body}</div>')
    return "".join(parts)
