"""Brings the sample company into the tables, its dates counted from the day it is loaded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.access import Access
from app.activity import imports as activity
from app.activity.deeds import Deed
from app.catalogue import service as catalogue
from app.catalogue.records import ItemRecord, ToolRecord
from app.db import Base
from app.demo import files, link_health, page_work, playlist_work, records, world
from app.demo.care import add_care
from app.demo.told import add_told
from app.models import (
    Assignment,
    Item,
    Person,
    Pin,
    Playlist,
    PlaylistWeek,
    Progress,
    RolePage,
    RoleSkill,
    Section,
    Skill,
    Step,
    StepKind,
    StepNeed,
    SynonymGroup,
    Verb,
    audience_of,
)
from app.people import service as people
from app.people.service import NewPerson
from app.playlists.service import settle

_SOURCE = "sample"
_MORNING = time(10, 5)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was loaded."""

    people: int
    items: int
    role_pages: int
    playlists: int
    activities: int

    def __str__(self) -> str:
        return (
            f"{self.people} people, {self.items} items, {self.role_pages} role pages, "
            f"{self.playlists} playlists, {self.activities:,} activities"
        )


def is_empty(session: Session) -> bool:
    """Tell whether nobody and nothing is in the database yet."""
    return not session.scalar(select(Person.id).limit(1)) and not session.scalar(
        select(Item.id).limit(1)
    )


def other_people(session: Session) -> int:
    """Return how many people are in the database who are not of the sample company."""
    ours = [person.email for person in files.load().people]
    counted = select(func.count()).select_from(Person).where(Person.email.not_in(ours))
    return session.scalar(counted) or 0


def clear(session: Session, *, now: datetime) -> None:
    """Delete every row but the audit log's; the search index is told of the items that go."""
    gone = list(session.scalars(select(Item.id)))
    for table in reversed(Base.metadata.sorted_tables):
        if "only_grows" not in table.info:
            session.execute(delete(table))
    session.expunge_all()
    catalogue.queue_for_index(session, gone, now=now)


def load(session: Session, *, now: datetime) -> Loaded:
    """Fill an empty database with the sample company as it is at `now`; return how much that is."""
    return _Loading(session, files.load(), now).run()


