"""Suggestions for the search box: the list that htmx asks for, or a page of links; a person."""

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from app.discover.address import Ask
from app.discover.experts import sharing_person, skills_known
from app.discover.suggest_contexts import suggestions
from app.discover.suggesting import suggested
from app.discover.views import search_index
from app.errors import NotFound
from app.web.htmx import fragment, page, varied, wanted_fragment
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("suggest", __name__)
_FRAGMENTS = ("suggestions",)


@bp.before_request
def _mark() -> None:
    g.nav = "discover"


@bp.get("/suggest")
def index() -> ResponseReturnValue:
    """Suggest what the text may mean, or the reader's last searches before there is one."""
    text = Ask.of(request.args).text
    seen = suggestions(suggested(db_session(), search_index(), viewer(), text))
    if wanted_fragment(_FRAGMENTS):
        return fragment("discover/_suggestions.html", seen=seen)
    return varied(page("discover/suggest.html", seen=seen, search_text=text))


@bp.get("/people/<int(max=2147483647):person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """Show what somebody who shares their expertise knows about, and how to reach them."""
    found = sharing_person(db_session(), person_id)
    if found is None:
        raise NotFound("There is nobody with that number who shares what they know.")
    skills = skills_known(db_session(), person_id, tokens=viewer().tokens)
    roles = [held.role for held in found.roles]
    return page("discover/person.html", person=found, roles=roles, skills=skills)
