"""What search takes into account of its reader, says so, and leaves out when told to."""

import pytest

from app.models import ItemState, SynonymGroup

SWITCH = "Leave that out"


@pytest.fixture
def valves(make, session, index_now):
    """Two items that words cannot tell apart, the second pinned for a role, and the role."""
    role = make.role("field-service")
    page = make.role_page(role)
    session.refresh(page, ["sections"])
    items = [make.item("Valve one"), make.item("Valve two")]
    make.pin(page.sections[0], items[1])
    index_now()
    return role


def test_it_says_that_the_order_is_the_readers_own_and_offers_another(
    sign_in, make, valves, titles
):
    reader = sign_in(make.person(roles=[valves]))
    page = reader.get("/discover?q=valve")
    assert titles(page) == ["Valve two", "Valve one"]
    address = address_of(page, SWITCH)
    assert address == "/discover?q=valve&plain=1"
    plain = reader.get(address)
    assert titles(plain) == ["Valve one", "Valve two"]
    assert address_of(plain, "Order them for me") == "/discover?q=valve"


def test_it_names_nothing_of_the_reader_when_told_to_leave_it_out(sign_in, make, valves):
    page = sign_in(make.person(roles=[valves])).get("/discover?q=valve&plain=1")
    assert "Pinned for your role" not in page.words


def test_there_is_no_switch_where_words_do_not_order(as_employee, valves):
    assert SWITCH not in as_employee.get("/discover").words
    assert SWITCH not in as_employee.get("/discover?q=valve&sort=newest").words


def address_of(page, text):
    for link in page.all("a"):
        if " ".join("".join(link.itertext()).split()) == text:
            return link.get("href")
    raise AssertionError(f"no link says {text}")


def finished(make, item, people, now):
    for person in people:
        make.session.add(ItemState(person_id=person.id, item_id=item.id, done_at=now))
    make.session.commit()


class TestTypos:
    def test_it_says_what_it_took_a_word_for_and_marks_it(self, as_employee, make, index_now):
        make.item("Welding safety")
        index_now()
        page = as_employee.get("/discover?q=weldign")
        assert page.texts("h1") == ["1 result for “welding”"]
        assert "No exact match. Showing “welding” instead of “weldign”." in page.words
        assert page.texts("mark") == ["Welding"]

    def test_it_takes_words_as_they_are_when_told_to(self, as_employee, make, index_now, titles):
        make.item("Welding safety")
        index_now()
        page = as_employee.get("/discover?q=weldign")
        exact = as_employee.get(address_of(page, "Search for exactly what I typed"))
        assert titles(exact) == []

    def test_it_never_takes_a_word_for_one_that_only_others_may_see(
        self, as_employee, make, index_now
    ):
        make.item("Welding safety", audience=("role:chief",))
        make.item("Pump")
        index_now()
        assert "elding" not in as_employee.get("/discover?q=weldign").words.replace("weldign", "")


class TestMostFinished:
    def test_it_puts_first_what_most_people_of_the_role_have_finished(
        self, sign_in, make, valves, index_now, now, titles
    ):
        both, mine, others = (make.item(f"Valve {name}") for name in ("both", "mine", "others"))
        colleagues = [make.person(roles=[valves]) for _ in range(6)]
        strangers = [make.person() for _ in range(9)]
        finished(make, both, colleagues, now)
        finished(make, mine, colleagues[:5], now)
        finished(make, others, strangers, now)
        index_now()
        page = sign_in(make.person(roles=[valves])).get("/discover?q=valve&sort=finished")
        assert titles(page)[:3] == ["Valve both", "Valve mine", "Valve others"]

    def test_what_four_people_did_counts_for_nothing(
        self, sign_in, make, valves, index_now, now, titles
    ):
        few = make.item("Valve few")
        finished(make, few, [make.person(roles=[valves]) for _ in range(4)], now)
        index_now()
        reader = sign_in(make.person(roles=[valves]))
        assert titles(reader.get("/discover?q=valve&sort=finished"))[-1] == "Valve few"


@pytest.mark.parametrize(
    ("typed", "chip"),
    [
        ("under:30m", "Under 30 min"),
        ("over:1h", "Over 1 h"),
        ("updated:2026", "Published 2026"),
        ("-under:1h30m", "without Under 1 h 30"),
    ],
)
def test_a_span_is_a_chip_that_can_be_taken_away(as_employee, make, index_now, typed, chip):
    make.item("Valve")
    index_now()
    page = as_employee.get(f"/discover?q=valve {typed}")
    assert address_of(page, f"Remove filter: {chip}") == "/discover?q=valve"


def test_it_marks_what_synonyms_found(as_employee, make, index_now, session, now):
    session.add(SynonymGroup(words=["CoE", "centre of excellence"], changed_at=now))
    make.item("The centre of excellence")
    index_now()
    page = as_employee.get("/discover?q=coe")
    assert page.texts("mark") == ["centre of excellence"]


def test_it_says_that_few_results_have_all_the_words(as_employee, make, index_now):
    for title in ("Valve repair", "Valve", "Repair shop"):
        make.item(title)
    index_now()
    words = as_employee.get("/discover?q=valve repair").words
    assert "Only a few results have all of these words. Others with some of them follow." in words
    assert "3 results" in words


def test_where_nothing_is_found_it_says_what_each_typed_limit_costs(as_employee, make, index_now):
    make.item("Valve", minutes=50)
    index_now()
    page = as_employee.get("/discover?q=valve under:30m")
    assert address_of(page, "Remove “Under 30 min”: 1 result") == "/discover?q=valve"
