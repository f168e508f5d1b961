"""A portal with secrets in every room, and copies of it in which they are gone, or others.

All copies come from one database, so that every id and token is the same in them. A page that tells
nobody of a secret is then the same in the portal and its copies, letter by letter.
"""

import shutil
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.activity import service as activity
from app.auth import service as auth
from app.care import counting
from app.care.tending import tend
from app.config import Config
from app.curation import publishing
from app.curation.content import from_json, to_json
from app.curation.drafts import make_draft
from app.db import Database
from app.errors import Wording
from app.factory import create_app
from app.models import (
    Absence,
    AssignmentRule,
    CareRule,
    ClusterMember,
    Item,
    ItemState,
    LinkCheck,
    NoticeKind,
    PageCurator,
    Person,
    Picture,
    Pin,
    Playlist,
    ProblemReport,
    Progress,
    RolePage,
    RolePageVersion,
    SavedSearch,
    Section,
    Skill,
    Status,
    Step,
    StepNeed,
    Suggestion,
    SynonymGroup,
    Tool,
    Verb,
    audience_of,
)
from app.models.playlists import new_key
from app.notices import digest
from app.notices.service import tell
from app.playlists import feeds, versions
from app.playlists.drafts import Author
from app.playlists.versions import Moving
from tests.support.factories import NOW, Factory
from tests.support.pages import PageClient

SECRET = "group:secret"
TODAY = NOW.date()
_DAY = timedelta(days=1)
_KINDS = ("course", "video", "article", "channel")


class Portal:
    """What was built: the database's file, who reads with which session, values for addresses."""

    def __init__(self, random, path):
        self.random, self.path = random, path
        self.database = Database(f"sqlite:///{path}")
        self.tokens, self.values = {}, {}
        with self.database.transaction() as session:
            _Building(self, session, Factory(session)).build()
        self.database.close()


