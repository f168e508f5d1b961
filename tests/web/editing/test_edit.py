"""Curators change items: what is kept, what two of them at once see, and what the tool says."""

import pytest

from app.catalogue import service as catalogue
from app.catalogue.records import ItemRecord, ToolRecord
from app.models import AuditEntry, IndexOutbox, Item, ItemSkill, Skill
from tests.support.factories import NOW
from tests.support.queries import count_queries

MOODLE = ToolRecord(slug="moodle", name="Our Moodle")


def told(**values):
    """Return what the tool says of the one course."""
    said = {
        "title": "Reading flow meters",
        "url": "https://moodle.example.org/c/1",
        "summary": "From the dial to the report.",
        "minutes": 45,
        "level": "beginner",
        "skills": (("measurement", "Measurement"), ("c-plus-plus", "C++")),
    }
    return ItemRecord(tool=MOODLE, external_id="c-1", kind="course", **said | values)


@pytest.fixture
def harvest(session):
    """Return what brings the tool's word into the rows, as each harvest and import does."""

    def harvested(**values):
        session.expire_all()
        catalogue.upsert(session, [told(**values)], now=NOW)
        session.commit()
        session.expire_all()

    harvested()
    return harvested


@pytest.fixture
def item(harvest, session):
    return session.query(Item).filter_by(external_id="c-1").one()


@pytest.fixture
def address(item):
    return f"/curate/items/{item.id}"


def filled(page):
    """Return what the page's form would send."""
    form = next(f for f in page.all("form") if "/curate/items/" in f.get("action", "")
                and "back" in [i.get("name") for i in f.iter("input")])  # fmt: skip
    data = {}
    for field in form.iter():
        if field.tag not in {"input", "textarea", "select"}:
            continue
        name, kind = field.get("name"), field.get("type")
        if kind == "checkbox" and field.get("checked") is None:
            continue
        if field.tag == "select":
            value = next(
                (o.get("value") for o in field.iter("option") if o.get("selected") is not None), ""
            )
        else:
            value = (field.text or "").strip() if field.tag == "textarea" else field.get("value")
        data.setdefault(name, []).append(value or "")
    return data


def edit(client, address, **changes):
    page = client.get(address)
    return client.post(address, filled(page) | changes)


def kept(session, item):
    session.expire_all()
    return session.get(Item, item.id)


def test_a_changed_title_outlives_every_harvest(as_curator, address, item, harvest, session):
    page = edit(as_curator, address, title="Flow meters in an hour")
    assert (page.status, page.location) == (303, f"/items/{item.id}")
    harvest(title="Reading flow meters, second edition", minutes=60)
    found = kept(session, item)
    assert (found.title, found.minutes, found.locked) == ("Flow meters in an hour", 60, ["title"])
    assert found.told == {"title": "Reading flow meters, second edition"}


def test_what_was_not_changed_is_not_locked(as_curator, address, item, session):
    edit(as_curator, address)
    assert kept(session, item).locked == []
    edit(as_curator, address, minutes="20", level="")
    found = kept(session, item)
    assert (found.locked, found.minutes, found.level) == (["level", "minutes"], 20, None)


def test_skills_are_chosen_by_name_and_new_ones_are_made(as_curator, address, item, session):
    page = as_curator.get(address)
    data = filled(page) | {"skill": ["c-plus-plus"], "skill_added": ["MEASUREMENT", "Tact", ""]}
    as_curator.post(address, data)
    found = kept(session, item)
    slugs = [
        row.slug for row in session.query(Skill).order_by(Skill.slug)
    ]  # "MEASUREMENT" is the skill that is there
    assert slugs == ["c-plus-plus", "measurement", "tact"]
    assert found.locked == ["skills"]
    assert as_curator.get(address).texts("label", class_="box") == ["C++", "Measurement", "Tact"]


def test_skills_that_are_locked_outlive_a_harvest(as_curator, address, harvest):
    page = as_curator.get(address)
    as_curator.post(address, filled(page) | {"skill": ["measurement"]})
    harvest(skills=(("pumps", "Pumps"),))
    page = as_curator.get(address)
    assert page.texts("label", class_="box") == ["Measurement"]
    assert "Our Moodle says: “Pumps”" in page.words


def test_a_role_that_nobody_has_is_refused_and_nothing_is_lost(as_curator, address, item, session):
    page = as_curator.get(address)
    data = filled(page) | {"title": "Mine", "role_added": ["Astronaut", "", ""]}
    page = as_curator.post(address, data)
    assert page.status == 422
    assert "No role is called “Astronaut”." in page.words
    assert page.by_id("field_title").get("value") == "Mine"
    assert page.by_id("field_roles").get("value") == "Astronaut"
    assert kept(session, item).title == "Reading flow meters"


def test_minutes_that_are_no_number_come_back_as_typed(as_curator, address):
    page = edit(as_curator, address, minutes="an hour")
    assert (page.status, page.by_id("field_minutes").get("value")) == (422, "an hour")


def test_two_curators_who_change_other_fields_both_get_theirs(
    as_curator, sign_in, make, address, item, session
):
    other = sign_in(make.person("Mia Chen", access="curator"))
    mine = filled(as_curator.get(address))
    edit(other, address, summary="Theirs.")
    as_curator.post(address, mine | {"title": "Mine"})
    found = kept(session, item)
    assert (found.title, found.summary) == ("Mine", "Theirs.")


