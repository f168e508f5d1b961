"""Curators write playlists: every page and change as plain forms and through htmx."""

from datetime import date

import pytest
from sqlalchemy import select

from app.models import Assignment, AssignmentRule, Item, Playlist, Step
from tests.support.queries import count_queries

START = "/curate/playlists/start"
DRAFT = f"{START}/draft"


@pytest.fixture
def playlist(make, session):
    """Return a live playlist of three items on days 2, 4 and 9."""
    items = [make.item(title) for title in ("Pumps", "Valves", "Waves")]
    return make.playlist(items, slug="start", title="Start well", days=14, due_days=(2, 4, 9))


@pytest.fixture
def as_writer(as_curator, playlist, session):
    """Return a client of a curator who has begun a draft."""
    session.commit()
    assert as_curator.post(DRAFT).location == DRAFT
    return as_curator


def steps(page):
    return [text for text in page.texts("h3") if text in {"Pumps", "Valves", "Waves", "Say hello"}]


def key(session, title):
    """Return the key of the step with this item, or of this title."""
    for step, name in session.execute(_titled()):
        if title in (name, step.title):
            return step.key
    raise LookupError(title)


def _titled():
    return select(Step, Item.title).select_from(Step).outerjoin(Item, Item.id == Step.item_id)


def seen(page):
    return page.all("input", name="seen")[-1].get("value")


def test_readers_do_not_know_of_it(as_employee, playlist, session):
    session.commit()
    for address in ("/curate/playlists", START, DRAFT, f"{START}/people"):
        assert as_employee.get(address).status == 404


def test_an_empty_portal_says_how_to_begin(as_curator):
    page = as_curator.get("/curate/playlists")
    assert "No playlists yet" in page.words
    assert "/curate/playlists/new" in page.links()


def test_the_list_counts_people_in_groups_of_five(as_curator, playlist, make, session):
    for _number in range(4):
        make.assignment(playlist, make.person())
    session.commit()
    assert "Fewer than 5 people are under way" in as_curator.get("/curate/playlists").words
    make.assignment(playlist, make.person())
    session.commit()
    assert "5+ people are under way" in as_curator.get("/curate/playlists").words


def test_it_is_made_of_nothing(as_curator, as_employee):
    page = as_curator.post("/curate/playlists", {"title": "First week", "kind": "playlist"})
    assert page.location == "/curate/playlists/first-week/draft"
    assert as_curator.follow(page).text("h1") == "First week"
    assert as_employee.get("/playlists/first-week").status == 404


def test_it_is_copied_and_made_a_template(as_curator, playlist, session):
    session.commit()
    form = {"title": "Pattern", "source": "start", "kind": "template"}
    page = as_curator.follow(as_curator.post("/curate/playlists", form))
    assert steps(page) == ["Pumps", "Valves", "Waves"]
    assert "never given to people" in page.words
    page = as_curator.follow(
        as_curator.post("/curate/playlists", {"title": "Of it", "source": "pattern"})
    )
    assert steps(page) == ["Pumps", "Valves", "Waves"]


def test_a_title_that_is_missing_is_named_and_the_choice_stays(as_curator, playlist, session):
    session.commit()
    page = as_curator.post("/curate/playlists", {"title": " ", "source": "start"})
    assert page.status == 422
    assert page.texts("p", class_="error")
    assert page.all("option", value="start")[0].get("selected") is not None


def test_the_page_of_one_playlist_leads_everywhere(as_curator, playlist, session):
    session.commit()
    page = as_curator.get(START)
    assert {f"{START}/people", "/playlists/start", f"{START}/versions/1"} <= set(page.links())


def test_items_are_found_by_words_of_their_titles(as_writer, make, session):
    make.item("Pump stations of York")
    make.item("Secret pump stations", audience=["group:board"])
    session.commit()
    page = as_writer.get(f"{DRAFT}/items?week=2&q=york+pump")
    assert [text for text in page.texts("a") if "station" in text] == ["Pump stations of York"]
    part = as_writer.htmx(f"{DRAFT}/items?week=2&q=station", "found")
    assert "Secret" not in part.words
    assert "<h1" not in part.html


def test_an_item_is_added_after_what_its_week_has(as_writer, make, session):
    item = make.item("Siphons")
    session.commit()
    form = {"item_id": item.id, "week": 2, "q": "siphon"}
    page = as_writer.post(f"{DRAFT}/items", form)
    assert page.location == f"{DRAFT}/items?week=2&q=siphon"
    assert "due on day 9" in as_writer.follow(page).words
    assert "In this playlist" in as_writer.get(page.location).words


