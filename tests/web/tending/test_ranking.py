"""Boosts are tried on the judged searches before they are live, and can be taken back."""

import pytest

from app.models import AuditEntry, RankingChoice
from search.rank import BOOSTS, WEIGHTS
from tests.support.queries import count_queries

PAGE = "/admin/search/ranking"


@pytest.fixture
def words(make, index_now, judge):
    """Judge a search for which the boost of quality decides what stands first."""
    tool = make.tool("learn", "Learn")
    wanted = make.item("Pump seals", tool=tool, quality=0.0)
    better = make.item("Pump belts", tool=tool, quality=1.0)
    index_now()
    judge("pump", (wanted, 3))
    return wanted, better


@pytest.fixture
def live(session):
    """Return a function that gives the boosts of every choice, the newest first."""

    def read():
        session.rollback()
        session.expire_all()
        rows = session.query(RankingChoice).order_by(RankingChoice.id.desc())
        return [row.boosts for row in rows]

    return read


def boosts(**values):
    """Return the fields of the form with these values and the usual ones."""
    return {f"boost_{name}": str(values.get(name, usual)) for name, usual in BOOSTS.items()}


def choose(client, seen=0, **values):
    return client.post(PAGE, {**boosts(**values), "seen": str(seen), "note": "Trying."})


def test_it_explains_every_boost_and_shows_what_is_live(as_admin):
    page = as_admin.get(PAGE)
    for name, usual in BOOSTS.items():
        field = page.by_id(f"field_boost_{name}")
        assert float(field.get("value")) == usual
        hint = page.text("p", id=f"hint_boost_{name}")
        assert hint.endswith(f"Live: {usual:g}, usual: {usual:g}.")
        assert not hint.startswith(" ")


def test_it_shows_the_weights_of_words_and_offers_no_trial_of_them(as_admin):
    page = as_admin.get(PAGE)
    assert all(f"counts {weight} time" in page.words for weight in WEIGHTS.values())
    assert "it cannot be tried here" in page.words


def test_trying_out_shows_what_changes_and_makes_nothing_live(as_admin, words, live):
    page = as_admin.get(PAGE, query_string=boosts(quality=0))
    assert page.status == 200
    assert "Nothing is live yet." in page.words
    assert "Of 1 judged search, 1 is answered better, 0 worse." in page.words
    assert "pump 0.63 1.00 better" in page.words
    assert live() == []


def test_a_change_that_does_harm_is_said_to(as_admin, words, live, session):
    choose(as_admin, quality=0)
    page = as_admin.get(PAGE, query_string=boosts())
    assert "pump 1.00 0.63 worse" in page.words


def test_htmx_gets_only_the_effect(as_admin, words):
    query = "&".join(f"{name}={value}" for name, value in boosts(quality=0).items())
    page = as_admin.htmx(f"{PAGE}?{query}", "trial")
    assert "What it would change" in page.words
    assert not page.all("h1")


def test_a_share_that_is_none_is_refused_by_name(as_admin, words, live):
    for value in ("", "much", "-0.1", "1.5", "nan", "1e999"):
        tried = as_admin.get(PAGE, query_string=boosts(title=value))
        for page in (tried, choose(as_admin, title=value)):
            assert page.status == 422, value
            assert "#field_boost_title" in page.links()
            assert "Give a number from 0 to 1." in page.words
            assert page.by_id("field_boost_title").get("value") == value
    assert live() == []


def test_it_takes_a_comma_in_a_number(as_admin, words):
    page = as_admin.get(PAGE, query_string=boosts(title="0,25"))
    assert page.status == 200
    assert "What it would change" in page.words


def test_it_can_be_tried_as_somebody_with_a_role(as_admin, words, make, session):
    make.role("engineer", "Engineer")
    session.commit()
    page = as_admin.get(PAGE, query_string={**boosts(role=1), "role": "engineer"})
    [chosen] = [one for one in page.all("option", value="engineer") if "selected" in one.attrib]
    assert chosen.text == "Engineer"


