"""What measuring needs of the catalogue: the ids of judged items, and of those alone."""

from app.discover import judging
from tests.support.queries import count_queries


def test_it_names_live_items_by_tool_and_external_id(session, make):
    wiki, lab = make.tool("wiki"), make.tool("lab")
    page = make.item(tool=wiki, external_id="Safety/Gas")
    make.item(tool=lab, external_id="Safety/Gas")
    make.item(tool=lab, external_id="gone", status="retired")
    make.item(tool=lab, external_id="other")
    wanted = {"wiki/Safety/Gas", "lab/gone", "lab/never", "odd"}
    found = judging.item_keys(session, wanted)
    assert {key: found[key] for key in wanted & set(found)} == {"wiki/Safety/Gas": page.id}
    assert "lab/other" not in found


def test_it_asks_one_statement_however_many_items_there_are(session, make):
    for _ in range(20):
        make.item()
    with count_queries(session.get_bind().engine) as sent:
        judging.item_keys(session, {"wiki/a", "wiki/b"})
    assert len(sent) == 1


def test_it_finds_more_than_one_statement_may_ask_for(session, make, monkeypatch):
    monkeypatch.setattr(judging, "CHUNK", 2)
    tool = make.tool("lab")
    items = {f"lab/{n}": make.item(tool=tool, external_id=str(n)).id for n in range(5)}
    assert judging.item_keys(session, items) == items