class _Building:
    """Fills a portal, room by room."""

    def __init__(self, portal, session, make):
        self.portal, self.session, self.make = portal, session, make
        self.random = portal.random

    def build(self):
        self._people()
        self._items()
        self._pages()
        self._playlists()
        self._deeds()
        self._care()
        self._sign_in()

    def _people(self):
        make = self.make
        self.red, self.violet = make.role("red"), make.role("violet", "Qzvioletw")
        boss = make.person("Maya Manager", access="manager")
        self.readers = {
            "employee": make.person("Amara Employee", roles=[self.red], manager_id=boss.id),
            "new hire": make.person("Nora Newhire", roles=[self.red], started_on=TODAY - 3 * _DAY),
            "manager": boss,
            "curator of the page": make.person("Kira Keeper", access="curator"),
            "delegated curator": make.person("Dora Delegate", access="curator"),
            "administrator": make.person("Ada Admin", access="admin"),
        }
        self.keeper = self.readers["curator of the page"]
        self.colleagues = [make.person(roles=[self.red], department="Field") for _ in range(10)]
        self.extra = [
            make.person(f"Qzextra{n}w", roles=[self.red, self.violet], department="Field")
            for n in range(2)
        ]
        make.group("secret", self.extra)

    def _items(self):
        make, draw = self.make, self.random
        self.tools = [make.tool("learn"), make.tool("films"), make.tool("hidden", "Qztoolw")]
        common, secret = make.skill("common"), make.skill("qzskillw", "Qzskillw")
        self.seen, self.hidden = [], []
        for number in range(24):
            hides = number % 3 == 1
            title = f"Qzitem{number}w" if hides else f"Item {number}"
            item = make.item(
                title,
                tool=self.tools[2] if number == 4 else draw.choice(self.tools[:2]),
                audience=[SECRET] if hides else ["everyone"],
                kind=draw.choice(_KINDS),
                skills=[common, secret] if hides else [common],
                roles=[self.red],
                summary=f"About {title}",
                created_at=NOW - timedelta(days=draw.randint(1, 900)),
            )
            (self.hidden if hides else self.seen).append(item)
        for item in self.seen:
            item.channel_id = draw.choice(self.hidden if item.id % 2 else self.seen).id
        for digit, item in (("1", self.seen[0]), ("2", self.hidden[0])):
            self.session.add(
                Picture(
                    digest=digit * 64,
                    media_type="image/webp",
                    width=1,
                    height=1,
                    data=b"0",
                    made_at=NOW,
                )
            )
            self.session.flush()
            item.picture = digit * 64
        old, other = self.seen[-1], self.hidden[-1]
        old.status, old.successor_id = Status.RETIRED.value, self.hidden[1].id
        other.status, other.successor_id = Status.RETIRED.value, self.seen[1].id
        for mine, theirs in ((self.seen[2], self.hidden[2]), (self.seen[3], self.seen[4])):
            for one in (mine, theirs):
                self.session.add(
                    ClusterMember(
                        item_id=one.id,
                        cluster_id=min(mine.id, theirs.id),
                        preferred=one is theirs,
                    )
                )

    def _pages(self):
        make, session, draw = self.make, self.session, self.random
        page = make.role_page(self.red, sections=("First", "Then"), curator_id=self.keeper.id)
        sections = session.query(Section).filter_by(page_id=page.id).all()
        for item in draw.sample(self.seen[:12] + self.hidden[:6], 14):
            make.pin(draw.choice(sections), item, note=f"note on {item.title}")
        make.pin(
            sections[0],
            self.seen[13],
            note="Qznotew",
            audience_id=audience_of(session, [SECRET]).id,
        )
        for more in range(2):
            draft = make_draft(session, page.id, by=self.keeper.id, now=NOW)
            pins = session.query(Pin).join(Section).filter(Section.page_id == draft).all()
            for pin in draw.sample(pins, 4):
                pin.note = f"{more} of {session.get(Item, pin.item_id).title}"
            session.delete(draw.choice(pins))
            session.flush()
            for row in [*pins, *session.query(Section)]:
                if row in session:
                    session.expunge(row)
            if more == 0:
                self._publish(draft)
        violet = make.role_page(self.violet, audience=[SECRET], title="Qzpagew")
        make.pin(
            session.query(Section).filter_by(page_id=violet.id).one(), self.seen[5], note="Qznotew"
        )
        session.add(
            PageCurator(
                role_id=self.red.id,
                person_id=self.readers["delegated curator"].id,
                given_by_id=self.keeper.id,
                given_at=NOW,
            )
        )

    def _publish(self, draft):
        page = self.session.get(RolePage, draft, populate_existing=True)
        publishing.publish(
            self.session,
            page.role_id,
            revision=page.revision,
            by=self.keeper.id,
            now=NOW,
            note="as it is",
        )

    def _playlists(self):
        make, session = self.make, self.session
        self.playlist = self._playlist("first-days", self.seen[:4] + self.hidden[:3])
        author = Author(id=self.keeper.id, tokens=frozenset({"everyone"}), now=NOW)
        for more in range(2):
            draft = versions.begin_draft(session, "first-days", author=author)
            steps = session.query(Step).filter_by(playlist_id=draft.id).all()
            hidden = {item.id for item in self.hidden}
            session.delete(next(step for step in steps if step.item_id in hidden))
            for step in steps:
                step.due_day += 1
            session.flush()
            if more == 0:
                versions.publish(
                    session,
                    "first-days",
                    moving=Moving.ALL,
                    why="",
                    revision=draft.revision,
                    author=author,
                )
        self.finished = self._playlist("finished", self.seen[5:7] + self.hidden[3:4])
        self._playlist("secret-list", self.seen[:2], title="Qzplaylistw", audience=[SECRET])
        rule = AssignmentRule(
            slug="first-days",
            role_id=self.red.id,
            enabled=False,
            made_by_id=self.keeper.id,
            made_at=NOW,
        )
        session.add(rule)
        session.flush()
        self.portal.values["rule_id"] = rule.id
        newest = versions.newest(session, "first-days")
        for person in [*self.readers.values(), *self.colleagues, *self.extra]:
            given = make.assignment(newest, person, starts_on=TODAY - 4 * _DAY)
            steps = session.query(Step).filter_by(playlist_id=newest.id).order_by(Step.id).all()
            step = steps[1 if person in self.extra else 0]
            session.add(Progress(assignment_id=given.id, step_id=step.id, done_at=NOW))
            make.assignment(
                self.finished, person, finished_at=NOW, starts_on=TODAY - timedelta(days=60)
            )
        session.flush()

    def _playlist(self, slug, items, **values):
        items = self.random.sample(items, len(items))
        made = self.make.playlist(
            items,
            slug=slug,
            days=28,
            due_days=(1, 2, 3, 9, 12, 15, 20),
            channel_id=self.hidden[-2].id,
            owner_id=self.keeper.id,
            **values,
        )
        steps = self.session.query(Step).filter_by(playlist_id=made.id).all()
        for step in steps:
            step.key = new_key()
            step.note = f"note on {self.session.get(Item, step.item_id).title}"
        hidden = {item.id for item in self.hidden}
        waits = next((step for step in steps if step.item_id not in hidden), None)
        needed = next((step for step in steps if step.item_id in hidden), None)
        if waits and needed:
            self.session.add(StepNeed(step_id=waits.id, needs_id=needed.id))
        self.session.flush()
        return made

    def _deeds(self):
        session, draw = self.session, self.random
        for person in [*self.readers.values(), *self.colleagues]:
            hidden = [] if person in self.readers.values() else self.hidden
            for item in draw.sample(self.seen + hidden, 8):
                activity.record(session, person.id, item.id, draw.choice(list(Verb)[:4]), now=NOW)
                activity.save(session, person.id, item.id, now=NOW)
        for item in (self.seen[0], self.seen[7], self.hidden[0]):
            for person in [*self.colleagues, *self.extra]:
                self._state(person, item, done_at=NOW, stars=4)
        for person in self.readers.values():
            for item in (self.hidden[4], self.seen[8]):
                self._state(person, item, stars=1, why_stars=f"About {item.title}")
                session.add(
                    ProblemReport(
                        item_id=item.id,
                        reporter_id=person.id,
                        problem="outdated",
                        note=f"about {item.title}",
                        reported_at=NOW,
                    )
                )
                session.add(
                    Suggestion(
                        url=item.url,
                        by_id=person.id,
                        made_at=NOW,
                        answer="",
                        accepted=True,
                        answered_at=NOW,
                        item_id=item.id,
                    )
                )
                tell(
                    session,
                    [person.id],
                    NoticeKind.CONTENT,
                    key=f"gone:{item.id}",
                    sentence=Wording("“%(title)s” is gone.", title=item.title),
                    now=NOW,
                    item_id=item.id,
                )
            session.add(
                SavedSearch(
                    person_id=person.id,
                    name="Mine",
                    arguments={"q": "item"},
                    saved_at=NOW - _DAY,
                    looked_at=NOW - _DAY,
                )
            )
            session.add(Absence(person_id=person.id, starts_on=TODAY, ends_on=TODAY))
        session.add(Suggestion(url=self.hidden[5].url, by_id=self.colleagues[0].id, made_at=NOW))
        session.add(SynonymGroup(words=["CoE", "centre"], changed_at=NOW))
        session.flush()

    def _state(self, person, item, **values):
        known = self.session.get(ItemState, (person.id, item.id))
        if known is None:
            known = ItemState(person_id=person.id, item_id=item.id)
            self.session.add(known)
        for name, value in values.items():
            setattr(known, name, value)
        self.session.flush()

    def _care(self):
        session, draw = self.session, self.random
        owner = self.make.person("Otto Owner", access="curator")
        session.add(CareRule(review_months=12, made_at=NOW, owner_id=owner.id))
        for number, item in enumerate(self.seen + self.hidden):
            session.add(
                LinkCheck(
                    item_id=item.id,
                    state=draw.choice(["gone", "hidden", "moved", "flaky"]),
                    next_at=NOW,
                    since=NOW,
                    moved_to=f"https://learn.example.org/new/{number}",
                )
            )
        session.flush()
        tend(session, [item.id for item in self.seen + self.hidden], now=NOW)
        counting.count_people(session, now=NOW)

    def _sign_in(self):
        session, values = self.session, self.portal.values
        for name, person in self.readers.items():
            self.portal.tokens[name] = auth.start_session(
                session,
                person,
                method="test",
                user_agent="test",
                lifetimes=auth.Lifetimes(idle=_DAY, longest=_DAY),
                now=NOW,
            )
        draft = session.query(Playlist).filter_by(slug="first-days", state="draft").one()
        page = session.query(RolePage).filter_by(role_id=self.red.id, published=False).one()
        pins = session.query(Pin).join(Section).filter(Section.page_id == page.id)
        hidden = {item.id for item in self.hidden}
        values |= {
            "people": {name: person.id for name, person in self.readers.items()},
            "items": [self.seen[0].id, self.seen[2].id, self.seen[-1].id, self.hidden[0].id],
            "pins": sorted(pin.id for pin in pins)[:4],
            "keys": [
                step.key
                for step in session.query(Step).filter_by(playlist_id=draft.id)
                if step.item_id not in hidden
            ][:3],
            "feeds": {
                name: feeds.make(session, person.id, now=NOW)
                for name, person in self.readers.items()
            },
        }


