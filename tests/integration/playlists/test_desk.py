"""Curators at work on playlists: drafts, versions, and two of them at once, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.curation.seen import Overtaken, seen_of
from app.errors import Conflict, Invalid, NotFound
from app.models import Assignment, Notice, Playlist, Progress, Step, StepDate, StepKind
from app.playlists import details, ordering, removals, steps, versions, weeks
from app.playlists.drafts import Author, contents, draft_row
from app.playlists.moving import how_many
from app.playlists.replacing import replace_everywhere
from app.playlists.steps import NeedsGiven
from app.playlists.versions import Moving

EVERYONE = frozenset({"everyone"})
NOTHING = NeedsGiven()


@pytest.fixture
def author(make, now):
    return Author(id=make.person("Jonas Weber", access="curator").id, tokens=EVERYONE, now=now)


@pytest.fixture
def items(make):
    return [make.item(title) for title in ("Pumps", "Valves", "Waves")]


@pytest.fixture
def draft(session, make, items, author):
    """Return a draft of three steps on days 2, 4 and 9, of a playlist that is live."""
    make.playlist(items, slug="start", title="Start", days=14, due_days=(2, 4, 9))
    return versions.begin_draft(session, "start", author=author)


def held(session, slug="start"):
    row = draft_row(session, slug) or versions.newest(session, slug)
    return contents(session, row, tokens=EVERYONE)


def days(session, slug="start"):
    found = held(session, slug)
    return [(found.names[step.key], step.due_day) for step in found.steps]


def key(session, title, slug="start"):
    return next(key for key, name in held(session, slug).names.items() if name == title)


def edit(session, of, author, was=None, needs=NOTHING, **given):
    found = held(session)
    step = found.step(key(session, of))
    was = seen_of(*steps.fields_of(step, found).values()) if was is None else was
    return steps.edit_step(session, "start", step.key, given, was=was, needs=needs, author=author)


def need(session, title, other, author):
    return edit(session, title, author, needs=NeedsGiven(added=key(session, other)))


def publish(session, author, moving=Moving.KEEP, slug="start"):
    revision = draft_row(session, slug).revision
    return versions.publish(session, slug, moving=moving, why="", revision=revision, author=author)


def test_a_draft_has_the_keys_of_the_version_it_comes_from(session, draft):
    live = versions.newest(session, "start")
    assert (draft.number, draft.state, live.state) == (2, "draft", "live")
    assert set(held(session).names) == set(contents(session, live, tokens=EVERYONE).names)


def test_there_is_one_draft(session, draft, author):
    assert versions.begin_draft(session, "start", author=author).id == draft.id


def test_an_item_stands_once_in_a_playlist(session, draft, items, author):
    found = steps.add_item(session, "start", items[0].id, due_day=1, author=author)
    assert (found.is_new, found.step.due_day) == (False, 2)


def test_what_a_curator_may_not_see_is_not_added(session, draft, make, author):
    secret = make.item("Plan", audience=["group:board"])
    with pytest.raises(NotFound):
        steps.add_item(session, "start", secret.id, due_day=1, author=author)


def test_a_task_and_somebody_to_meet_are_steps(session, draft, author):
    given = {"title": "Say hello", "due_day": "1", "meets": "buddy", "minutes": "15"}
    met = steps.add_step(session, "start", StepKind.MEET, given, author=author).step
    task = {"title": "Get a badge", "due_day": "20", "note": "At the gate"}
    steps.add_step(session, "start", StepKind.TASK, task, author=author)
    assert (met.meets, met.minutes) == ("buddy", 15)
    assert next(name for name, _day in days(session)) == "Say hello"
    assert held(session).playlist.days == 20


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "Meet", "meets": "person", "person": "999"}, "person"),
        ({"title": "Meet", "meets": "somebody"}, "meets"),
        ({"title": "Meet", "meets": "buddy", "due_day": "0"}, "due_day"),
        ({"title": "Meet", "meets": "buddy", "minutes": "long"}, "minutes"),
    ],
)
def test_it_names_the_field_that_is_wrong(session, draft, author, given, field):
    with pytest.raises(Invalid) as refused:
        steps.add_step(session, "start", StepKind.MEET, given, author=author)
    assert list(refused.value.fields) == [field]


def test_moving_up_takes_the_day_of_the_step_above(session, draft, author):
    ordering.move_step(session, "start", key(session, "Valves"), -1, author=author)
    assert days(session) == [("Valves", 2), ("Pumps", 2), ("Waves", 9)]


def test_moving_down_takes_the_day_of_the_step_below(session, draft, author):
    ordering.move_step(session, "start", key(session, "Pumps"), 1, author=author)
    assert days(session) == [("Valves", 4), ("Pumps", 4), ("Waves", 9)]


def test_moving_past_the_end_of_a_week_goes_to_the_next_one(session, draft, author):
    ordering.move_step(session, "start", key(session, "Valves"), 1, author=author)
    assert days(session) == [("Pumps", 2), ("Valves", 8), ("Waves", 9)]
    ordering.move_step(session, "start", key(session, "Valves"), -1, author=author)
    assert days(session) == [("Pumps", 2), ("Valves", 7), ("Waves", 9)]


def test_dragging_orders_a_week_and_loses_nothing(session, draft, author):
    wanted = [key(session, "Valves"), "unknown", key(session, "Waves"), key(session, "Pumps")]
    ordering.reorder(session, "start", 1, wanted, author=author)
    assert [name for name, _day in days(session)] == ["Valves", "Pumps", "Waves"]


def test_a_circle_is_refused_and_names_its_steps(session, draft, author):
    edit(session, "Valves", author, due_day="2")
    need(session, "Valves", "Pumps", author)
    with pytest.raises(Invalid, match=r"circle: “Pumps” → “Valves” → “Pumps”|“Valves” → “Pumps”"):
        need(session, "Pumps", "Valves", author)


def test_a_prerequisite_cannot_come_later(session, draft, author):
    need(session, "Waves", "Valves", author)
    with pytest.raises(Invalid, match=r"“Waves” waits for “Valves”.*day 12"):
        edit(session, "Valves", author, due_day="12")


def test_alternatives_are_required_together(session, draft, author):
    edit(session, "Waves", author, alternative=key(session, "Valves"), required="yes")
    edit(session, "Valves", author, required="")
    found = {held(session).names[step.key]: step for step in held(session).steps}
    assert found["Waves"].choice == found["Valves"].choice is not None
    assert not found["Waves"].required


def test_two_curators_who_change_different_fields_both_keep_theirs(session, draft, author):
    found = held(session)
    step = found.step(key(session, "Pumps"))
    seen = steps.fields_of(step, found)
    was = seen_of(*seen.values())
    edit(session, "Pumps", author, was=was, **{**seen, "note": "Read this first"})
    edit(session, "Pumps", author, was=was, **{**seen, "due_day": "3"})
    after = held(session).step(step.key)
    assert (after.note, after.due_day) == ("Read this first", 3)


def test_two_curators_who_change_one_field_see_both(session, draft, author):
    found = held(session)
    step = found.step(key(session, "Pumps"))
    was = seen_of(*steps.fields_of(step, found).values())
    edit(session, "Pumps", author, was=was, note="Theirs")
    edit(session, "Pumps", author, was=was, due_day="3")
    with pytest.raises(Overtaken) as refused:
        edit(session, "Pumps", author, was=seen_of("", "", "2", "", "yes", "", "", ""), due_day="5")
    assert refused.value.theirs == {"due_day": "3"}


def test_a_removed_step_comes_back_as_it_was(session, draft, author):
    edit(session, "Valves", author, note="Slowly", required="")
    need(session, "Valves", "Pumps", author)
    need(session, "Waves", "Valves", author)
    before = held(session).outline()
    name = removals.remove_step(session, "start", key(session, "Valves"), author=author)
    assert [title for title, _day in days(session)] == ["Pumps", "Waves"]
    removals.put_back(session, "start", name, author=author)
    session.expire_all()
    assert held(session).outline() == before
    with pytest.raises(Conflict):
        removals.put_back(session, "start", name, author=author)


def test_weeks_move_with_their_steps(session, draft, author):
    weeks.name_week(session, "start", 2, "Deeper", was=seen_of(""), author=author)
    weeks.move_week(session, "start", 2, -1, author=author)
    assert days(session) == [("Waves", 2), ("Pumps", 9), ("Valves", 11)]
    assert weeks.titles_of(session, draft.id) == {1: "Deeper", 2: "Settle in"}


def test_a_removed_week_comes_back_as_it_was(session, draft, author):
    before, titles = held(session).outline(), weeks.titles_of(session, draft.id)
    name = weeks.remove_week(session, "start", 1, author=author)
    assert (days(session), draft.days) == ([("Waves", 2)], 7)
    removals.put_back(session, "start", name, author=author)
    session.expire_all()
    assert (held(session).outline(), held(session).playlist.days) == (before, 14)
    assert weeks.titles_of(session, draft.id) == titles


def test_a_week_can_be_added_up_to_a_limit_and_the_last_stays(session, draft, author):
    assert weeks.add_week(session, "start", "Third", author=author) == 3
    for _time in range(2):
        weeks.remove_week(session, "start", 1, author=author)
    with pytest.raises(Invalid):
        weeks.remove_week(session, "start", 1, author=author)


def test_counting_working_days_keeps_every_step_in_its_week(session, draft, author):
    given = details.fields_of(draft, EVERYONE)
    was = seen_of(*given.values())
    details.edit_details(session, "start", {**given, "counting": "working"}, was=was, author=author)
    assert days(session) == [("Pumps", 2), ("Valves", 4), ("Waves", 7)]
    assert held(session).playlist.days == 10


def test_a_playlist_is_not_shorter_than_its_steps(session, draft, author):
    given = details.fields_of(draft, EVERYONE)
    with pytest.raises(Invalid, match="day 9"):
        details.edit_details(
            session, "start", {**given, "days": "8"}, was=seen_of(*given.values()), author=author
        )


@pytest.fixture
def followed(session, make, draft, items, now):
    """Return three people: one has begun, one has not, one has finished."""
    live = versions.newest(session, "start")
    people = [make.person(name) for name in ("Begun Bea", "New Ned", "Finished Fay")]
    given = [make.assignment(live, person) for person in people]
    first = session.scalar(select(Step).where(Step.playlist_id == live.id).order_by(Step.id))
    session.add(Progress(assignment_id=given[0].id, step_id=first.id, done_at=now, by_hand=True))
    session.add(
        StepDate(assignment_id=given[0].id, step_id=first.id, due_on=now.date() + timedelta(3))
    )
    given[2].finished_at = now
    session.flush()
    return people


def version_of(session, person):
    return session.scalar(
        select(Playlist.number)
        .join(Assignment, Assignment.playlist_id == Playlist.id)
        .where(Assignment.person_id == person.id)
    )


def test_it_counts_who_is_under_way_and_who_has_not_begun(session, followed):
    assert how_many(session, "start") == (2, 1)


@pytest.mark.parametrize(
    ("moving", "numbers"),
    [(Moving.KEEP, [1, 1, 1]), (Moving.NOT_BEGUN, [1, 2, 1]), (Moving.ALL, [2, 2, 1])],
)
def test_people_keep_their_version_or_move_on_as_the_curator_says(
    session, followed, author, moving, numbers
):
    published = publish(session, author, moving)
    assert [version_of(session, person) for person in followed] == numbers
    assert published.moved == numbers.count(2)
    told = session.scalars(select(Notice.person_id)).all()
    assert len(told) == numbers.count(2)


def test_what_was_done_and_planned_follows_by_the_step(session, followed, author, draft):
    publish(session, author, Moving.ALL)
    new = next(step for step in held(session).steps if step.due_day == 2)
    done = session.scalars(select(Progress)).one()
    planned = session.scalars(select(StepDate)).one()
    assert (done.step_id, done.by_hand, planned.step_id) == (new.id, True, new.id)


def test_a_done_step_that_is_removed_comes_back_with_an_old_version(
    session, followed, author, items
):
    removals.remove_step(session, "start", key(session, "Pumps"), author=author)
    publish(session, author, Moving.ALL)
    assert session.scalars(select(Progress)).one()
    versions.begin_draft(session, "start", author=author, number=1)
    publish(session, author, Moving.ALL)
    found = held(session)
    done = session.scalars(select(Progress)).one()
    assert found.names[next(s.key for s in found.steps if s.id == done.step_id)] == "Pumps"
    assert version_of(session, followed[0]) == 3


def test_who_has_nothing_left_in_the_new_version_has_finished(session, followed, author):
    for title in ("Valves", "Waves"):
        removals.remove_step(session, "start", key(session, title), author=author)
    publish(session, author, Moving.ALL)
    given = session.scalar(select(Assignment).where(Assignment.person_id == followed[0].id))
    assert given.finished_at is not None


def test_a_draft_that_somebody_changed_since_is_not_published(session, draft, author):
    revision = draft.revision
    removals.remove_step(session, "start", key(session, "Pumps"), author=author)
    with pytest.raises(Conflict):
        versions.publish(
            session, "start", moving=Moving.KEEP, why="", revision=revision, author=author
        )


def test_an_empty_playlist_and_a_template_are_not_published(session, author):
    for is_template in (False, True):
        made = versions.create(session, "New", author=author, is_template=is_template)
        with pytest.raises((Invalid, Conflict)):
            publish(session, author, slug=made.slug)


def test_a_copy_is_another_playlist(session, draft, author):
    made = versions.copy(session, draft, "Start", author=author)
    assert (made.slug, made.number, made.state) == ("start-2", 1, "draft")
    assert days(session, "start-2") == days(session)


def test_dropping_the_only_draft_drops_the_playlist(session, draft, author):
    made = versions.create(session, "New", author=author)
    assert not versions.drop_draft(session, made.slug)
    assert versions.drop_draft(session, "start")
    with pytest.raises(Conflict):
        versions.drop_draft(session, "start")


def test_a_retired_playlist_can_be_offered_again(session, draft, author):
    versions.retire(session, "start", author=author)
    assert versions.newest(session, "start").state == "past"
    with pytest.raises(Conflict):
        versions.retire(session, "start", author=author)
    versions.offer_again(session, "start", author=author)
    assert versions.newest(session, "start").state == "live"


def test_a_successor_takes_a_step_over_everywhere(session, followed, make, items, now):
    new = make.item("New pumps")
    assert replace_everywhere(session, items[0].id, new.id, now=now) == 2
    assert days(session)[0] == ("New pumps", 2)
    assert session.scalars(select(Progress)).one()


def test_a_step_whose_successor_is_there_already_is_merged(session, followed, author, items, now):
    need(session, "Waves", "Pumps", author)
    need(session, "Valves", "Pumps", author)
    assert replace_everywhere(session, items[0].id, items[1].id, now=now) == 2
    found = held(session)
    assert [found.names[step.key] for step in found.steps] == ["Valves", "Waves"]
    assert found.needs == {key(session, "Waves"): {key(session, "Valves")}}
    done = session.scalars(select(Progress)).one()
    assert session.get(Step, done.step_id).item_id == items[1].id
    assert session.scalars(select(StepDate)).one().due_on == date(2026, 11, 15)