def test_two_curators_who_change_one_field_lose_nothing(
    as_curator, sign_in, make, address, item, session
):
    other = sign_in(make.person("Mia Chen", access="curator"))
    mine = filled(as_curator.get(address))
    edit(other, address, title="Theirs", summary="Their summary")
    page = as_curator.post(address, mine | {"title": "Mine"})
    assert page.status == 409
    assert "It says now: “Theirs”" in page.words
    assert page.by_id("field_title").get("value") == "Mine"
    assert page.by_id("field_summary").text.strip() == "Their summary"
    assert kept(session, item).title == "Theirs"
    as_curator.post(address, filled(page))
    found = kept(session, item)
    assert (found.title, found.summary) == ("Mine", "Their summary")


def test_a_harvest_between_looking_and_keeping_is_not_undone(
    as_curator, address, item, harvest, session
):
    mine = filled(as_curator.get(address))
    harvest(summary="News from the tool.")
    as_curator.post(address, mine | {"title": "Mine"})
    found = kept(session, item)
    assert (found.summary, found.locked) == ("News from the tool.", ["title"])


def test_the_tools_word_is_shown_and_taken_again(as_curator, address, item, harvest, session):
    edit(as_curator, address, title="Mine", minutes="5")
    harvest(title="The tool's news")
    page = as_curator.get(address)
    assert "Our Moodle says: “The tool's news”" in page.words
    as_curator.post(f"{address}/again", {"field": "title"})
    found = kept(session, item)
    assert (found.title, found.minutes) == ("The tool's news", 5)
    assert (found.locked, found.told) == (["minutes"], {"minutes": 45})


def test_everything_is_taken_again_at_once(as_curator, address, item, session):
    edit(as_curator, address, title="Mine", minutes="5", skill=["measurement"])
    as_curator.post(f"{address}/again", {"field": "all"})
    found = kept(session, item)
    assert (found.title, found.minutes, found.locked) == ("Reading flow meters", 45, [])
    boxes = as_curator.get(address).texts("label", class_="box")
    assert boxes == ["Measurement", "C++"]


def test_a_lock_of_before_gives_way_with_the_next_reading(
    as_curator, address, item, harvest, session
):
    item.locked, item.title = ["title", "status"], "Old words"
    session.commit()
    assert "comes with its next reading" in as_curator.get(address).words
    as_curator.post(f"{address}/again", {"field": "title"})
    harvest()
    found = kept(session, item)
    assert (found.title, found.locked) == ("Reading flow meters", ["status"])


def test_changing_back_to_what_the_tool_says_frees_the_field(as_curator, address, item, session):
    edit(as_curator, address, title="Mine")
    edit(as_curator, address, title="Reading flow meters")
    found = kept(session, item)
    assert (found.locked, found.told) == ([], {})


def test_the_item_page_tells_curators_alone_that_it_differs(as_curator, as_employee, address, item):
    edit(as_curator, address, title="Mine")
    page = as_curator.get(f"/items/{item.id}")
    assert "Our Moodle says something else" in page.words
    assert address in page.links()
    words = as_employee.get(f"/items/{item.id}").words
    assert "says something else" not in words


def test_the_index_and_the_audit_log_hear_of_it(as_curator, address, item, session):
    session.query(IndexOutbox).delete()
    session.commit()
    edit(as_curator, address, title="Mine", skill=["measurement"])
    assert [row.item_id for row in session.query(IndexOutbox)] == [item.id]
    entry = session.query(AuditEntry).filter_by(action="editing.edit_item").one()
    assert entry.details["fields"]["skills"]["after"] == ["measurement"]
    assert entry.details["fields"]["title"]["before"] == "Reading flow meters"


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "\u202egnp.exe", "a" * 500, "'\";--"]
)
def test_hostile_titles_stay_text(as_curator, address, item, title):
    assert edit(as_curator, address, title=title).status == 303
    page = as_curator.get(address)
    assert page.by_id("field_title").get("value") == title
    assert not [s for s in page.all("script") if not s.get("src")]


def test_who_may_not_see_an_item_cannot_edit_it(as_curator, as_employee, make, session, address):
    hidden = make.item("Board papers", audience=("group:board",))
    session.commit()
    assert as_curator.get(f"/curate/items/{hidden.id}").status == 404
    assert as_curator.post(f"/curate/items/{hidden.id}", {"title": "x"}).status == 404
    assert as_curator.post(f"/curate/items/{hidden.id}/again", {"field": "all"}).status == 404
    assert as_employee.get(address).status == 404


def test_its_number_of_queries_does_not_grow(app, as_curator, address, item, make, session):
    as_curator.get(address)
    with count_queries(app.extensions["foyer"].database.engine) as few:
        as_curator.get(address)
    for _ in range(30):
        session.add(ItemSkill(item_id=item.id, skill_id=make.skill().id))
    for _ in range(50):
        make.skill(), make.role()
    session.commit()
    with count_queries(app.extensions["foyer"].database.engine) as many:
        as_curator.get(address)
    assert len(many) == len(few) <= 11


def test_it_goes_back_only_to_pages_of_foyer(as_curator, address, item):
    page = as_curator.get(f"{address}?back=/curate/readers")
    assert filled(page)["back"] == ["/curate/readers"]
    page = as_curator.get(f"{address}?back=https://evil.example/")
    assert filled(page)["back"] == [f"/items/{item.id}"]
    assert not [link for link in page.links() if "evil" in link]