class World:
    """A copy of the portal after `change`, with a client for each of its readers."""

    def __init__(self, portal, folder, change=None):
        folder.mkdir()
        shutil.copy(portal.path, folder / "foyer.db")
        settings = {"FOYER_DATA_DIR": str(folder), "FOYER_SECRET_KEY": "for tests only"}
        self.config = Config.from_env(settings | {"FOYER_RATE_LIMITS": "0"})
        self.app = create_app(self.config)
        self.database = self.app.extensions["foyer"].database
        if change is not None:
            with self.database.transaction() as session:
                change(session)
        with self.database.transaction() as session:
            self.app.extensions["foyer-index"].rebuild(session, lambda count: None)
        self.clients = {name: self._client(key) for name, key in portal.tokens.items()}

    def _client(self, key):
        client = PageClient(self.app)
        with client.http.session_transaction() as cookie:
            cookie["_user_id"] = key
            cookie["_fresh"] = True
        return client

    def mails(self):
        """Return the text of every digest that is due, by who gets it."""
        sent = []
        digest.send_due(self.database, self.config, sent.append, now=NOW)
        return {
            mail["To"]: [mail["Subject"], *(part.get_content() for part in mail.iter_parts())]
            for mail in sent
        }


def without_secrets(session):
    """Remove the items, pages, pins, playlists that are for a group which no reader is in."""
    secret = audience_of(session, [SECRET]).id
    gone = secret_items(session)
    for row in session.scalars(select(RolePageVersion)):
        row.content = _trimmed(row.content, gone)
    for table in (Item, Pin, RolePage, Playlist):
        session.execute(delete(table).where(table.audience_id == secret))
    session.execute(delete(Tool).where(Tool.slug == "hidden"))
    session.execute(delete(Skill).where(Skill.slug == "qzskillw"))
    session.flush()


