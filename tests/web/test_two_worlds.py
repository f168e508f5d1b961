"""No page, part, table, calendar or mail tells its reader of what is not for them.

A portal stands beside three copies of itself: one without what is hidden from all readers, one in
which that is something else, and one without two people. Whatever the URL map offers is asked for
in each of them by people of every kind, and must be the same letter by letter. A new route is asked
for by itself, or has to say here why not.
"""

import random
import re

import pytest

from app.access import Permission, allows
from app.models import Person
from app.web.guard import ROUTES
from tests.support.factories import NOW
from tests.support.rooms import (
    Portal,
    World,
    with_fewer_people,
    with_other_secrets,
    without_secrets,
)

WORLDS = 1
MANY_WORLDS = 2
FEW_READERS = ("new hire", "curator of the page")
READERS = (
    "employee",
    "new hire",
    "manager",
    "curator of the page",
    "delegated curator",
    "administrator",
)
# anew with every answer: the form's token, what was shown, sealed, and the number of a refusal;
# and the state of a style sheet, which somebody may be writing just now
_ANEW = re.compile(
    r"[\w-]+\.[\w-]{6}\.[\w-]{27}|(?<=name=\"slate\" value=\")[\w=-]+|(?<=Reference )\w{12}"
    r"|(?<=\?v=)\w{12}"
)
# parts of pages that htmx asks for; what stands under the search box comes from a route of its own
_TARGETS = re.compile(r'hx-target="#(?!suggestions)(\w+)"')
# what changes something: a launch counts, a calendar that was read says when
_LAST = ("activity.go", "calendar.feed")

# Routes that are not asked for, each with the reason
NOT_COMPARED = {
    "static": "a file of the project, the same for everybody",
    "health.live": "names no row",
    "health.ready": "names no row",
    "auth.one_time_link": "signs in as somebody else",
    "auth.sign_in": "for whoever is not signed in",
    "auth.signed_out": "for whoever is not signed in",
    "auth.prove": "leads to an identity provider",
    "auth.sessions": "one's own browsers",
    "lti.auth": "a tool's message, tests/web/lti",
    "lti.jwks": "keys, no content",
    "lti.pick": "leads into a tool",
    "lti.picked": "what a tool answered to this curator, tests/web/lti/test_picking.py",
    "lti.tool": "an LTI tool's own page, tests/web/lti/test_picking.py",
    "mydata.callback": "a tool's answer, tests/web/mydata/test_own_accounts.py",
    "mydata.leave": "leads into a tool",
    "oidc.callback": "a provider's answer",
    "oidc.leave": "a provider's page",
    "oidc.start": "leads to a provider",
    "saml.leave": "a provider's page",
    "saml.metadata": "keys, no content",
    "saml.sls": "a provider's answer",
    "saml.start": "leads to a provider",
    "live.answers": "what tools answer, tests/web/discover/test_audience.py",
    "suggest.person": "whoever shares what they know, tests/web/discover/test_audience.py",
}
# Where something stands that its reader may not see, the page says that much; so what it is must
# not matter, and the copy with other secrets is the one that has to be the same.
SAYS_THAT_THERE_IS_ONE = {
    "curation.edit": "a pin for other readers keeps its place in the editor",
    "curation.dashboard": "counts the pins of the editor",
    "curation.settings": "dates and audience of a pin for other readers",
    "drafts.review": "says that a pin for other readers changes",
    "drafts.show_history": "counts changes",
    "drafts.show_version": "a pin for other readers keeps its place",
    "drafts.show_preview": "counts what the people do not see",
    "drafts.curators": "any curator may change a page that nobody answers for",
    "drafts.suggestions": "offers to replace what readers no longer see",
    "desk.edit": "a step for other readers keeps its place in the editor",
    "desk.edit_step": "a step may wait for one that others see",
    "desk.new_step": "a step may wait for one that others see",
    "desk.show": "counts steps",
    "desk.index": "counts steps, and any curator may change any playlist",
    "desk.new": "any curator may copy any playlist",
    "desk.people": "any curator may change any playlist",
    "desk.new_rule": "any curator may change any playlist",
    "desk.rule": "any curator may change any playlist",
    "desk.find_items": "any curator may change any playlist",
    "desk.review": "says that a step for other readers changes",
    "desk.version": "a step for other readers keeps its place",
    "cohort.show": "a step for other readers keeps its place",
    "signals.index": "what one did oneself stays one's own, without a name",
    "signals.download": "what one did oneself stays one's own, without a name",
    "signals.sure": "counts what one did oneself",
    "library.history": "what one did oneself stays one's own, without a name",
    "mydata.index": "counts what one did oneself",
    "home.why": "counts what one did oneself",
    "governance.mine": "what one suggested oneself",
    "governance.reports": "names who suggested something",
    "tools.health": "all tools, for curators who look after them",
    "care.report": "any tool",
    "care.report_csv": "any tool",
    "care.retire": "any curator may change any page and any playlist",
    "care.review": "counts pages and playlists, any of which a curator may change",
    "care.edit_rule": "a rule may be for any tool",
    "care.new_rule": "a rule may be for any tool",
    "care.rules_page": "a rule may be for any tool",
}
# Where people stand by name on purpose, two fewer are seen
NAMES_PEOPLE = {
    "drafts.show_preview": "finds people by name, to look at the page as they do",
    "desk.people": "finds people by name, to give them a playlist",
    "governance.readers": "who rated badly, if they want to be named",
    "governance.reports": "reports and suggestions of readers",
}
# A rule's preview names to administrators whom it finds
NAMED_TO_ADMINISTRATORS = {"desk.new_rule", "desk.rule"}
# What is asked for beside the bare address. Searches leave out what suits the reader: there, what
# others did with all there is weighs in the order of what the reader may see anyway.
QUERIES = {
    "discover.search": ["q=item&plain=1", "q=qzitem1w", "skill=qzskillw"],
    "suggest.index": ["q=item", "q=qz", "q=qzskillw", "q=qztoolw"],
    "desk.find_items": ["q=item", "q=qz", "q=https://learn.example.org/2"],
    "care.retire": ["", "q=qz"],
    "care.review": ["", "whose=all", "tool=hidden"],
    "drafts.show_preview": ["", "as=role:red", "as=person:2"],
    "desk.new_rule": ["", "role=1"],
    "home.for_you": ["", "minutes=30"],
    "home.why": ["", "item=qzitem1w", "item=2"],
    "home.next_card": ["shelf=for-you", ""],
    "duplicates.index": ["", "tool=hidden"],
    "cohort.show": ["", "from=2026-11"],
    "links.index": ["", "q=qz", "state=gone"],
    "governance.suggest": ["", "url=https://learn.example.org/2"],
    "curation.role_page": ["", "q=qz"],
    "editing.pin": ["", "url=https://learn.example.org/2", "item=2"],
    "certificates.check": ["", "number=FOYER-0000"],
    "activity.go": ["", "via=playlist"],
}


