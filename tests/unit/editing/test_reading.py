"""What a page says of itself: in the standards' own words, and whatever bytes it sends."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editing.reading import facts_of, name_of

URL = "https://vendor.example/guides/flow-meters.html"
HTML = "text/html; charset=utf-8"


def page(head, attributes=""):
    return f"<!doctype html><html{attributes}><head>{head}</head><body></body></html>".encode()


def json_ld(**values):
    text = json.dumps({"@context": "https://schema.org", **values})
    return f'<script type="application/ld+json">{text}</script>'


def test_json_ld_says_most():
    found = facts_of(
        page(
            json_ld(
                **{"@type": "VideoObject"},
                name="Flow meters",
                description="How they <b>work</b>.",
                duration="PT1H30M",
                inLanguage="de-DE",
            )
        ),
        HTML,
        URL,
    )
    assert (found.title, found.summary) == ("Flow meters", "How they work.")
    assert (found.kind, found.minutes, found.language) == ("video", 90, "de-DE")
    assert found.trouble == ""


def test_open_graph_and_the_title_do_too():
    head = '<title>Old</title><meta property="og:title" content="New &amp; true">'
    head += '<meta name="description" content="All of it">'
    found = facts_of(page(head, ' lang="fr"'), HTML, URL)
    assert (found.title, found.summary, found.language) == ("New & true", "All of it", "fr")
    assert (found.kind, found.minutes) == ("article", None)


def test_what_is_no_page_is_called_by_its_address():
    found = facts_of(b"%PDF-1.7", "application/pdf", URL)
    assert (found.title, found.kind, found.trouble) == ("flow meters", "article", "")
    assert facts_of(b"\0", "video/mp4", URL).kind == "video"


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>Pumps",
        "\u202eevil\u202c Pumps",
        "Pumps\0\x1b[31m",
        "Pumps" + "x" * 9000,
    ],
)
def test_hostile_titles_become_plain_and_short(title):
    escaped = title.replace("<", "&lt;").replace("\0", "&#0;")
    found = facts_of(page(f"<title>{escaped}</title>"), HTML, URL).title
    assert "Pumps" in found
    assert len(found) <= 300
    assert not any(each in found for each in "\u202e\0\x1b")


@pytest.mark.parametrize(
    "duration", ["P1Y", "PT0S", "-PT5M", "PT99999999H", "now", "P" + "1" * 5000]
)
def test_durations_that_say_nothing_are_left_out(duration):
    body = page(json_ld(**{"@type": "Course"}, name="X", duration=duration))
    assert facts_of(body, HTML, URL).minutes is None


@given(st.binary(max_size=2000), st.sampled_from([HTML, "", "image/png", ";;", "text/html;\x00"]))
def test_any_bytes_make_facts(body, content_type):
    found = facts_of(body, content_type, URL)
    assert len(found.title) <= 300
    assert len(found.summary) <= 2000


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["@type", "@graph", "name", "description", "duration", "inLanguage", "item",
                         "isbn", "alternateName", "@value"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON, st.text(max_size=40))
def test_any_json_ld_and_any_title_make_facts(told, title):
    head = f'<script type="application/ld+json">{json.dumps(told)}</script><title>{title}'
    found = facts_of(head.encode("utf-8", "surrogatepass"), HTML, URL)
    assert isinstance(found.minutes, int | None)


@given(st.text(max_size=60))
def test_any_address_has_a_name(address):
    assert len(name_of(address)) <= 300


def test_json_ld_nested_without_end_is_passed_over():
    deep = "[" * 100_000
    body = page(f'<script type="application/ld+json">{deep}</script><title>Pumps</title>')
    assert facts_of(body, HTML, URL).title == "Pumps"
