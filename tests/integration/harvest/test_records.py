"""What a connector yields as a record of the catalogue, or as complaints about its fields."""

import hashlib
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.catalogue import service
from app.catalogue.records import ItemRecord, ToolRecord
from app.connectors.base import Delete, Upsert
from app.harvest.records import Reader
from app.models import ClusterMember
from tests.support.factories import NOW
from tests.support.tools.scripted import RULES, end, upsert

TOOL = ToolRecord(slug="blog", name="The blog")
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["title", "summary", "url", "app_url", "kind", "level", "skills", "keys", "else"]
)


def taken(raw, external_id="a", **values):
    return Reader(TOOL, RULES, {"tool"}, **values).take(Upsert(external_id, raw), now=NOW)


@given(st.text(max_size=320), st.dictionaries(NAMES, ANYTHING))
def test_whatever_a_tool_sends_is_a_record_or_names_its_fields(external_id, raw):
    found = taken(raw, external_id)
    assert (found.record is None) == bool(found.complaints)


@given(st.text(min_size=1, max_size=300).filter(str.isprintable).filter(str.strip))
def test_an_id_that_prints_stays_as_it_is(external_id):
    found = taken({"title": "T", "url": "https://tool.test/"}, external_id)
    assert found.record is None or found.record.external_id == external_id


@pytest.mark.parametrize(
    ("text", "title"),
    [("R&D <Intro> “Q”", "R&D <Intro> “Q”"), ("Caf&eacute;", "Caf&eacute;"), (7, "7")],
)
def test_plain_text_stays_as_the_tool_writes_it(text, title):
    assert taken({"title": text, "url": "https://tool.test/"}).record.title == title


def test_a_record_without_what_only_a_harvest_tells_keeps_its_hash():
    record = ItemRecord(
        tool=TOOL, external_id="a", kind="article", title="T", url="https://tool.test/"
    )
    values = asdict(record) | {"tool": "blog", "published_on": "None", "skills": [], "roles": []}
    del values["app_url"], values["keys"]
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    assert record.fingerprint() == hashlib.sha256(text.encode()).hexdigest()


def test_a_twin_in_another_tool_stands_first_when_an_item_is_gone(harvesting, script):
    script.pulls = [
        [upsert("a", keys=["youtube:dQw4w9WgXcQ"]), end()],
        [Delete("a"), end()],
    ]
    harvesting.run()
    twin = ItemRecord(
        tool=ToolRecord(slug="another", name="Another"),
        external_id="b",
        kind="video",
        title="The same",
        url="https://another.test/b",
        keys=("youtube:dQw4w9WgXcQ",),
    )
    with harvesting.database.transaction() as session:
        service.upsert(session, [twin], now=NOW)
    before = preferred(harvesting)
    harvesting.run()
    assert (before, preferred(harvesting)) == ([harvesting.item("a").id], [harvesting.item("b").id])


def preferred(harvesting):
    with harvesting.database.sessions() as session:
        first = select(ClusterMember.item_id).where(ClusterMember.preferred)
        return list(session.scalars(first))