def test_a_trial_without_an_index_says_so(as_admin, make, judge, session):
    judge("pump", (make.item("Pump", tool=make.tool("learn")), 3))
    session.commit()
    page = as_admin.get(PAGE, query_string=boosts(quality=0))
    assert "There is no search index yet" in page.words


def test_a_trial_without_judged_searches_says_so(as_admin, index_now):
    index_now()
    page = as_admin.get(PAGE, query_string=boosts(quality=0))
    assert "There are no judged searches" in page.words


def test_what_is_made_live_orders_everybodys_results(as_admin, as_employee, words, live):
    def first():
        words = as_employee.get("/discover?q=pump").words
        return min(("Pump seals", "Pump belts"), key=words.index)

    assert first() == "Pump belts"
    page = choose(as_admin, quality=0)
    assert (page.status, page.location) == (303, PAGE)
    assert live() == [{"quality": 0.0}]
    assert first() == "Pump seals"


def test_a_choice_is_kept_with_its_figures_and_who_made_it(as_admin, words, session):
    choose(as_admin, quality=0)
    session.rollback()
    row = session.query(RankingChoice).one()
    assert row.figures == {"queries": 1, "ndcg": 1.0, "mrr": 1.0}
    page = as_admin.get(PAGE)
    said = "Quality: 0 instead of 0.1 Ada Byron, 12 November, 09:00"
    assert f"{said} · nDCG@10 1.000, MRR 1.000 · Trying. live" in page.words


def test_an_earlier_choice_can_be_made_live_again(as_admin, words, live, session):
    choose(as_admin, quality=0)
    first = session.query(RankingChoice).one().id
    session.rollback()
    choose(as_admin, seen=first, quality=0.2)
    page = as_admin.post(f"{PAGE}/{first}/again", {"seen": str(first + 1)})
    assert page.status == 303
    assert live() == [{"quality": 0.0}, {"quality": 0.2}, {"quality": 0.0}]


def test_there_is_a_way_back_to_the_usual_boosts(as_admin, words, live, session):
    choose(as_admin, quality=0)
    seen = session.query(RankingChoice).one().id
    session.rollback()
    as_admin.post(f"{PAGE}/0/again", {"seen": str(seen)})
    assert live() == [{}, {"quality": 0.0}]
    assert "The usual boosts" in as_admin.get(PAGE).words


def test_a_choice_that_never_was_is_not_made_live(as_admin, live):
    assert as_admin.post(f"{PAGE}/77/again", {"seen": "0"}).status == 404
    assert live() == []


def test_it_overwrites_no_choice_that_the_administrator_has_not_seen(as_admin, words, live):
    choose(as_admin, quality=0)
    for seen in (0, "", "x", "-1"):
        page = choose(as_admin, seen=seen, quality=0.3)
        assert page.status == 409
        assert "Somebody has chosen other boosts in the meantime." in page.words
        assert page.by_id("field_boost_quality").get("value") == "0.3"
    assert live() == [{"quality": 0.0}]


def test_boosts_that_are_live_already_are_not_offered_again(as_admin, words):
    page = as_admin.get(PAGE, query_string=boosts())
    assert "These boosts are live already." in page.words
    assert "Make it live" not in page.words


def test_the_audit_log_tells_of_a_choice(as_admin, words, session):
    choose(as_admin, quality=0)
    session.rollback()
    [entry] = session.query(AuditEntry).filter_by(action="tending.choose_ranking")
    assert entry.details["boosts"] == {"quality": 0.0}
    assert entry.details["figures"]["ndcg"] == 1.0


def test_a_trial_asks_the_database_as_often_however_many_searches_are_judged(
    as_admin, app, words, judge
):
    def asked():
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_admin.get(PAGE, query_string=boosts(quality=0))
        return len(sent)

    asked()
    before = asked()
    for number in range(20):
        judge(f"pump {number}", (words[0], 2))
    assert asked() == before
