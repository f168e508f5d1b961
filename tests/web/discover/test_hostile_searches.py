"""What must hold whatever somebody types into a search box, or whatever things are called."""

import json

import pytest

from app.config import Config
from app.models import Expertise, ItemState, SynonymGroup
from app.tending import groups
from tests.support.factories import NOW

SCRIPT = '"><script>alert(1)</script>'
JAVASCRIPT = "javascript:alert(1)"
ODD = (
    "(" * 300,
    "a OR " * 60,
    "\0\0pump",
    "(a+)+$" * 50,
    '"' * 300,
    "-" * 300,
    "pump-" * 60,
    "kind:" * 60,
    "a-" * 150,
    " ".join("pumq" for _ in range(60)),
    "updated:0000-00-00 over:999h59m updated:9999-12-31",
    "図" * 300,
    "e\u0301" * 150,
    "\u202egnp.exe",
)
FRAGMENTS = {"/suggest": "suggestions", "/discover/live": "live", "/discover": "results"}


@pytest.fixture
def judged_file(tmp_path):
    """Return the path of the portal's judged queries."""
    return tmp_path / "judged.jsonl"


@pytest.fixture
def config(sqlite, tmp_path, judged_file):
    """Return settings that name the file of judged queries and limit nothing."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_RATE_LIMITS": "0",
            "FOYER_JUDGED_QUERIES": str(judged_file),
        }
    )


@pytest.fixture
def named_badly(make, session, index_now, judged_file):
    """Let everything that can have a name have one that is markup."""
    skill = make.skill("pumping", f"Pumping {SCRIPT}")
    tool = make.tool("tool", f"Tool {SCRIPT}")
    person = make.person(f"Person {SCRIPT}", shares_expertise=True)
    make.role_page(make.role("pumps", f"Pumps {SCRIPT}"), title=f"Pumps {SCRIPT}")
    for number in range(4):
        kind = "channel" if number == 3 else "course"
        title = f"Pump {number} {SCRIPT}"
        item = make.item(title, external_id=f"p{number}", tool=tool, skills=[skill], kind=kind)
        session.add(ItemState(person_id=person.id, item_id=item.id, done_at=NOW))
    session.add(Expertise(person_id=person.id, skill_id=skill.id, finished=4))
    session.add(SynonymGroup(words=[SCRIPT, "pump"], note=SCRIPT, changed_at=NOW))
    index_now()
    line = {"query": f"pump {SCRIPT}", "items": {"tool/p1": 3}, "note": SCRIPT}
    judged_file.write_text(json.dumps(line))
    return person


@pytest.mark.parametrize("text", ODD)
def test_every_text_gets_an_answer_everywhere(as_curator, pumps, text):
    for address, part in FRAGMENTS.items():
        answer = as_curator.get(
            address, query_string={"q": text}, headers={"HX-Request": "true", "HX-Target": part}
        )
        assert answer.status == 200
    assert as_curator.get("/suggest", query_string={"q": text}).status == 200
    assert as_curator.post("/searches/recent", {"q": text}).status == 303
    kept = as_curator.post("/library/searches", {"asked": f"kind=video&q={text}", "name": "It"})
    assert kept.status == 303
    tried = {"words": f"pump\n{text}", "query": text, "note": text, "what": "try"}
    assert as_curator.post("/curate/synonyms/add", tried).status in {200, 422}
    assert as_curator.post("/curate/synonyms/paste", {"lines": f"{text} = x"}).status in {303, 422}
    for page in ("/library/searches", "/searches/recent", "/suggest", "/curate/synonyms", "/"):
        assert as_curator.get(page).status == 200


def test_names_are_written_as_texts_wherever_a_search_shows_them(
    sign_in, make, named_badly, as_employee
):
    """The client refuses a page with an inline script or handler."""
    admin = sign_in(make.person(access="admin"))
    admin.post("/searches/recent", {"q": f"pump {SCRIPT}"})
    admin.post("/library/searches", {"asked": f"q=pump {SCRIPT}", "name": SCRIPT})
    pages = (
        "/suggest?q=pump",
        "/suggest",
        "/searches/recent",
        "/library/searches",
        f"/people/{named_badly.id}",
        "/curate/synonyms",
        "/admin/search?all=1",
        "/discover?q=pmup",
        "/discover?q=pump&sort=finished",
    )
    for page in pages:
        assert SCRIPT in admin.get(page).words, page
    tried = {"words": f"pump\n{SCRIPT} seal", "query": SCRIPT, "what": "try"}
    assert SCRIPT in admin.post("/curate/synonyms/add", tried).words


def test_a_text_that_is_an_address_leads_to_a_search(as_employee, pumps):
    for page in ("/suggest", "/discover"):
        links = as_employee.get(
            page, query_string={"q": f"{JAVASCRIPT} //elsewhere.example"}
        ).links()
        assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in links)


@pytest.mark.parametrize("text", ["%", "_", "%%", "zz%", "_umps", r"\%", "'", "' OR 'zz'='zz"])
def test_signs_of_a_database_suggest_nothing(as_employee, named_badly, text):
    page = as_employee.htmx(f"/suggest?q={text.replace('%', '%25')}", "suggestions")
    assert not [link for link in page.links() if link.startswith(("/people/", "/roles/"))]


@pytest.mark.parametrize(("address", "part"), FRAGMENTS.items())
def test_nobody_keeps_a_part_of_a_page(as_employee, pumps, address, part):
    answer = as_employee.htmx(f"{address}?q=pump", part)
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"HX-Request", "Cookie"} <= {*answer.headers["Vary"].split(", ")}


@pytest.mark.parametrize(
    "address", ["/searches/recent", "/library/searches", "/curate/synonyms/add", "/discover/wanted"]
)
def test_a_form_of_twenty_megabytes_is_refused(as_curator, address):
    answer = as_curator.http.post(
        address, data=b"q=" + b"x" * 20_000_000, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413


def test_fifty_thousand_pasted_lines_are_not_all_read(as_curator, monkeypatch):
    read, said_by = [], groups._said_by
    monkeypatch.setattr(groups, "_said_by", lambda line: read.append(line) or said_by(line))
    lines = "\n".join(f"a{number} = b{number}" for number in range(50_000))
    assert as_curator.post("/curate/synonyms/paste", {"lines": lines}).status == 422
    assert len(read) == groups.MOST_LINES + 1