def test_somebody_to_meet_needs_no_title(as_writer, make, session):
    make.person("Bea Buddy")
    session.commit()
    form = {"meets": "person", "person": "bea", "due_day": "1", "required": "yes"}
    page = as_writer.follow(as_writer.post(f"{DRAFT}/steps/new/meet", form))
    assert "Meet bea" in page.words
    assert "Bea Buddy" in page.words


def test_a_name_of_several_people_asks_for_the_address(as_writer, make, session):
    make.person("Bea One", email="one@example.org")
    make.person("Bea Two", email="two@example.org")
    session.commit()
    form = {"meets": "person", "person": "bea", "due_day": "1", "title": "Meet Bea"}
    page = as_writer.post(f"{DRAFT}/steps/new/meet", form)
    assert page.status == 422
    assert "one@example.org" in page.words
    assert page.by_id("field_title").get("value") == "Meet Bea"
    page = as_writer.post(f"{DRAFT}/steps/new/meet", form | {"person": "two@example.org"})
    assert page.status == 303


def test_a_step_is_changed_on_its_page(as_writer, session):
    address = f"{DRAFT}/steps/{key(session, 'Valves')}"
    form = {
        "seen": seen(as_writer.get(address)),
        "due_day": "5",
        "note": "Slowly",
        "alternative": key(session, "Waves"),
        "need_new": key(session, "Pumps"),
    }
    page = as_writer.follow(as_writer.post(address, form))
    assert "Day 5" in page.words
    assert "Waits for Pumps" in page.words
    assert "One is enough: this or Waves" in page.words
    page = as_writer.get(address)
    assert "Pumps" in page.texts("span")
    form = {"seen": seen(page), "due_day": "5", "need_shown": key(session, "Pumps")}
    assert "Waits for" not in as_writer.follow(as_writer.post(address, form)).words


def test_a_circle_is_refused_and_loses_nothing(as_writer, session):
    first, second = key(session, "Pumps"), key(session, "Valves")
    address, other = f"{DRAFT}/steps/{first}", f"{DRAFT}/steps/{second}"
    form = {"due_day": "2", "required": "yes"}
    was = seen(as_writer.get(other))
    assert as_writer.post(other, form | {"seen": was, "need_new": first}).status == 303
    form |= {"seen": seen(as_writer.get(address)), "note": "Mine", "need_new": second}
    page = as_writer.post(address, form)
    assert page.status == 422
    assert "in a circle" in page.words
    assert page.text("textarea") == "Mine"


def test_what_two_curators_wrote_stands_side_by_side(as_writer, sign_in, make, session):
    other = sign_in(make.person("Second Curator", access="curator"))
    address = f"{DRAFT}/steps/{key(session, 'Pumps')}"
    was = seen(other.get(address))
    form = {"seen": was, "due_day": "2", "required": "yes"}
    as_writer.post(address, form | {"note": "Theirs is this"})
    page = other.post(address, form | {"note": "Mine is that"})
    assert page.status == 409
    assert "Theirs is this" in page.words
    assert page.text("textarea") == "Mine is that"
    page = other.post(address, form | {"note": "Mine is that", "seen": seen(page)})
    assert page.status == 303
    assert "Mine is that" in other.get(DRAFT).words


def test_steps_move_by_buttons_and_by_dragging(as_writer, session):
    moved = as_writer.post(
        f"{DRAFT}/steps/{key(session, 'Valves')}/move",
        {"direction": "up"},
        htmx_target="weeks",
    )
    assert steps(moved) == ["Valves", "Pumps", "Waves"]
    order = {"order": [key(session, "Pumps"), key(session, "Valves")]}
    dragged = as_writer.post(f"{DRAFT}/weeks/1/order", order)
    assert dragged.location == f"{DRAFT}#week_1"
    assert steps(as_writer.get(DRAFT)) == ["Pumps", "Valves", "Waves"]


@pytest.mark.parametrize("target", [None, "weeks"])
def test_what_was_removed_can_be_put_back(as_writer, session, target):
    removed = as_writer.post(f"{DRAFT}/steps/{key(session, 'Valves')}/remove", htmx_target=target)
    page = removed if target else as_writer.follow(removed)
    assert steps(page) == ["Pumps", "Waves"]
    undo = next(f for f in page.all("form") if "/removed/" in f.get("action"))
    back = as_writer.post(undo.get("action"), htmx_target=target)
    assert steps(back if target else as_writer.get(DRAFT)) == ["Pumps", "Valves", "Waves"]