def with_other_secrets(session):
    """Let all hidden items be called something else, of another kind and length."""
    secret = audience_of(session, [SECRET]).id
    others = {"course": "video", "video": "article", "article": "channel", "channel": "course"}
    for item in session.scalars(select(Item).where(Item.audience_id == secret)):
        session.execute(
            update(Item)
            .where(Item.id == item.id)
            .values(
                title=f"Aqother{item.id}w",
                summary="Other",
                url=f"https://other.example.org/{item.id}",
                kind=others[item.kind],
                minutes=item.id,
                picture=None,
            )
        )
    for row in session.scalars(select(RolePageVersion)):
        row.content = _annotated(row.content, secret_items(session))
    for table in (Step, Pin):
        session.execute(
            update(table)
            .where(table.item_id.in_(select(Item.id).where(Item.audience_id == secret)))
            .values(note="other " + table.note)
        )
    session.flush()


def with_fewer_people(session):
    """Remove two people of a group, with all that they did."""
    session.execute(delete(Person).where(Person.name.like("Qzextra%")))
    session.flush()


def secret_items(session):
    """Return the ids of the items that no reader may see."""
    secret = audience_of(session, [SECRET]).id
    return set(session.scalars(select(Item.id).where(Item.audience_id == secret)))


def _annotated(content, hidden):
    """Return a page as it was kept with other notes on some items."""
    page = from_json(content)
    sections = (
        replace(
            section,
            pins=tuple(
                replace(pin, note=f"other {pin.note}") if pin.item_id in hidden else pin
                for pin in section.pins
            ),
        )
        for section in page.sections
    )
    return {**content, **to_json(replace(page, sections=tuple(sections)))}


def _trimmed(content, gone):
    """Return a page as it was kept without some items, and pins for others."""
    page = from_json(content)
    sections = (
        replace(
            section,
            pins=tuple(
                pin for pin in section.pins if pin.item_id not in gone and pin.audience != (SECRET,)
            ),
        )
        for section in page.sections
    )
    return {**content, **to_json(replace(page, sections=tuple(sections)))}
