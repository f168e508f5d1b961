"""Importing items: what is kept, what is refused, and what a second run does."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import selectinload

from app.catalogue.imports.items import ItemImporter
from app.catalogue.imports.mappings import translated
from app.catalogue.stored import ids_by_slug
from app.intake.report import Fate
from app.models import IndexOutbox, Item, Role, Skill, Tool
from tests.support.factories import NOW
from tests.support.importing import Importing

LINE = {
    "tool": "moodle",
    "tool_name": "Our Moodle",
    "external_id": "c-1",
    "kind": "course",
    "title": "Reading flow meters",
    "url": "https://moodle.example.org/c/1",
    "summary": "From the dial to the report.",
    "minutes": 45,
    "level": "beginner",
    "language": "en",
    "published": "2026-03-01",
    "skills": ["Measurement", "C++"],
    "roles": ["field-engineer"],
    "licence": "CC BY 4.0",
    "attribution": "Academy",
}


LOADED = (selectinload(Item.skills), selectinload(Item.roles), selectinload(Item.audience))


def line(number, **values):
    return LINE | {"external_id": f"c-{number}"} | values


@pytest.fixture
def imports(session):
    """Return a function that imports rows of values."""
    return Importing(session, lambda: ItemImporter(NOW))


@pytest.fixture
def written(session):
    """Return a list that grows by every statement that changes rows."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        if statement.lstrip().split(" ", 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            sent.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield sent
    event.remove(session.get_bind(), "before_cursor_execute", note)


def the_item(session, external_id="c-1"):
    return session.scalars(select(Item).where(Item.external_id == external_id)).one()


def test_it_keeps_everything_that_a_line_says(session, imports):
    assert imports(LINE) == {"new": 1}
    item = the_item(session)
    assert (item.title, item.minutes, item.level) == ("Reading flow meters", 45, "beginner")
    assert (item.published_on, item.licence) == (date(2026, 3, 1), "CC BY 4.0")


def test_it_makes_tools_and_skills_that_are_new(session, imports):
    imports(LINE)
    assert session.scalars(select(Tool.name)).all() == ["Our Moodle"]
    assert set(session.scalars(select(Skill.slug))) == {"measurement", "cplusplus"}


def test_it_leaves_the_name_of_a_tool_that_is_there(session, imports, make):
    make.tool("moodle", "Academy")
    imports(LINE)
    assert session.scalars(select(Tool.name)).all() == ["Academy"]


def test_it_writes_nothing_the_second_time(imports, written):
    imports(LINE, line(2))
    written.clear()
    assert imports(LINE, line(2)) == {"unchanged": 2}
    assert written == []


def test_it_changes_only_what_is_news(session, imports):
    imports(LINE, line(2))
    assert imports(LINE, line(2, title="Reading them better")) == {"changed": 1, "unchanged": 1}
    assert the_item(session, "c-2").title == "Reading them better"


def test_it_shows_a_change_field_by_field(imports):
    imports(LINE)
    imports(LINE | {"minutes": 50, "skills": ["Pumps"]})
    _, outcome = imports.report.samples[Fate.CHANGED][0]
    assert [(d.field, d.before, d.after) for d in outcome.differences] == [
        ("minutes", 45, 50),
        ("skills", ["measurement", "cplusplus"], ["pumps"]),
    ]


def test_it_changes_nothing_in_a_dry_run(session, imports, written):
    assert imports(LINE, line(2, kind="nonsense"), write=False) == {"new": 1, "failed": 1}
    assert written == []


def test_it_lets_the_index_follow_exactly_what_changed(session, imports):
    imports(LINE, line(2))
    session.query(IndexOutbox).delete()
    imports(LINE, line(2, title="Another title"))
    assert session.scalars(select(IndexOutbox.item_id)).all() == [the_item(session, "c-2").id]


def test_it_keeps_what_a_curator_has_locked(session, imports):
    imports(LINE)
    item = the_item(session)
    item.title, item.locked = "The curator's title", ["title"]
    session.flush()
    imports(LINE | {"title": "The tool's title", "minutes": 50})
    kept = the_item(session)
    assert (kept.title, kept.minutes) == ("The curator's title", 50)