def test_weeks_are_added_named_moved_and_removed(as_writer):
    as_writer.post(f"{DRAFT}/weeks", {"title": "Third"})
    page = as_writer.get(DRAFT)
    assert "Week 3: Third" in page.texts("h2")
    was = page.by_id("name_2").find(".//input[@name='seen']").get("value")
    as_writer.post(f"{DRAFT}/weeks/2", {"title": "Deeper", "seen": was})
    as_writer.post(f"{DRAFT}/weeks/2/move", {"direction": "up"})
    assert "Week 1: Deeper" in as_writer.get(DRAFT).texts("h2")
    as_writer.post(f"{DRAFT}/weeks/1/remove")
    page = as_writer.get(DRAFT)
    assert "Week “Deeper” with 1 step" in page.words
    assert steps(page) == ["Pumps", "Valves"]


def test_a_week_named_by_two_is_a_conflict(as_writer):
    page = as_writer.get(DRAFT)
    was = page.by_id("name_1").find(".//input[@name='seen']").get("value")
    as_writer.post(f"{DRAFT}/weeks/1", {"title": "Theirs", "seen": was})
    page = as_writer.post(f"{DRAFT}/weeks/1", {"title": "Mine", "seen": was})
    assert page.status == 409
    assert "“Theirs”" in page.words
    assert page.by_id("week_name_1").get("value") == "Mine"


def details(page, **changes):
    """Return the form of the details as a browser would send it."""
    form = page.by_id("details").find(".//form")
    found = {"for": "all"}
    for field in form.iter():
        is_text = field.tag == "textarea" or field.get("type") in {"text", "number", "hidden"}
        if is_text:
            found[field.get("name")] = field.get("value") or field.text or ""
    return {**found, "counting": "all", "role": "", **changes}


def test_details_are_kept_with_people_by_name(as_writer, make, session):
    make.person("Bea Buddy")
    make.item("Talk here", kind="channel")
    make.role("engineer", "Engineer")
    session.commit()
    form = details(
        as_writer.get(DRAFT),
        title="Start better",
        contact="bea buddy",
        channel="talk",
        token="role:engineer",
    )
    page = as_writer.post(f"{DRAFT}/details", form | {"for": "some"})
    assert page.status == 303
    page = as_writer.get(DRAFT)
    assert page.text("h1") == "Start better"
    assert page.by_id("field_contact").get("value") == "Bea Buddy"
    assert page.by_id("field_channel").get("value") == "Talk here"
    checked = [f.get("value") for f in page.all("input", name="token") if "checked" in f.keys()]  # noqa: SIM118
    assert checked == ["role:engineer"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "cannot be empty"),
        ({"days": "3"}, "The last step is due on day 9"),
        ({"contact": "Nobody Known"}, "nobody of that name"),
        ({"channel": "Nowhere"}, "no such channel"),
        ({"for": "some"}, "Say who may see it"),
    ],
)
def test_details_that_are_wrong_are_named_and_stay(as_writer, changes, said):
    form = details(as_writer.get(DRAFT), summary="Typed", **changes)
    page = as_writer.post(f"{DRAFT}/details", form, htmx_target="details")
    assert page.status == 422
    assert said in page.words
    assert page.text("textarea") == "Typed"


def test_publishing_shows_what_differs_and_asks_what_becomes_of_people(
    as_writer, as_employee, playlist, employee, make, session
):
    make.assignment(playlist, employee)
    session.commit()
    as_writer.post(f"{DRAFT}/steps/{key(session, 'Waves')}/remove")
    page = as_writer.get(f"{DRAFT}/publish")
    assert "Waves, day 9" in page.words
    assert "Fewer than 5 people are under way" in page.words
    revision = page.all("input", name="revision")[0].get("value")
    form = {"revision": revision, "moving": "all", "why": "Shorter"}
    published = as_writer.post(f"{DRAFT}/publish", form)
    assert published.location == START
    assert "Shorter" in as_writer.follow(published).words
    assert "Waves" not in as_employee.get("/playlists/start").words
    old = as_writer.get(f"{START}/versions/1")
    assert "Waves" in old.words
    restored = as_writer.post(f"{START}/versions/1/restore")
    assert "Waves, day 9" in as_writer.follow(restored).words


def test_a_draft_changed_since_it_was_looked_at_is_not_published(as_writer, session):
    page = as_writer.get(f"{DRAFT}/publish")
    revision = page.all("input", name="revision")[0].get("value")
    as_writer.post(f"{DRAFT}/weeks", {"title": "More"})
    page = as_writer.post(f"{DRAFT}/publish", {"revision": revision, "why": "Because"})
    assert page.status == 409
    assert "changed the draft meanwhile" in page.words
    assert page.text("textarea") == "Because"


