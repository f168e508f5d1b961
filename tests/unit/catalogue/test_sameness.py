"""By what an item is recognised in another tool."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.sameness import LONGEST, address_key, keys_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.example.org/course/5/", "http://example.org/course/5?utm_source=mail"),
        ("https://youtu.be/dQw4w9WgXcQ?t=90", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&si=x"),
        ("https://www.youtube.com/embed/dQw4w9WgXcQ", "https://youtube.com/shorts/dQw4w9WgXcQ"),
        ("https://doi.org/10.1000/ABC", "https://dx.doi.org/10.1000/abc"),
        (
            "https://www.linkedin.com/learning/learning-sql?trk=share&u=76",
            "https://linkedin.com/learning/Learning-SQL",
        ),
        ("https://example.org/a?x=1&y=2", "https://example.org/a?y=2&x=1&fbclid=7"),
        ("https://example.org/a/index.html", "https://example.org/a"),
    ],
)
def test_one_thing_has_one_address(one, other):
    assert address_key(one) == address_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/course?id=5", "https://example.org/course?id=6"),
        ("https://a.example.org/x", "https://b.example.org/x"),
        ("https://example.org:8443/x", "https://example.org/x"),
        ("https://k.org/learn/#/topics/c/1", "https://k.org/learn/#/topics/c/2"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcR"),
    ],
)
def test_two_things_have_two(one, other):
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://www.example.org/en/", "https://example.org/?utm_id=1"]
)
def test_a_front_page_is_no_evidence(url):
    assert address_key(url) == ""


def test_a_place_on_a_page_is_the_page():
    assert address_key("https://example.org/a#part") == address_key("https://example.org/a")


def test_both_forms_of_an_isbn_are_one():
    short = keys_of(title="x", url="", minutes=None, provider=None, ids=["isbn:0-306-40615-2"])
    assert short == {"id:isbn:9780306406157"}
    assert short == keys_of(
        title="x", url="", minutes=None, provider=None, ids=["ISBN:978-0-306-40615-7"]
    )


def test_a_title_counts_only_with_its_provider_and_duration():
    said = {"title": "Working at Heights", "url": ""}
    assert keys_of(**said, minutes=40, provider="Safe Co") == {
        "title:working-at-heights|safe-co|40"
    }
    assert not keys_of(**said, minutes=None, provider="Safe Co")
    assert not keys_of(**said, minutes=40, provider=None)
    assert not keys_of(title="Intro", url="", minutes=40, provider="Safe Co")


@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=4), st.text(max_size=60))
def test_any_text_gives_keys_that_fit(url, ids, title):
    keys = keys_of(title=title, url=f"https://{url}", minutes=3, provider="p", ids=ids)
    assert all(0 < len(key) <= LONGEST for key in keys)
