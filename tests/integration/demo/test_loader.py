"""The sample company in the tables: whole, consistent, dated from now."""

import shutil
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.db import Database
from app.demo import files, loader
from app.foryou.queries import skills_asked_for
from app.models import (
    Activity,
    Assignment,
    IndexOutbox,
    Item,
    ItemState,
    Kind,
    PageCurator,
    Person,
    Pin,
    Playlist,
    Progress,
    RolePage,
    RolePageVersion,
    Section,
    Step,
    Tool,
)
from tests.support.factories import NOW

COMPANY = files.load()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory, empty_sqlite):
    """Return a session on a SQLite database with the sample company in it."""
    path = tmp_path_factory.mktemp("sample") / "foyer.db"
    shutil.copy(empty_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with database.sessions() as session:
        loader.load(session, now=NOW)
        session.commit()
        yield session
    database.close()


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_it_loads_on_either_database(session):
    result = loader.load(session, now=NOW)
    assert (result.people, result.items) == (len(COMPANY.people), len(COMPANY.items))


def test_it_loads_everything_that_the_files_hold(loaded):
    pins = sum(len(section.pins) for page in COMPANY.role_pages for section in page.sections)
    assert count(loaded, Person) == len(COMPANY.people) >= 40
    assert count(loaded, Item) == len(COMPANY.items)
    assert count(loaded, Tool) == len(COMPANY.tools)
    published = select(func.count(RolePage.id)).where(RolePage.published)
    assert loaded.scalar(published) == 6
    of_published = (
        select(func.count(Pin.id))
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .where(RolePage.published)
    )
    assert loaded.scalar(of_published) == pins
    assert loaded.scalar(select(func.count()).where(Playlist.number == 1)) == 4 + 1


def test_a_page_has_a_history_and_a_draft_that_two_curators_work_on(loaded):
    drafts = loaded.scalars(select(RolePage).where(~RolePage.published)).all()
    assert [draft.revision for draft in drafts] == [2]
    assert count(loaded, RolePageVersion) == 2
    assert count(loaded, PageCurator) == 2


def test_a_playlist_has_a_history_another_one_a_draft_and_there_is_a_template(loaded):
    states = {
        (row.slug, row.number, row.state, row.is_template)
        for row in loaded.scalars(
            select(Playlist).where((Playlist.number > 1) | Playlist.is_template)
        )
    }
    assert states == {
        ("first-month-in-the-field", 2, "live", False),
        ("from-spreadsheet-to-sql", 2, "draft", False),
        ("a-first-week-in-any-role", 1, "draft", True),
    }


def test_it_has_every_kind_of_item(loaded):
    assert set(loaded.scalars(select(Item.kind).distinct())) == {kind.value for kind in Kind}


def test_it_says_which_skills_each_role_asks_for(loaded):
    asked = skills_asked_for(loaded)
    assert len(asked) == 6
    assert all(5 <= len(skills) <= 6 for skills in asked.values())


def test_it_points_items_to_their_channels(loaded):
    linked = loaded.scalar(select(func.count()).where(Item.channel_id.is_not(None)))
    assert linked == sum(item.channel is not None for item in COMPANY.items)


def test_it_keeps_the_tools_descriptions(loaded):
    assert all(loaded.scalars(select(Tool.description)))


def test_it_gives_people_their_managers(loaded):
    managed = loaded.scalar(select(func.count()).where(Person.manager_id.is_not(None)))
    assert managed == sum(person.manager is not None for person in COMPANY.people)


def test_it_counts_days_from_the_moment_of_loading(loaded):
    wanted = {one.email: NOW.date() - timedelta(days=one.started) for one in COMPANY.people}
    found = loaded.execute(select(Person.email, Person.started_on)).all()
    assert dict(list(map(tuple, found))) == wanted


def test_it_lets_nothing_happen_in_the_future(loaded):
    assert loaded.scalar(select(func.max(Activity.at))) <= NOW
    assert loaded.scalar(select(func.max(Progress.done_at))) <= NOW
    assert loaded.scalar(select(func.max(ItemState.done_at))) <= NOW


def test_it_gives_the_new_hire_of_day_9_seven_of_sixteen_steps(loaded):
    hire = next(p for p in COMPANY.people if p.sign_in and p.started < 14)
    given = loaded.scalars(
        select(Assignment)
        .join(Person, Person.id == Assignment.person_id)
        .where(Person.email == hire.email)
        .options(selectinload(Assignment.progress))
    ).one()
    steps = loaded.scalar(select(func.count()).where(Step.playlist_id == given.playlist_id))
    assert (len(given.progress), steps) == (7, 16)
    assert (NOW.date() - given.starts_on).days + 1 == 9


def test_it_marks_a_step_done_exactly_when_its_item_is_done(loaded):
    done_steps = set(
        loaded.execute(
            select(Assignment.person_id, Step.item_id)
            .join(Progress, Progress.assignment_id == Assignment.id)
            .join(Step, Step.id == Progress.step_id)
            .where(Step.item_id.is_not(None))
        ).all()
    )
    done_items = set(
        loaded.execute(
            select(Assignment.person_id, Step.item_id)
            .join(Step, Step.playlist_id == Assignment.playlist_id)
            .join(
                ItemState,
                (ItemState.person_id == Assignment.person_id) & (ItemState.item_id == Step.item_id),
            )
            .where(ItemState.done_at.is_not(None))
        ).all()
    )
    assert done_steps == done_items


def test_it_gives_everybody_some_history(loaded):
    busy = Counter(loaded.scalars(select(Activity.person_id)))
    assert len(busy) >= 0.9 * len(COMPANY.people)


def test_it_lets_the_index_follow_every_item(loaded):
    assert set(loaded.scalars(select(IndexOutbox.item_id))) == set(loaded.scalars(select(Item.id)))


def test_it_knows_an_empty_database(session, make):
    assert loader.is_empty(session)
    make.person()
    assert not loader.is_empty(session)


def test_it_counts_people_who_are_not_of_the_sample_company(session, make):
    make.person(email=COMPANY.people[0].email)
    make.person()
    assert loader.other_people(session) == 1


def test_it_empties_every_table_and_tells_the_index(session, make):
    item = make.item(skills=[make.skill()], roles=[make.role()])
    make.assignment(make.playlist([item]), make.person())
    loader.clear(session, now=NOW)
    assert loader.is_empty(session)
    assert session.scalars(select(IndexOutbox.item_id)).all() == [item.id]


def test_it_is_the_same_company_each_time(session):
    loader.load(session, now=NOW)
    first = session.execute(select(Activity.at, Activity.verb).order_by(Activity.id)).all()
    loader.clear(session, now=NOW)
    loader.load(session, now=NOW)
    assert session.execute(select(Activity.at, Activity.verb).order_by(Activity.id)).all() == first