def test_it_writes_nothing_more_once_a_locked_field_was_passed_over(session, imports, written):
    imports(LINE)
    the_item(session).locked = ["title"]
    session.flush()
    assert imports(LINE | {"title": "The tool's title"}) == {"unchanged": 1}
    written.clear()
    imports(LINE | {"title": "The tool's title"})
    assert written == []


def test_it_takes_new_skills_roles_and_audience_over(session, imports):
    imports(LINE)
    imports(LINE | {"skills": ["Pumps"], "roles": [], "audience": ["role:field-engineer"]})
    item = session.scalars(select(Item).options(*LOADED)).one()
    assert [skill.slug for skill in item.skills] == ["pumps"]
    assert item.roles == []
    assert item.audience.as_set() == {"role:field-engineer"}


def test_it_keeps_good_lines_and_names_each_bad_one(session, imports):
    assert imports(LINE, line(2, url="javascript:alert(1)"), line(3)) == {"new": 2, "failed": 1}
    assert imports.problems == [(2, "url")]


def test_it_names_every_bad_field_of_a_line(imports):
    imports(line(1, kind="poem", minutes="many", level="guru", language="??", title=""))
    assert imports.problems == [
        (1, "kind"),
        (1, "title"),
        (1, "minutes"),
        (1, "level"),
        (1, "language"),
    ]


def test_it_refuses_a_line_that_says_an_earlier_one_again(session, imports):
    assert imports(LINE, LINE | {"title": "Another"}) == {"new": 1, "failed": 1}
    assert "line 1" in imports.reasons[0]
    assert the_item(session).title == "Reading flow meters"


def test_it_lets_everybody_see_a_new_item_without_an_audience(session, imports):
    imports(LINE)
    assert session.scalars(select(Item).options(*LOADED)).one().audience.as_set() == {"everyone"}


def test_it_keeps_the_audience_that_a_line_leaves_out(session, imports):
    imports(LINE | {"audience": ["role:field-engineer"]})
    assert imports(LINE) == {"unchanged": 1}
    assert imports(LINE | {"title": "Another title"}) == {"changed": 1}
    item = session.scalars(select(Item).options(*LOADED)).one()
    assert (item.title, item.audience.as_set()) == ("Another title", {"role:field-engineer"})


def test_it_writes_nothing_once_a_line_without_audience_was_seen(imports, written):
    imports(LINE | {"audience": ["role:field-engineer"]})
    imports(LINE)
    written.clear()
    assert imports(LINE) == {"unchanged": 1}
    assert written == []


@pytest.mark.parametrize("audience", [None, "", "  "])
def test_it_refuses_an_audience_that_is_blank(session, imports, audience):
    imports(LINE | {"audience": ["role:field-engineer"]})
    assert imports(LINE | {"audience": audience}) == {"failed": 1}
    assert imports.problems == [(1, "audience")]


@pytest.mark.parametrize("name", ["skills", "roles"])
def test_it_takes_fifty_names_and_no_more(imports, name):
    names = [f"name {number}" for number in range(51)]
    assert imports(LINE | {name: names}, line(2) | {name: names[:50]}) == {"new": 1, "failed": 1}
    assert imports.problems == [(1, name)]


def test_it_takes_fifty_audience_tokens_and_no_more(imports):
    tokens = [f"role:r{number}" for number in range(51)]
    row = line(2) | {"audience": tokens[:50]}
    assert imports(LINE | {"audience": tokens}, row) == {"new": 1, "failed": 1}
    assert imports.problems == [(1, "audience")]


def test_it_takes_more_skills_at_once_than_a_statement_has_parameters_for(session, imports):
    rows = [line(n, skills=[f"skill {n} {m}" for m in range(50)]) for n in range(100)]
    assert imports(*rows) == {"new": 100}
    names = {f"slug-{number}": number for number in range(70_000)}
    assert ids_by_slug(session, Skill, names) == {}


@pytest.mark.parametrize("published", ["0001-01-01", "1899-12-31", "2101-01-01"])
def test_it_refuses_days_that_no_item_was_published_on(imports, published):
    assert imports(LINE | {"published": published}) == {"failed": 1}
    assert imports.problems == [(1, "published")]


