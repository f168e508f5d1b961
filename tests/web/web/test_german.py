"""Pages as a reader of German sees them."""

import pytest


@pytest.fixture
def as_german(sign_in, make):
    """Return a client signed in as somebody who reads German."""
    return sign_in(make.person(locale="de"))


def test_it_speaks_german_on_every_part_of_the_frame(as_german):
    page = as_german.get("/playlists")
    assert page.root.get("lang") == "de"
    assert {"Startseite", "Entdecken", "Meine Rolle", "Bibliothek"} <= set(page.texts("span"))


def test_it_says_in_german_why_it_refuses(as_german):
    page = as_german.get("/items/99999")
    assert page.text("h1") == "Hier ist nichts"
    assert "Diesen Inhalt gibt es für Sie nicht." in page.words


def test_it_says_in_german_what_is_wrong_with_a_field(as_german):
    page = as_german.post("/settings/theme", {"theme": "pink"})
    assert page.text("p", class_="lead") == "Keine gültige Auswahl."


def test_it_writes_days_as_germans_do(as_german, make, session):
    item = make.item()
    session.commit()
    as_german.post(f"/items/{item.id}/done")
    assert "erledigt am 12. November" in as_german.get("/library/history").words


def test_it_writes_durations_as_germans_do(as_german, make, session):
    item = make.item(minutes=90)
    session.commit()
    assert "1:30 Std." in as_german.get(f"/items/{item.id}").words
