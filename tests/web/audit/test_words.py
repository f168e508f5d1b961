"""What the actions of the audit log are called."""

import re
from pathlib import Path

from app.access import Permission
from app.audit.words import WORDS, said
from app.web.guard import ROUTES

APP = Path(__file__).parents[3] / "app"
NOTED = re.compile(r'(?:note|Event|_event)\(\s*(?:action=)?"([a-z_]+\.[a-z_]+)"')
LOGGED = frozenset({Permission.CURATE, Permission.ADMINISTER})


def unsafe_routes(app):
    return {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}


def test_it_has_words_for_every_route_that_is_logged(app):
    logged = {name for name in unsafe_routes(app) if ROUTES.get(name) in LOGGED}
    # these note under another name what they made
    elsewhere = {"identity.add_saml", "identity.add_oidc", "identity.clients", "identity.client"}
    assert logged - elsewhere - WORDS.keys() == set()


def test_it_has_words_for_everything_that_is_noted():
    noted = {one for path in APP.rglob("*.py") for one in NOTED.findall(path.read_text("utf-8"))}
    assert noted
    assert noted - WORDS.keys() == set()


def test_it_calls_the_unknown_by_its_code():
    assert said("future.thing") == "future.thing"
