"""What must hold whatever hostile files, broken folders and unlucky moments bring."""

import json

import pytest

from app.activity.imports import ActivityImporter
from app.catalogue.imports.items import ItemImporter
from app.discover.indexing import SearchIndex
from app.intake.fields import Fields
from app.models import Activity, Item
from recommender.store import ModelStore
from search.document import Request
from search.errors import IndexMissing
from search.query import parse
from tests.support.factories import NOW
from tests.support.importing import Importing

LINE = {
    "tool": "wiki",
    "external_id": "1",
    "kind": "article",
    "title": "Pumps",
    "url": "https://wiki.example.org/1",
}
DAY_ONE = "0001-01-01T00:00:00Z"


@pytest.fixture
def items(session):
    """Return the import of items, one row of values after the other."""
    return Importing(session, lambda: ItemImporter(NOW))


@pytest.fixture
def index(tmp_path, session, make):
    """Return an index that holds one item."""
    make.item("Pumps")
    found = SearchIndex(tmp_path / "index", "tantivy")
    found.rebuild(session, lambda count: None)
    yield found
    found.close()


def everything():
    """Return the question that finds every document for everybody."""
    return Request(query=parse(""), audience=frozenset({"everyone"}))


@pytest.mark.parametrize("audience", [";", " | ", "\u200b", [], [""], ["\u200b"]])
def test_it_reads_no_audience_that_names_nobody_as_everyone(items, audience):
    assert items({**LINE, "audience": audience}) == {"failed": 1}
    assert {field for _line, field in items.problems} == {"audience"}


@pytest.mark.parametrize(
    "url", ["https://a..b/", f"https://{'a' * 70}.org/", "https://.org/", "javascript:alert(1)"]
)
def test_it_keeps_no_address_that_cannot_be_sent(items, url):
    assert items({**LINE, "url": url}) == {"failed": 1}


def test_it_names_unknown_fields_without_control_characters():
    fields = Fields({"\x1b[2J\nline 9: fine": 1})
    fields.ignore_others(())
    assert fields.remarks[0].field.isprintable()


def test_it_keeps_nothing_of_a_line_whose_values_are_hostile(items, session):
    odd = {"title": "\ud800\x00", "minutes": 10**30, "quality": float("nan"), "published": True}
    assert items({**LINE, **odd}) == {"failed": 1}
    assert session.query(Item).count() == 0


def test_it_refuses_more_skills_than_an_item_can_teach(items):
    assert items({**LINE, "skills": [f"s{number}" for number in range(1000)]}) == {"failed": 1}


def test_it_believes_no_activity_from_before_all_tools(session, make):
    person, item = make.person(), make.item(tool=make.tool("wiki"))
    imported = Importing(session, lambda: ActivityImporter(NOW))
    line = {"email": person.email, "tool": "wiki", "external_id": item.external_id}
    assert imported({**line, "verb": "completed", "at": DAY_ONE}) == {"failed": 1}
    assert session.query(Activity).count() == 0


@pytest.mark.parametrize("pointer", ["", "{", "[]", "null", '{"generation": 1e999}', "{}"])
def test_it_says_that_an_index_with_a_torn_pointer_is_missing(index, tmp_path, pointer):
    (tmp_path / "index" / "current.json").write_text(pointer)
    with pytest.raises(IndexMissing):
        index.search(everything())


def test_it_says_that_an_index_with_turned_bits_is_missing(index, tmp_path):
    path = next((tmp_path / "index").glob("generation-*/*.fast"))
    turned = path.with_suffix(".turned")
    whole = path.read_bytes()
    start, end = len(whole) // 4, len(whole) // 2
    turned.write_bytes(whole[:start] + b"\xff" * (end - start) + whole[end:])
    turned.replace(path)
    index.close()
    with pytest.raises(IndexMissing):
        index.search(everything())


@pytest.mark.parametrize("pointer", ["", "../..", "/", "\x00", "x" * 5000])
def test_it_serves_no_model_behind_a_torn_pointer(tmp_path, pointer):
    (tmp_path / "current").write_text(pointer)
    assert ModelStore(tmp_path).current() is None


def test_it_serves_no_model_with_an_empty_file(tmp_path):
    folder = tmp_path / "models" / "one"
    folder.mkdir(parents=True)
    (tmp_path / "current").write_text("one")
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "words": {}}))
    (folder / "items.npy").touch()
    assert ModelStore(tmp_path).current() is None