def test_it_keeps_roles_apart_whose_names_differ_by_a_symbol(session, imports):
    names = ["C++ developer", "C# developer", "C developer", "Cafe\u0301", "Caf\u00e9"]
    imports(LINE | {"roles": names})
    slugs = set(session.scalars(select(Role.slug)))
    assert slugs == {"cplusplus-developer", "csharp-developer", "c-developer", "caf\u00e9"}


@pytest.mark.parametrize("audience", [[], ["everybody"], ["role:"], ["role: x y"], "role:a b"])
def test_it_never_reads_an_odd_audience_as_everyone(session, imports, audience):
    assert imports(LINE | {"audience": audience}) == {"failed": 1}
    assert imports.problems == [(1, "audience")]


def test_it_remarks_on_a_field_that_nobody_knows(imports):
    imports(LINE | {"audiences": "role:field-engineer"})
    assert [remark.field for remark in imports.remarks] == ["audiences"]


def test_it_keeps_very_long_durations_and_says_so(session, imports):
    imports(LINE | {"minutes": 26_281})
    assert the_item(session).minutes == 26_281
    assert imports.remarks[0].reason == "26,281 minutes are kept as the source says"


def test_it_removes_markup_and_control_characters(session, imports):
    imports(LINE | {"title": "<b>Flow</b>\x00 meters", "summary": "<script>x</script>Fine"})
    item = the_item(session)
    assert (item.title, item.summary) == ("Flow meters", "Fine")


def test_it_points_to_a_channel_that_comes_later_in_the_file(session, imports):
    channel = line(2, kind="channel")
    imports(LINE | {"channel": "c-2"}, channel)
    assert the_item(session).channel_id == the_item(session, "c-2").id


def test_it_points_to_a_channel_of_another_tool(session, imports):
    imports(LINE | {"channel": "c-2", "channel_tool": "chat"}, line(2, kind="channel", tool="chat"))
    assert the_item(session).channel_id == the_item(session, "c-2").id


@pytest.mark.parametrize("write", [True, False])
def test_it_names_a_channel_that_is_not_there_and_keeps_the_item(imports, write):
    assert imports(LINE | {"channel": "nowhere"}, write=write) == {"new": 1}
    assert imports.problems == [(1, "channel")]


def test_it_knows_the_channels_of_the_same_file_in_a_dry_run(imports):
    imports(LINE | {"channel": "c-2"}, line(2, kind="channel"), write=False)
    assert imports.problems == []


def test_it_does_not_take_a_course_for_a_channel(imports):
    imports(LINE | {"channel": "c-2"}, line(2))
    assert imports.problems == [(1, "channel")]


def test_it_reads_the_public_catalogue_in_its_own_words(session, imports):
    row = {
        "id": "phet:ohms-law",
        "source": "phet",
        "kind": "lab",
        "title": "Ohm's law",
        "url": "https://phet.example.org/ohms-law",
        "topics": ["circuits"],
        "language": "eus",
    }
    imports(translated(row, None))
    item = the_item(session, "phet:ohms-law")
    assert (item.kind, item.source_kind, item.language) == ("course", "lab", "eu")


HOSTILE = st.dictionaries(
    st.sampled_from([*LINE, "audience", "channel", "quality", "tool_kind", "source_kind"]),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(codec=None), max_size=40)
    | st.lists(st.text(alphabet=st.characters(codec=None), max_size=10), max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(HOSTILE, min_size=1, max_size=4))
def test_it_survives_any_line_and_counts_each_once(session, imports, rows):
    counts = imports(*(LINE | row for row in rows))
    assert sum(counts.values()) == len(rows)


def test_it_imports_the_whole_public_catalogue_in_one_go(shared, session, imports):
    file = shared / "catalogue" / "catalogue.jsonl"
    rows = [translated(json.loads(row), None) for row in file.read_text("utf-8").splitlines()]
    assert imports(*rows) == {"new": 9_699}
    assert imports(*rows) == {"unchanged": 9_699}
