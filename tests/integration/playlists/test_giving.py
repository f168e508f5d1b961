"""Playlists given by rule and by hand: to the right people, once, on the right day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import events
from app.errors import Conflict, Invalid, NotFound
from app.models import Assignment, AssignmentRule, Notice, Playlist, PlaylistState
from app.people import service as people
from app.people.service import NewPerson
from app.playlists import giving, rules, service, versions
from app.playlists.drafts import Author
from app.playlists.rules import Whom
from tests.support.queries import count_queries

TODAY = date(2026, 11, 12)
EVERYONE = frozenset({"everyone"})


@pytest.fixture
def author(make, now):
    return Author(id=make.person("Jonas Weber", access="curator").id, tokens=EVERYONE, now=now)


@pytest.fixture
def role(make):
    return make.role("engineer")


@pytest.fixture
def playlist(make):
    return make.playlist([make.item("Pumps")], slug="start", title="Start")


@pytest.fixture
def hearing():
    """Connect the receiver as the application does."""
    events.person_changed.connect(rules.on_person_changed)
    yield
    events.person_changed.disconnect(rules.on_person_changed)


def starts(session):
    """Return the first day of everybody who has a playlist, by person."""
    rows = session.execute(select(Assignment.person_id, Assignment.starts_on))
    return dict(rows.all())


def add(session, author, **whom):
    rule = rules.add_rule(session, "start", Whom(**whom), author=author)
    rules.give(session, now=author.now, rule_id=rule.id)
    return rule


def test_a_rule_gives_to_the_holders_of_a_role_and_tells_them(
    session, make, playlist, role, author
):
    holder = make.person(roles=[role], started_on=TODAY + timedelta(4))
    veteran = make.person(roles=[role], started_on=date(2020, 1, 7))
    make.person()
    make.person(roles=[role], active=False)
    rule = add(session, author, role_id=role.id)
    assert starts(session) == {holder.id: TODAY + timedelta(4), veteran.id: TODAY}
    assert set(session.scalars(select(Assignment.rule_id))) == {rule.id}
    assert set(session.scalars(select(Notice.person_id))) == {holder.id, veteran.id}


def test_a_rule_asks_for_all_that_it_names(session, make, playlist, role, author):
    both = make.person(roles=[role], started_on=TODAY)
    only_role = make.person(roles=[role], started_on=TODAY)
    too_early = make.person(roles=[role], started_on=TODAY - timedelta(1))
    group = make.group("pilots", [both, too_early])
    add(session, author, role_id=role.id, group_id=group.id, started_from=TODAY)
    assert set(starts(session)) == {both.id}
    assert only_role.id not in starts(session)


def test_a_fixed_day_counts_unless_it_has_passed(session, make, playlist, role, author):
    person = make.person(roles=[role], started_on=TODAY)
    add(session, author, role_id=role.id, starts_on=TODAY + timedelta(30))
    assert starts(session) == {person.id: TODAY + timedelta(30)}


@pytest.mark.usefixtures("hearing")
def test_whoever_joins_with_the_role_gets_it_by_themselves(
    session, make, playlist, role, author, now
):
    add(session, author, role_id=role.id)
    new = NewPerson(email="new@example.org", name="New Ned", roles=("engineer",))
    person = people.add_person(session, new, now=now)
    assert set(starts(session)) == {person.id}


@pytest.mark.usefixtures("hearing")
def test_whoever_is_given_the_role_later_gets_it_then(session, make, playlist, role, author, now):
    add(session, author, role_id=role.id)
    new = NewPerson(email="new@example.org", name="New Ned", active=False)
    person = people.add_person(session, new, now=now)
    people.describe_person(session, person, replace(new, roles=("engineer",)))
    assert starts(session) == {}
    people.switch_person(session, person, active=True)
    assert set(starts(session)) == {person.id}


def test_the_job_catches_up_and_gives_nobody_anything_twice(
    session, make, playlist, role, author, now
):
    add(session, author, role_id=role.id)
    person = make.person(roles=[role])
    assert rules.catch_up(session, now=now) == 1
    versions.begin_draft(session, "start", author=author)
    draft = versions.draft_row(session, "start")
    versions.publish(
        session,
        "start",
        moving=versions.Moving.KEEP,
        why="",
        revision=draft.revision,
        author=author,
    )
    assert rules.catch_up(session, now=now) == 0
    assert set(starts(session)) == {person.id}


@pytest.mark.parametrize("state", [PlaylistState.PAST, PlaylistState.DRAFT])
def test_what_is_not_live_is_given_to_nobody(session, make, playlist, role, author, now, state):
    add(session, author, role_id=role.id)
    make.person(roles=[role])
    playlist.state = state.value
    assert rules.catch_up(session, now=now) == 0


@pytest.mark.parametrize(
    ("token", "found"), [("dept:r-and-d", True), ("loc:york", False), ("role:engineer", True)]
)
def test_only_who_may_see_it_gets_it(session, make, role, author, now, token, found):
    make.playlist([make.item()], slug="start", audience=[token])
    make.person(roles=[role], department="R&D", location="Leeds")
    add(session, author, role_id=role.id)
    assert bool(starts(session)) == found


def test_a_rule_that_is_switched_off_gives_nothing(session, make, playlist, role, author, now):
    rule = add(session, author, role_id=role.id)
    rules.switch_rule(session, "start", rule.id, enabled=False)
    make.person(roles=[role])
    assert rules.catch_up(session, now=now) == 0
    rules.switch_rule(session, "start", rule.id, enabled=True)
    assert rules.catch_up(session, now=now) == 1
    rules.remove_rule(session, "start", rule.id)
    with pytest.raises(Conflict):
        rules.remove_rule(session, "start", rule.id)
    assert starts(session)


def test_a_rule_for_everybody_a_second_one_and_one_for_a_template_are_refused(
    session, make, playlist, role, author
):
    with pytest.raises(Invalid):
        rules.add_rule(session, "start", Whom(), author=author)
    with pytest.raises(Invalid):
        rules.add_rule(session, "start", Whom(role_id=999), author=author)
    add(session, author, role_id=role.id)
    with pytest.raises(Conflict):
        add(session, author, role_id=role.id)
    template = versions.create(session, "Pattern", author=author, is_template=True)
    with pytest.raises(NotFound):
        rules.add_rule(session, template.slug, Whom(role_id=role.id), author=author)


def test_a_preview_counts_all_and_names_the_own_team(session, make, playlist, role, author):
    make.person("Ann Own", roles=[role], manager_id=author.id)
    make.person("Zoe Far", roles=[role])
    make.assignment(playlist, make.person(roles=[role]))
    whom = Whom(role_id=role.id)
    seen = rules.preview(session, "start", whom, reader_id=author.id, sees_all=False)
    assert (seen.count, seen.names) == (2, ("Ann Own",))
    seen = rules.preview(session, "start", whom, reader_id=author.id, sees_all=True)
    assert seen.names == ("Ann Own", "Zoe Far")


def test_looking_for_whom_rules_find_takes_as_many_statements_for_many(
    session, make, playlist, role, author, now
):
    add(session, author, role_id=role.id)
    others = [make.role(), make.role()]
    for other in others:
        add(session, author, role_id=other.id)
    with count_queries(session.get_bind().engine) as few:
        rules.catch_up(session, now=now)
    for _number in range(20):
        make.person()
    with count_queries(session.get_bind().engine) as many:
        rules.catch_up(session, now=now)
    assert len(few) == len(many) <= 4


def test_giving_by_hand_tells_the_person_and_the_buddy(session, make, playlist, author):
    person, buddy = make.person("Ned"), make.person("Bea")
    given = giving.give(
        session, "start", person.id, starts_on=TODAY, author=author, buddy_id=buddy.id
    )
    assert given.is_new
    row = session.scalars(select(Assignment)).one()
    assert (row.assigned_by_id, row.buddy_id, row.starts_on) == (author.id, buddy.id, TODAY)
    assert set(session.scalars(select(Notice.person_id))) == {person.id, buddy.id}


def test_nobody_gets_a_playlist_twice_in_any_version(session, make, playlist, author):
    person = make.person()
    old = Playlist(slug="start", number=7, title="Old", days=1, audience_id=playlist.audience_id)
    old.state = PlaylistState.PAST.value
    session.add(old)
    session.flush()
    make.assignment(old, person)
    assert not giving.give(session, "start", person.id, starts_on=TODAY, author=author).is_new
    assert len(starts(session)) == 1


@pytest.mark.parametrize("values", [{"active": False}, {"location": "Leeds"}])
def test_who_is_gone_or_may_not_see_it_is_given_nothing(session, make, author, values):
    make.playlist([make.item()], slug="start", audience=["loc:york"])
    person = make.person(**values)
    with pytest.raises((NotFound, Invalid)):
        giving.give(session, "start", person.id, starts_on=TODAY, author=author)


def test_nobody_is_their_own_buddy(session, make, playlist, author):
    person = make.person()
    with pytest.raises(Invalid):
        giving.give(session, "start", person.id, starts_on=TODAY, author=author, buddy_id=person.id)


def test_what_was_taken_away_no_rule_gives_again_but_a_curator_can(
    session, make, playlist, role, author, now
):
    person = make.person(roles=[role])
    add(session, author, role_id=role.id)
    giving.take_away(session, "start", person.id, author=author)
    assert rules.catch_up(session, now=now) == 0
    assert giving.give(session, "start", person.id, starts_on=TODAY, author=author).is_new
    giving.take_away(session, "start", person.id, author=author)
    with pytest.raises(Conflict):
        giving.take_away(session, "start", person.id, author=author)


def test_what_somebody_gave_to_themselves_is_not_taken_away(session, make, playlist, author, now):
    person = make.person()
    service.start(session, person.id, "start", tokens=EVERYONE, today=TODAY, now=now)
    with pytest.raises(Conflict):
        giving.take_away(session, "start", person.id, author=author)


@pytest.mark.parametrize("token", ["role:red", "group:pilot", "dept:field", "loc:kiel"])
def test_a_rule_gives_nothing_to_whom_the_playlist_is_not_for(make, session, now, token):
    """Somebody else who is in the audience does not let others in."""
    asked, red = make.role("asked"), make.role("red")
    inside = make.person(roles=[asked, red], department="Field", location="Kiel")
    make.person(roles=[asked], department="Office", location="Bonn")
    make.group("pilot", [inside])
    slug = make.playlist([make.item()], audience=[token]).slug
    whom = rules.Whom(role_id=asked.id)
    seen = rules.preview(session, slug, whom, reader_id=0, sees_all=True)
    assert (seen.count, seen.names) == (1, (inside.name,))
    session.add(AssignmentRule(slug=slug, role_id=asked.id, made_at=now))
    session.flush()
    rules.give(session, now=now)
    assert session.scalars(select(Assignment.person_id)).all() == [inside.id]