def test_dropping_a_draft_leaves_what_is_live(as_writer, as_employee):
    assert as_writer.post(f"{DRAFT}/drop").location == START
    assert as_writer.get(DRAFT).status == 404
    assert as_employee.get("/playlists/start").status == 200


def test_a_retired_playlist_leaves_the_readers_list(as_curator, as_employee, playlist, session):
    session.commit()
    assert as_curator.post(f"{START}/retire").location == START
    assert as_employee.get("/playlists/start").status == 404
    assert "Retired" in as_curator.get("/curate/playlists").words
    as_curator.post(f"{START}/offer")
    assert as_employee.get("/playlists/start").status == 200


def test_a_curator_finds_somebody_and_gives_it_with_a_buddy(as_curator, playlist, make, session):
    person, buddy = make.person("Ned New"), make.person("Bea Buddy")
    session.commit()
    page = as_curator.get(f"{START}/people?q=ned")
    assert "Ned New" in page.texts("h3")
    form = {"starts_on": "2026-12-01", "buddy": "Bea Buddy", "q": "ned"}
    given = as_curator.post(f"{START}/people/{person.id}", form)
    assert given.location == f"{START}/people"
    row = session.scalars(select(Assignment)).one()
    assert (row.starts_on, row.buddy_id) == (date(2026, 12, 1), buddy.id)
    assert "Ned New has the playlist now" in as_curator.follow(given).words
    taken = as_curator.post(f"{START}/people/{person.id}/take")
    assert "does not have the playlist" in as_curator.follow(taken).words


def test_a_day_that_is_none_is_named_and_stays(as_curator, playlist, make, session):
    person = make.person("Ned New")
    session.commit()
    page = as_curator.post(f"{START}/people/{person.id}", {"starts_on": "soon", "q": "ned"})
    assert page.status == 422
    assert "Give a day such as" in page.words


def test_who_takes_it_themselves_is_not_listed(as_curator, as_employee, playlist, session):
    session.commit()
    as_employee.post("/playlists/start/start")
    page = as_curator.get(f"{START}/people")
    assert "Amara" not in page.words


def test_a_rule_is_looked_at_before_it_is_switched_on(as_curator, playlist, make, session, curator):
    engineer = make.role("engineer", "Engineer")
    make.person("Own Olga", roles=[engineer], manager_id=curator.id)
    make.person("Far Fay", roles=[engineer])
    session.commit()
    page = as_curator.get(f"{START}/rules/new?role={engineer.id}")
    assert "Fewer than 5 people would get it right now" in page.words
    assert "Own Olga" in page.words
    assert "Far Fay" not in page.words
    assert not session.scalars(select(Assignment)).all()
    made = as_curator.post(f"{START}/rules", {"role": engineer.id})
    assert made.location == f"{START}/people#rules"
    assert len(session.scalars(select(Assignment)).all()) == 2
    rule = session.scalars(select(AssignmentRule)).one()
    as_curator.post(f"{START}/rules/{rule.id}/switch", {"enabled": "no"})
    assert "Switch on…" in as_curator.get(f"{START}/people").words
    assert "Fewer than 5 people would get it" in as_curator.get(f"{START}/rules/{rule.id}").words
    as_curator.post(f"{START}/rules/{rule.id}/switch", {"enabled": "yes"})
    as_curator.post(f"{START}/rules/{rule.id}/remove")
    assert not session.scalars(select(AssignmentRule)).all()


def test_a_rule_for_everybody_is_refused(as_curator, playlist, session):
    session.commit()
    page = as_curator.post(f"{START}/rules", {})
    assert page.status == 422
    assert "Choose a role, a group" in page.words


def test_the_editor_takes_as_many_statements_for_a_hundred_steps(
    app, as_writer, make, session, playlist
):
    engine = app.extensions["foyer"].database.engine
    with count_queries(engine) as few:
        as_writer.get(DRAFT)
    draft = session.scalar(select(Playlist).where(Playlist.state == "draft"))
    for number in range(100):
        item = make.item(f"Step {number}")
        session.add(Step(playlist_id=draft.id, item_id=item.id, due_day=1 + number % 14))
    session.commit()
    with count_queries(engine) as many:
        page = as_writer.get(DRAFT)
    assert page.words.count("Step 42") == 1
    assert len(many) == len(few) <= 18