def pytest_generate_tests(metafunc):
    long = metafunc.config.getoption("--long")
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(MANY_WORLDS if long else WORLDS), scope="module")
    if "reader" in metafunc.fixturenames:
        metafunc.parametrize("reader", READERS if long else FEW_READERS)


@pytest.fixture(scope="module")
def worlds(empty_sqlite, tmp_path_factory, seed, long):
    """Return the portal and its copies, all at the tests' own moment."""
    folder = tmp_path_factory.mktemp("rooms")
    path = folder / "foyer.db"
    path.write_bytes(empty_sqlite.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.clock.now", lambda: NOW)
        portal = Portal(random.Random(seed), path)
        made = Worlds(portal, folder, long=long)
        yield made
        made.close()


class Worlds:
    """The portal, and its copies."""

    def __init__(self, portal, folder, *, long=True):
        self.long, self.values = long, portal.values
        self.whole = World(portal, folder / "whole")
        self.trimmed = World(portal, folder / "trimmed", without_secrets)
        self.other = World(portal, folder / "other", with_other_secrets)
        self.fewer = World(portal, folder / "fewer", with_fewer_people)

    @property
    def all(self):
        """Return the portal and its copies."""
        return self.whole, self.trimmed, self.other, self.fewer

    def close(self):
        """Let go of the databases."""
        for world in self.all:
            world.database.close()

    def addresses(self, reader):
        """Yield (endpoint, address) of all that this reader may ask for."""
        app = self.whole.app
        with self.whole.database.sessions() as session:
            access = session.get(Person, self.values["people"][reader]).access
        bound = app.url_map.bind("localhost")
        rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
        for rule in sorted(rules, key=lambda one: (one.endpoint in _LAST, one.endpoint)):
            permission = ROUTES[rule.endpoint]
            if rule.endpoint in NOT_COMPARED or not _may(permission, access):
                continue
            for values in self._values(rule, reader):
                path = bound.build(rule.endpoint, values)
                for query in QUERIES.get(rule.endpoint, [""])[: None if self.long else 2]:
                    yield rule.endpoint, f"{path}?{query}" if query else path

    def _values(self, rule, reader):
        """Yield values for the places of a rule."""
        found = [{}]
        for name in sorted(rule.arguments):
            found = [
                {**one, name: value} for one in found for value in self._of(rule, name, reader)
            ]
        return found

    def _of(self, rule, name, reader):
        rooms = {
            "/curate/playlists": ["first-days", "secret-list"],
            "/playlists": ["first-days", "finished", "secret-list"],
            "/curate/tools": ["learn", "hidden"],
            "/admin/tools": ["learn"],
        }
        slugs = next((v for room, v in rooms.items() if rule.rule.startswith(room)), None)
        values = {
            "slug": slugs or ["red", "violet"],
            "item_id": self.values["items"],
            "pin_id": self.values["pins"],
            "key": self.values["keys"],
            "rule_id": [self.values["rule_id"]],
            "number": [1, 2],
            "what": ["task"],
            "form": ["jsonl", "csv"],
            "digest": ["1" * 64, "2" * 64],
            "care_rule_id": [1],
            "group_id": [1],
            "person_id": [self.values["people"]["employee"]],
            "feed_token": [self.values["feeds"][reader]],
            "mail_token": ["unknown"],
        }
        assert name in values, f"not compared, and no reason given: {rule.endpoint}"
        found = values[name]
        return found if self.long else list(dict.fromkeys([found[0], found[-1]]))


def _may(permission, access):
    """Tell whether the access is enough; administrators' pages are about everything there is."""
    return permission not in {Permission.ADMINISTER, Permission.PROVISION} and allows(
        permission, access
    )


def asked(world, reader, address, target=""):
    """Return what a world answers: the status, what matters of the headers, the text."""
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    answer = world.clients[reader].http.get(address, headers=headers)
    text = _ANEW.sub("anew", answer.get_data(as_text=True))
    answer.close()
    names = ("Location", "Content-Type", "Content-Disposition", "HX-Redirect", "HX-Location")
    return answer.status_code, tuple(answer.headers.get(name) for name in names), text


def first_difference(one, other):
    """Return the lines at which two answers part, for whoever reads the failure."""
    if one[:2] != other[:2]:
        return one[:2], other[:2]
    pairs = zip(one[2].splitlines(), other[2].splitlines(), strict=False)
    found = next(((a.strip(), b.strip()) for a, b in pairs if a != b), ("longer", "shorter"))
    return tuple(each[:300] for each in found)


def test_every_page_is_the_same_without_what_is_hidden(worlds, reader):
    leaks, opened = {}, 0
    for endpoint, address in worlds.addresses(reader):
        answers = [asked(worlds.whole, reader, address)]
        opened += answers[0][0] == 200
        for target in ("", *sorted(set(_TARGETS.findall(answers[0][2])))):
            for name, world in worlds_to_compare(worlds, endpoint, reader):
                whole = asked(worlds.whole, reader, address, target) if target else answers[0]
                there = asked(world, reader, address, target)
                if whole != there:
                    leaks.setdefault((endpoint, name), []).append(
                        (address, target, first_difference(whole, there))
                    )
    assert {place: found[0] for place, found in leaks.items()} == {}
    assert opened > 40


def worlds_to_compare(worlds, endpoint, reader):
    """Return the copies in which a page has to be the same; what changes them, in all of them."""
    if endpoint in _LAST:
        return [(name, getattr(worlds, name)) for name in ("trimmed", "other", "fewer")]
    secrets = ("trimmed", worlds.trimmed)
    if endpoint in SAYS_THAT_THERE_IS_ONE:
        secrets = ("other", worlds.other)
    named = NAMES_PEOPLE.keys() | (NAMED_TO_ADMINISTRATORS if reader == "administrator" else set())
    fewer = [] if endpoint in named else [("fewer", worlds.fewer)]
    return [secrets, *fewer]


def test_what_is_hidden_can_be_changed_as_little_as_what_is_not_there(worlds, reader):
    hidden, nothing = worlds.values["items"][-1], 99999
    bound = worlds.whole.app.url_map.bind("localhost")
    form = {"stars": "3", "problem": "other", "months": "3", "ids": str(hidden), "title": "New"}
    rules = [
        rule
        for rule in worlds.whole.app.url_map.iter_rules()
        if "POST" in rule.methods and rule.arguments == {"item_id"}
    ]
    assert len(rules) > 20
    for rule in rules:
        there, nowhere = (
            worlds.whole.clients[reader].post(
                bound.build(rule.endpoint, {"item_id": item_id}, method="POST"), form
            )
            for item_id in (hidden, nothing)
        )
        assert (rule.endpoint, there.status) == (rule.endpoint, nowhere.status)
        assert there.status in {404, 422}


def test_so_are_mails(worlds):
    whole, trimmed, other, fewer = (world.mails() for world in worlds.all)
    assert len(whole) >= len(READERS)
    assert whole == trimmed == other == fewer


def test_every_route_is_compared_or_has_a_reason(worlds):
    known = {rule.endpoint for rule in worlds.whole.app.url_map.iter_rules()}
    assert (NOT_COMPARED.keys() | SAYS_THAT_THERE_IS_ONE.keys() | NAMES_PEOPLE.keys()) <= known
    asked_for = {endpoint for reader in READERS for endpoint, _ in worlds.addresses(reader)}
    left = {
        rule.endpoint
        for rule in worlds.whole.app.url_map.iter_rules()
        if "GET" in rule.methods
        and ROUTES[rule.endpoint] not in {Permission.ADMINISTER, Permission.PROVISION}
    }
    assert left - asked_for - NOT_COMPARED.keys() == set()
