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
    clean, typo = found["known item, query"], found["known item, typo"]
    assert clean.mrr >= 0.88
    assert clean.hit_rate >= 0.98
    assert typo.hit_rate >= 0.985 * clean.hit_rate
    assert found["known item, completion"].hit_rate >= 0.95
    assert found["judged"].ndcg >= 0.73
    assert found["judged"].hit_rate >= 0.94
    assert found["judged"].zero_results <= 0.01
    assert found["scifact"].ndcg >= 0.68
    assert found["cranfield"].ndcg >= 0.365