class _Loading:
    """One run of the loader: the files' names become ids, their days become dates."""

    def __init__(self, session: Session, company: records.SampleCompany, now: datetime) -> None:
        self.session = session
        self.company = company
        self.now = now
        self.today = now.date()
        self.people: dict[str, int] = {}
        self.items: dict[str, int] = {}
        self.roles: dict[str, int] = {}

    def run(self) -> Loaded:
        self._add_people()
        self._add_items()
        for page in self.company.role_pages:
            self._add_role_page(page)
        deeds = sorted((*self._everyday(), *self._playlist_work()), key=lambda deed: deed.at)
        activity.append(self.session, deeds)
        for playlist in self.company.playlists:
            self._add_playlist(playlist)
        playlist_work.tend(self.session, now=self.now)
        self.session.add_all(self._synonyms())
        self.session.flush()
        link_health.add_links(self.session, now=self.now)
        link_health.add_cohort(self.session, now=self.now)
        self._add_care()
        page_work.add_page_work(self.session, roles=self.roles, people=self.people, now=self.now)
        return Loaded(
            people=len(self.people),
            items=len(self.items),
            role_pages=len(self.company.role_pages),
            playlists=len(self.company.playlists),
            activities=len(deeds),
        )

    def _add_care(self) -> None:
        by_access = {
            curates: [
                self.people[one.email]
                for one in self.company.people
                if (one.access == Access.CURATOR.value) is curates
            ]
            for curates in (True, False)
        }
        add_care(self.session, curators=by_access[True], readers=by_access[False], now=self.now)
        add_told(self.session, curators=by_access[True], readers=by_access[False], now=self.now)

    def _day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def _audience(self, tokens: Sequence[str]) -> int:
        return audience_of(self.session, tokens).id

    def _add_people(self) -> None:
        pairs = ((role.slug, role.name) for role in self.company.roles)
        self.roles = catalogue.roles_named(self.session, pairs)
        for group in self.company.groups:
            people.group_named(self.session, group.name)
        added = {
            one.email: people.add_person(self.session, self._described(one), now=self.now)
            for one in self.company.people
        }
        self.people = {email: person.id for email, person in added.items()}
        for one in self.company.people:
            added[one.email].manager_id = self.people[one.manager] if one.manager else None
            added[one.email].shares_expertise = one.shares_expertise

    def _described(self, one: records.Person) -> NewPerson:
        return NewPerson(
            email=one.email,
            name=one.name,
            given_name=one.given_name,
            department=one.department,
            location=one.location,
            started_on=self._day(one.started),
            access=Access(one.access),
            locale=one.locale,
            time_zone=one.time_zone,
            roles=one.roles,
            groups=one.groups,
        )

    def _add_items(self) -> None:
        tools = {tool.slug: _tool(tool) for tool in self.company.tools}
        skills = {skill.slug: skill.name for skill in self.company.skills}
        homes = {item.external_id: item.tool for item in self.company.items}
        roles = {role.slug: role.name for role in self.company.roles}
        found = [_item(item, tools, skills, roles, homes) for item in self.company.items]
        catalogue.upsert(self.session, found, now=self.now)
        catalogue.link_channels(self.session, found)
        rows = self.session.execute(select(Item.external_id, Item.id))
        self.items = {row.external_id: row.id for row in rows}

    def _add_role_page(self, page: records.RolePage) -> None:
        row = RolePage(
            role_id=self.roles[page.role],
            title=page.title,
            intro=page.intro,
            curator_id=self.people[page.curator],
            reviewed_on=self._day(page.reviewed),
            audience_id=self._audience(page.audience),
        )
        row.sections = [
            Section(
                title=section.title,
                intro=section.intro,
                position=place,
                pins=list(self._pins(section, page)),
            )
            for place, section in enumerate(page.sections)
        ]
        self.session.add(row)
        wanted = select(Skill.id).where(Skill.slug.in_(page.skills))
        for skill_id in self.session.scalars(wanted):
            self.session.add(RoleSkill(role_id=row.role_id, skill_id=skill_id))

    def _pins(self, section: records.Section, page: records.RolePage) -> Iterator[Pin]:
        for place, pin in enumerate(section.pins):
            yield Pin(
                item_id=self.items[pin.item],
                note=pin.note,
                position=place,
                pinned_by_id=self.people[page.curator],
                pinned_at=self.now - timedelta(days=page.reviewed),
            )

    def _add_playlist(self, playlist: records.Playlist) -> None:
        steps = [
            Step(
                item_id=self.items[step.item],
                position=place,
                due_day=step.due_day,
                note=step.note,
                choice=step.choice,
            )
            for place, step in enumerate(playlist.steps)
        ]
        tasks = [self._task(task, len(steps) + place) for place, task in enumerate(playlist.tasks)]
        row = Playlist(
            slug=playlist.slug,
            title=playlist.title,
            summary=playlist.summary,
            days=playlist.days,
            role_id=self.roles[playlist.role] if playlist.role else None,
            owner_id=self.people[playlist.owner],
            contact_id=self.people[playlist.contact or playlist.owner],
            audience_id=self._audience(playlist.audience),
            weeks=[PlaylistWeek(number=n, title=t) for n, t in enumerate(playlist.weeks, start=1)],
            steps=[*steps, *tasks],
        )
        self.session.add(row)
        self.session.flush()
        self.session.add_all(
            StepNeed(step_id=steps[place].id, needs_id=steps[need - 1].id)
            for place, step in enumerate(playlist.steps)
            for need in step.needs
        )
        for given in playlist.assignments:
            made = self._assignment(row.id, steps, given)
            made.progress += self._done_tasks(tasks, given)
            self.session.add(made)
            self.session.flush()
            settle(self.session, made.person_id, now=self.now)

    def _task(self, task: records.Task, place: int) -> Step:
        return Step(
            kind=(StepKind.MEET if task.meets else StepKind.TASK).value,
            title=task.title,
            minutes=task.minutes,
            meets=task.meets,
            required=task.required,
            position=place,
            due_day=task.due_day,
            note=task.note,
        )

    def _done_tasks(self, tasks: Sequence[Step], given: records.Assignment) -> list[Progress]:
        """Return the tasks whose day has passed, each done on its day."""
        return [
            Progress(
                step_id=task.id,
                by_hand=True,
                done_at=self.now - timedelta(days=given.start + 1 - task.due_day),
            )
            for task in tasks
            if task.due_day <= given.start
        ]

    def _assignment(
        self, playlist_id: int, steps: Sequence[Step], given: records.Assignment
    ) -> Assignment:
        return Assignment(
            playlist_id=playlist_id,
            person_id=self.people[given.person],
            starts_on=self._day(given.start),
            assigned_by_id=self.people[given.assigned_by],
            buddy_id=self.people[given.buddy] if given.buddy else None,
            assigned_at=self.now - timedelta(days=given.start),
            progress=[
                Progress(step_id=steps[done.step - 1].id, done_at=self._done_at(given, done))
                for done in given.done
            ],
        )

    def _done_at(self, given: records.Assignment, done: records.Done) -> datetime:
        """Return a morning of the assignment's day where the person lives, never in the future."""
        person = next(one for one in self.company.people if one.email == given.person)
        local = datetime.combine(
            self._day(given.start) + timedelta(days=done.day - 1),
            _MORNING,
            ZoneInfo(person.time_zone),
        )
        late = self.now - timedelta(minutes=30 * (len(given.done) - done.step + 1))
        return min(local.astimezone(UTC) + timedelta(minutes=7 * done.step), late)

    def _synonyms(self) -> Iterator[SynonymGroup]:
        for group in self.company.synonyms:
            yield SynonymGroup(
                words=[*group.words],
                becomes=[*group.becomes],
                note=group.note,
                changed_at=self.now - timedelta(days=group.changed),
                changed_by_id=self.people[group.curator],
            )

    def _everyday(self) -> Iterator[Deed]:
        """Yield the model's activity, except what the files say themselves about playlists."""
        told = {
            (given.person, step.item)
            for playlist in self.company.playlists
            for given in playlist.assignments
            for step in playlist.steps
        }
        for event in world.generate(self.company.people, self.company.items, self.now):
            if (event.person_email, event.item_external_id) not in told:
                verb = Verb(event.verb)
                yield self._deed(event.person_email, event.item_external_id, verb, event.at)

    def _playlist_work(self) -> Iterator[Deed]:
        for playlist in self.company.playlists:
            for given in playlist.assignments:
                for done in given.done:
                    item, at = playlist.steps[done.step - 1].item, self._done_at(given, done)
                    begun = at - timedelta(minutes=20)
                    yield self._deed(given.person, item, Verb.LAUNCHED, begun)
                    yield self._deed(given.person, item, Verb.COMPLETED, at)

    def _deed(self, email: str, item: str, verb: Verb, at: datetime) -> Deed:
        return Deed(self.people[email], self.items[item], verb, at, _SOURCE, None)


def _tool(tool: records.Tool) -> ToolRecord:
    return ToolRecord(
        slug=tool.slug,
        name=tool.name,
        kind=tool.kind,
        home_url=tool.home_url,
        description=tool.description,
    )


def _item(
    item: records.Item,
    tools: Mapping[str, ToolRecord],
    skills: Mapping[str, str],
    roles: Mapping[str, str],
    homes: Mapping[str, str],
) -> ItemRecord:
    return ItemRecord(
        tool=tools[item.tool],
        external_id=item.external_id,
        kind=item.kind,
        title=item.title,
        url=item.url,
        source_kind=item.source_kind,
        summary=item.summary,
        minutes=item.minutes,
        level=item.level,
        language=item.language,
        published_on=item.published,
        licence=item.licence,
        attribution=item.attribution,
        skills=tuple((slug, skills[slug]) for slug in item.skills),
        roles=tuple((slug, roles[slug]) for slug in item.roles),
        audience=frozenset(item.audience),
        channel=(homes[item.channel], item.channel) if item.channel else None,
    )
