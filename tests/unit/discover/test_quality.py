"""Judged queries asked of an index, and what comes of it."""

import pytest

from app.discover.quality import READER, changes, measure
from search.document import Boosts, Document, Request
from search.judged import JudgedQuery
from search.store import IndexStore
from search.synonyms import Group, Synonyms

EVERYONE = frozenset({"everyone"})


def document(number, title, **changes):
    blank = {
        "body": "",
        "kind": "course",
        "tool": "learn",
        "roles": (),
        "skills": (),
        "skill_names": (),
        "tool_name": "Learn",
        "level": None,
        "language": "en",
        "minutes": None,
        "published": None,
        "quality": 0.5,
        "audience": EVERYONE,
    }
    return Document(id=number, title=title, **{**blank, **changes})


NAMES = {f"learn/{number}": number for number in range(1, 7)}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    with IndexStore(tmp_path_factory.mktemp("index")) as store:
        store.rebuild(
            [
                document(1, "Valves and pumps"),
                document(2, "Pumps"),
                document(3, "Pumps for designers", audience=frozenset({"role:designer"})),
                document(4, "Pumpen", language="de"),
                document(5, "Welding", cluster=5, preferred=True),
                document(6, "Welding", cluster=5),
            ]
        )
        yield store


def judged(query, items, **changes):
    return JudgedQuery(
        query, {f"learn/{key}": grade for key, grade in items.items()}, "", **changes
    )


def only(report):
    [asked] = report.per_query
    return asked


class TestMeasure:
    def test_what_is_wanted_first_and_found_first_is_perfect(self, index):
        asked = only(measure(index, [judged("pumps", {2: 3, 1: 1})], names=NAMES))
        assert asked.found == (2, 1)
        assert (asked.ndcg, asked.reciprocal_rank, asked.total) == (1.0, 1.0, 2)

    def test_what_is_not_found_costs(self, index):
        asked = only(measure(index, [judged("valves", {1: 1, 2: 3})], names=NAMES))
        assert 0 < asked.ndcg < 0.5

    def test_it_asks_as_somebody_who_has_the_role(self, index):
        query = judged("designers", {3: 3}, role="designer")
        assert only(measure(index, [query], names=NAMES)).found == (3,)
        assert only(measure(index, [judged("designers", {3: 3})], names=NAMES)).found == ()

    def test_it_asks_as_somebody_who_holds_the_tokens(self, index):
        query = judged("designers", {3: 3}, audience=frozenset({"role:designer"}))
        assert only(measure(index, [query], names=NAMES)).found == (3,)

    def test_what_is_pinned_for_the_role_is_lifted_for_it_alone(self, index):
        queries = [judged("pumps", {1: 3}, role="cook"), judged("pumps", {1: 3}, role="diver")]
        boosts = Boosts(table={"pinned": 1.0, "title": 0.0})
        pinned = {"cook": [1], "diver": [2]}
        report = measure(index, queries, names=NAMES, boosts=boosts, pinned=pinned)
        assert [asked.found for asked in report.per_query] == [(1, 2), (2, 1)]

    def test_it_asks_as_somebody_who_reads_the_language(self):
        asked = []

        class Listening:
            def search(self, request: Request):
                asked.append(request)
                raise LookupError

        with pytest.raises(LookupError):
            measure(Listening(), [judged("pumpen", {4: 3}, language="de")], names=NAMES)
        assert asked[0].boosts.languages == READER.languages | {"de"}
        assert (asked[0].prefix, asked[0].forgive, asked[0].collapse) == (True, True, True)

    def test_a_duplicate_of_what_was_wanted_will_do(self, index):
        asked = only(measure(index, [judged("welding", {6: 3})], names=NAMES))
        assert (asked.found, asked.ndcg) == ((5,), 1.0)

    def test_synonyms_are_tried_out(self, index):
        synonyms = Synonyms([Group(("brazing", "welding"))])
        query = judged("brazing", {5: 3})
        assert only(measure(index, [query], names=NAMES)).found == ()
        assert only(measure(index, [query], names=NAMES, synonyms=synonyms)).found == (5,)

    def test_what_this_catalogue_lacks_is_left_out_and_said(self, index):
        partly, wholly = judged("pumps", {2: 3, 99: 3}), judged("probes", {98: 3})
        report = measure(index, [partly, wholly], names=NAMES)
        assert only(report).missing == ("learn/99",)
        assert only(report).ndcg == 1.0
        assert report.skipped == (wholly,)

    def test_without_anything_to_ask_there_are_no_figures(self, index):
        assert measure(index, [judged("probes", {98: 3})], names=NAMES).figures is None


class TestReport:
    @pytest.fixture
    def report(self, index):
        queries = [
            judged("pumps", {2: 3}, kind="topic"),
            judged("valves", {2: 3}, kind="topic"),
            judged("quark", {2: 3}, kind="typo"),
            judged("welding", {5: 3}),
        ]
        return measure(index, queries, names=NAMES)

    def test_the_figures_are_means(self, report):
        assert report.figures.queries == 4
        assert report.figures.hit_rate == 0.5
        assert report.figures.zero_results == 0.25

    def test_the_worst_come_first_and_perfect_ones_not_at_all(self, report):
        assert [asked.judged.query for asked in report.worst(5)] == ["quark", "valves"]
        assert len(report.worst(1)) == 1

    def test_each_kind_has_figures(self, report):
        kinds = report.by_kind()
        assert {name: figures.queries for name, figures in kinds.items()} == {"topic": 2, "typo": 1}

    def test_a_change_names_who_loses_first(self, index, report):
        synonyms = Synonyms([Group(("quark", "pumps"))])
        queries = [asked.judged for asked in report.per_query]
        after = measure(index, queries, names=NAMES, synonyms=synonyms)
        gains = {change.after.judged.query: change.gain for change in changes(report, after)}
        assert list(gains)[-1] == "quark"
        assert gains["quark"] > 0.5
        assert gains["welding"] == 0
