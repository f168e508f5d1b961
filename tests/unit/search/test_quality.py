"""How good the answers are, on judged queries that do not come with the project."""

import pytest

from bench.search_quality import from_row, measure, rows
from search.store import IndexStore


@pytest.mark.slow
def test_it_answers_judged_queries_as_well_as_it_did(shared, tmp_path):
    catalogue = rows(shared / "catalogue" / "catalogue.jsonl")
    documents = [from_row(number, row) for number, row in enumerate(catalogue)]
    names = {row["id"]: number for number, row in enumerate(catalogue)}
    with IndexStore(tmp_path) as store:
        found = dict(measure(shared / "qrels", documents, names, store))
    assert found["known item, query"].mrr >= 0.88
    assert found["known item, query"].hit_rate >= 0.98
    assert found["scifact"].ndcg >= 0.68
    assert found["cranfield"].ndcg >= 0.37
    assert found["known item, completion"].hit_rate >= 0.88
