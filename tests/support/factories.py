"""Makes rows for tests: flushes and never commits; names are unique by a sequence."""

from datetime import date, datetime
from itertools import count

from sqlalchemy.orm import Session

from app.models import (
    Assignment,
    Group,
    GroupMember,
    IdentityProvider,
    Item,
    Person,
    PersonRole,
    Pin,
    Playlist,
    PlaylistWeek,
    Role,
    RolePage,
    Section,
    Skill,
    Step,
    Tool,
    audience_of,
)

NOW = datetime.fromisoformat("2026-11-12T09:00:00+00:00")


class Factory:
    """Rows for one test; every method takes what matters to the test and invents the rest."""

    def __init__(self, session: Session, now: datetime = NOW) -> None:
        self.session = session
        self.now = now
        self._numbers = count(1)

    def _add(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def role(self, slug=None, name=None):
        slug = slug or f"role-{next(self._numbers)}"
        return self._add(Role(slug=slug, name=name or slug.replace("-", " ").capitalize()))

    def group(self, slug, people=()):
        group = self._add(Group(slug=slug, name=slug))
        for person in people:
            self._add(GroupMember(group_id=group.id, person_id=person.id))
        return group

    def person(self, name=None, *, roles=(), access="employee", **values):
        number = next(self._numbers)
        name = name or f"Person {number}"
        person = self._add(
            Person(
                name=name,
                given_name=values.pop("given_name", name.split()[0]),
                email=values.pop("email", f"person{number}@example.org"),
                access=access,
                created_at=self.now,
                started_on=values.pop("started_on", date(2026, 1, 5)),
                **values,
            )
        )
        for place, role in enumerate(roles):
            self._add(PersonRole(person_id=person.id, role_id=role.id, position=place))
        return person

    def provider(self, slug="contoso", name=None, *, protocol="saml", **values):
        """Return an identity provider that is switched on."""
        return self._add(
            IdentityProvider(
                slug=slug,
                name=name or slug.capitalize(),
                protocol=protocol,
                entity_id=f"https://{slug}.example.org",
                enabled=values.pop("enabled", True),
                created_at=self.now,
                updated_at=self.now,
                **values,
            )
        )

    def tool(self, slug=None, name=None, **values):
        slug = slug or f"tool-{next(self._numbers)}"
        return self._add(Tool(slug=slug, name=name or slug.capitalize(), **values))

    def skill(self, slug=None, name=None):
        slug = slug or f"skill-{next(self._numbers)}"
        return self._add(Skill(slug=slug, name=name or slug.replace("-", " ").capitalize()))

    def item(self, title=None, *, tool=None, audience=("everyone",), skills=(), roles=(), **values):
        number = next(self._numbers)
        tool = tool or self.session.query(Tool).first() or self.tool()
        defaults = {
            "external_id": f"item-{number}",
            "kind": "course",
            "summary": "",
            "url": f"https://learn.example.org/{number}",
            "minutes": 30,
            "language": "en",
            "content_hash": f"{number:064}",
        }
        item = Item(
            tool_id=tool.id,
            title=title or f"Item {number}",
            audience_id=audience_of(self.session, audience).id,
            created_at=values.pop("created_at", self.now),
            updated_at=values.pop("updated_at", self.now),
            **defaults | values,
        )
        item.skills = list(skills)
        item.roles = list(roles)
        return self._add(item)

    def role_page(self, role=None, *, sections=("First things",), audience=("everyone",), **values):
        role = role or self.role()
        page = self._add(
            RolePage(
                role_id=role.id,
                title=values.pop("title", f"For {role.name}s"),
                audience_id=audience_of(self.session, audience).id,
                **values,
            )
        )
        for place, title in enumerate(sections):
            self._add(Section(page_id=page.id, title=title, position=place))
        return page

    def pin(self, section, item, note="", **values):
        position = values.pop("position", self.session.query(Pin).count())
        return self._add(
            Pin(
                section_id=section.id,
                item_id=item.id,
                note=note,
                position=position,
                pinned_at=self.now,
                **values,
            )
        )

    def playlist(self, items=(), *, days=30, audience=("everyone",), due_days=(), **values):
        number = next(self._numbers)
        playlist = self._add(
            Playlist(
                slug=values.pop("slug", f"playlist-{number}"),
                title=values.pop("title", f"Playlist {number}"),
                days=days,
                audience_id=audience_of(self.session, audience).id,
                **values,
            )
        )
        self._add(PlaylistWeek(playlist_id=playlist.id, number=1, title="Settle in"))
        for place, item in enumerate(items):
            due = due_days[place] if place < len(due_days) else 1 + place * 3
            self._add(Step(playlist_id=playlist.id, item_id=item.id, position=place, due_day=due))
        return playlist

    def assignment(self, playlist, person, *, starts_on=None, **values):
        return self._add(
            Assignment(
                playlist_id=playlist.id,
                person_id=person.id,
                starts_on=starts_on or self.now.date(),
                assigned_at=self.now,
                **values,
            )
        )
