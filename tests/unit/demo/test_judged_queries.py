"""The judged queries that come along: well formed, honest about who asks, and well answered."""

import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.config import SAMPLE_JUDGED
from app.demo import files
from app.discover.judging import read_file
from app.discover.quality import EVERYONE, READER, WITHOUT_BOOSTS, changes, measure
from search.engines import ENGINES
from search.judged import KINDS
from search.store import IndexStore
from search.synonyms import Group, Synonyms
from tests.support.sample_index import documents

CATALOGUE = Path(__file__).parents[3] / "bench" / "judged" / "catalogue.jsonl"
ROLES = (
    "cloud-engineer",
    "data-analyst",
    "designer",
    "field-engineer",
    "product-manager",
    "software-engineer",
)
MOST_LOST = 0.1


@pytest.fixture(scope="module")
def judged():
    return read_file(SAMPLE_JUDGED).queries


@pytest.fixture(scope="module")
def company():
    return documents()


@pytest.fixture(scope="module")
def synonyms():
    return Synonyms(Group(one.words, one.becomes) for one in files.load().synonyms)


@pytest.fixture(scope="module")
def indexes(company, tmp_path_factory):
    with ExitStack() as stack:
        stores = {
            engine: stack.enter_context(IndexStore(tmp_path_factory.mktemp(engine), engine))
            for engine in ENGINES
        }
        for store in stores.values():
            store.rebuild(company[0])
        yield stores


@pytest.fixture(params=sorted(ENGINES))
def index(request, indexes):
    return indexes[request.param]


@pytest.fixture
def tantivy(indexes):
    return indexes["tantivy"]


class TestFiles:
    @pytest.mark.parametrize(("path", "least"), [(SAMPLE_JUDGED, 60), (CATALOGUE, 150)])
    def test_every_line_can_be_used_and_says_why(self, path, least):
        found = read_file(path)
        assert found.bad == ()
        assert len(found.queries) >= least
        assert all(len(one.note) > 15 for one in found.queries)

    @pytest.mark.parametrize("path", [SAMPLE_JUDGED, CATALOGUE])
    def test_no_kind_of_query_is_forgotten(self, path):
        kinds = Counter(one.kind for one in read_file(path).queries)
        wanted = set(KINDS) if path == SAMPLE_JUDGED else set(KINDS) - {"role"}
        assert set(kinds) == wanted

    @pytest.mark.parametrize("path", [SAMPLE_JUDGED, CATALOGUE])
    def test_no_note_is_used_twice(self, path):
        notes = Counter(one.note for one in read_file(path).queries)
        assert [note for note, times in notes.items() if times > 1] == []

    def test_every_item_is_there_and_may_be_seen_by_whoever_asks(self, judged, company):
        sample, keys, _ = company
        by_id = {document.id: document for document in sample}
        for one in judged:
            tokens = EVERYONE | one.audience | {f"role:{one.role}"}
            for key in one.items:
                assert by_id[keys[key]].audience & tokens, (one.query, key)

    def test_every_role_has_queries_of_its_own(self, judged):
        assert {one.role for one in judged} - {""} == set(ROLES)
        assert {role.slug for role in files.load().roles} == set(ROLES)

    def test_keys_of_the_catalogue_look_like_its_ids(self):
        keys = {key for one in read_file(CATALOGUE).queries for key in one.items}
        assert [key for key in keys if not re.fullmatch(r"[a-z0-9-]+:[a-z0-9-]+", key)] == []

    def test_every_item_of_the_catalogue_is_there(self, shared):
        text = (shared / "catalogue" / "catalogue.jsonl").read_text("utf-8")
        there = set(re.findall(r'^\{"id": "([^"]+)"', text, re.MULTILINE))
        keys = {key for one in read_file(CATALOGUE).queries for key in one.items}
        assert keys - there == set()


class TestAnswers:
    def test_they_are_as_good_as_they_were(self, index, judged, company, synonyms):
        _, keys, pinned = company
        report = measure(index, judged, names=keys, pinned=pinned, synonyms=synonyms)
        assert report.skipped == ()
        assert report.figures.ndcg >= 0.82
        assert report.figures.mrr >= 0.93
        assert report.figures.hit_rate >= 0.97
        assert report.figures.zero_results <= 0.02

    def test_typos_and_symbols_are_understood(self, index, judged, company):
        _, keys, pinned = company
        kinds = measure(index, judged, names=keys, pinned=pinned).by_kind()
        assert kinds["typo"].hit_rate == 1.0
        assert kinds["symbol"].ndcg >= 0.9

    @pytest.mark.parametrize("role", ROLES)
    def test_the_role_boost_costs_no_query_much(self, tantivy, judged, company, synonyms, role):
        _, keys, pinned = company
        known = {"names": keys, "pinned": pinned, "synonyms": synonyms}
        asked = [replace(one, role=role) for one in judged if one.role in ("", role)]
        without = replace(READER, table={"role": 0.0, "pinned": 0.0})
        before = measure(tantivy, asked, **known, boosts=without)
        after = measure(tantivy, asked, **known)
        lost = {one.after.judged.query: one.gain for one in changes(before, after)}
        assert len(lost) == len(asked)
        assert {query: gain for query, gain in lost.items() if gain < -MOST_LOST} == {}

    def test_synonyms_are_worth_having(self, tantivy, judged, company, synonyms):
        _, keys, pinned = company
        before = measure(tantivy, judged, names=keys, pinned=pinned)
        after = measure(tantivy, judged, names=keys, pinned=pinned, synonyms=synonyms)
        assert after.figures.ndcg > before.figures.ndcg + 0.02
        assert after.by_kind()["acronym"].hit_rate == 1.0

    def test_boosts_are_worth_having(self, tantivy, judged, company):
        _, keys, pinned = company
        boosted = measure(tantivy, judged, names=keys, pinned=pinned).figures
        plain = replace(READER, table=WITHOUT_BOOSTS)
        bare = measure(tantivy, judged, names=keys, pinned=pinned, boosts=plain).figures
        assert boosted.ndcg > bare.ndcg
