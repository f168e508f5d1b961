"""Reads of playlists, on both databases."""

from datetime import date, timedelta

import pytest

from app.models import ItemState
from app.playlists import queries, service
from app.playlists.progress import StepState

TODAY = date(2026, 11, 12)
EVERYONE = frozenset({"everyone"})


@pytest.fixture
def amara(make):
    return make.person("Amara Okafor")


def ago(days):
    return TODAY - timedelta(days=days)


def assigned(session, person, tokens=EVERYONE):
    return queries.assigned_plans(session, person.id, tokens=tokens, today=TODAY)


def titles(plan):
    return [step.title for step in plan.steps]


def test_it_lists_steps_in_the_order_in_which_they_are_due(session, make, amara):
    items = [make.item("Later"), make.item("Sooner")]
    make.assignment(make.playlist(items, due_days=(9, 2)), amara)
    assert titles(assigned(session, amara)[0]) == ["Sooner", "Later"]


def test_it_leaves_out_steps_that_the_reader_may_not_see(session, make, amara):
    items = [make.item("Open"), make.item("Secret", audience=("role:pilot",))]
    make.assignment(make.playlist(items), amara)
    assert titles(assigned(session, amara)[0]) == ["Open"]


def test_it_leaves_out_steps_that_are_retired(session, make, amara):
    make.assignment(make.playlist([make.item(status="retired"), make.item("Open")]), amara)
    plan = assigned(session, amara)[0]
    assert plan.standing.total == 1


def test_it_hides_a_playlist_meant_for_others(session, make, amara):
    make.playlist([make.item()], slug="pilots", audience=("role:pilot",))
    found = queries.plan_called(session, "pilots", person_id=amara.id, tokens=EVERYONE, today=TODAY)
    assert found is None


def test_it_lists_what_is_assigned_before_what_is_not(session, make, amara):
    make.playlist([make.item()], title="A path")
    make.assignment(make.playlist([make.item()], title="Your first days"), amara)
    found = queries.plans(session, amara.id, tokens=EVERYONE, today=TODAY)
    assert [plan.playlist.title for plan in found] == ["Your first days", "A path"]


def test_it_gives_no_dates_without_an_assignment(session, make, amara):
    make.playlist([make.item()])
    [plan] = queries.plans(session, amara.id, tokens=EVERYONE, today=TODAY)
    assert (plan.dated, plan.standing, plan.next) == ([], None, None)


def test_it_keeps_other_peoples_progress_out(session, make, amara, now):
    item = make.item()
    playlist = make.playlist([item])
    kofi = make.person("Kofi Tawiah")
    for person in (amara, kofi):
        make.assignment(playlist, person)
    service.on_item_completed(session, person_id=kofi.id, item_id=item.id, at=now)
    assert assigned(session, amara)[0].standing.done == 0


def test_it_counts_an_item_done_before_it_became_a_step(session, make, amara, now):
    item = make.item()
    make.assignment(make.playlist([item]), amara)
    session.add(ItemState(person_id=amara.id, item_id=item.id, done_at=now))
    session.flush()
    assert assigned(session, amara)[0].dated[0].state is StepState.DONE


def test_it_finds_the_buddy_of_an_assignment(session, make, amara):
    make.assignment(make.playlist([make.item()]), amara, buddy_id=make.person("Kofi Tawiah").id)
    assert assigned(session, amara)[0].buddy.name == "Kofi Tawiah"


def test_it_puts_the_plan_first_whose_next_step_is_due_first(session, make, amara):
    make.assignment(make.playlist([make.item()], title="Relaxed", due_days=(20,)), amara)
    make.assignment(make.playlist([make.item()], title="Urgent", due_days=(2,)), amara)
    found = queries.current_assignment(session, amara.id, tokens=EVERYONE, today=TODAY)
    assert found.playlist.title == "Urgent"


def test_it_has_no_current_assignment_for_a_newcomer(session, amara):
    assert queries.current_assignment(session, amara.id, tokens=EVERYONE, today=TODAY) is None


def test_it_lists_what_is_late_or_due_within_two_weeks(session, make, amara):
    items = [make.item(title) for title in ("Late", "Soon", "Far")]
    make.assignment(make.playlist(items, due_days=(1, 10, 40)), amara, starts_on=ago(3))
    found = queries.due_soon(session, amara.id, tokens=EVERYONE, today=TODAY)
    assert [due.dated.step.title for due in found] == ["Late", "Soon"]


def test_it_lists_no_more_due_steps_than_asked_for(session, make, amara):
    make.assignment(make.playlist([make.item() for _ in range(6)], due_days=range(1, 7)), amara)
    assert len(queries.due_soon(session, amara.id, tokens=EVERYONE, today=TODAY, limit=3)) == 3


def test_it_names_every_assigned_item(session, make, amara):
    mine, other = make.item(), make.item()
    make.assignment(make.playlist([mine]), amara)
    make.playlist([other])
    assert set(queries.assigned_steps(session, amara.id)) == {mine.id}


def test_it_names_the_playlist_of_each_open_step(session, make, amara, now):
    done, left = make.item(), make.item()
    make.assignment(make.playlist([done, left], title="Your first days"), amara)
    service.on_item_completed(session, person_id=amara.id, item_id=done.id, at=now)
    found = queries.open_step_items(session, amara.id, tokens=EVERYONE)
    assert found == {left.id: "Your first days"}


def test_it_names_no_open_step_that_the_reader_may_not_see(session, make, amara):
    make.assignment(make.playlist([make.item(audience=("role:pilot",))]), amara)
    assert queries.open_step_items(session, amara.id, tokens=EVERYONE) == {}


def test_it_names_the_weeks_of_a_playlist(session, make):
    assert queries.week_titles(session, make.playlist().id) == {1: "Settle in"}
