"""Marks in titles and snippets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.highlight import highlight, snippet
from search.query import parse
from search.synonyms import Group, Synonyms

LONG = "nothing here " * 40 + "then the audit of safety plans begins " + "and so on " * 40


def marked(text, typed, language="en", prefix=False):
    """List what is marked."""
    found = highlight(text, parse(typed), language, prefix=prefix)
    return [fragment.text for fragment in found if fragment.match]


class TestHighlight:
    @pytest.mark.parametrize(
        ("text", "typed", "language", "expected"),
        [
            ("Leading teams well", "lead", "en", ["Leading"]),
            ("C++ and C", "c++", "en", ["C++"]),
            ("Your ISO-27001 audit", "iso27001", "en", ["ISO-27001"]),
            ("Your ISO 27001 audit", "ISO27001", "en", ["ISO 27001"]),
            ("Führungskräfte fördern", "fuhrungskraft", "de", ["Führungskräfte"]),
            ("機械学習入門", "学習", "ja", ["学習"]),
            ("data quality, quality data", '"data quality"', "en", ["data quality"]),
            ("cats and dogs", "cat OR dog", "en", ["cats", "dogs"]),
            ("cats and dogs", "cat -dog", "en", ["cats"]),
            ("a video on video", "kind:video", "en", []),
        ],
    )
    def test_it_marks_what_the_query_found(self, text, typed, language, expected):
        assert marked(text, typed, language) == expected

    @pytest.mark.parametrize(
        ("text", "typed", "expected"),
        [
            ("Our centre of excellence", "coe", ["centre of excellence"]),
            ("Our CoE in a centre", "centre of excellence", ["CoE", "centre"]),
            ("Our CoE", "excellence", []),
        ],
    )
    def test_it_marks_synonyms(self, text, typed, expected):
        same = Synonyms((Group(("CoE", "centre of excellence")),))
        found = highlight(text, parse(typed), "en", synonyms=same)
        assert [fragment.text for fragment in found if fragment.match] == expected

    def test_it_marks_a_word_that_was_typed_in_two(self):
        assert marked("Onboarding week", "on boarding") == ["Onboarding"]

    def test_it_marks_a_word_that_is_being_typed(self):
        assert marked("Onboarding week", "onbo", prefix=True) == ["Onboarding"]

    @given(st.text(alphabet="aé+#& -'19学習C.", max_size=60), st.text(max_size=12))
    def test_it_gives_the_text_back(self, text, typed):
        fragments = highlight(text, parse(typed), "en", prefix=True)
        assert "".join(fragment.text for fragment in fragments) == text

    @given(st.text(alphabet="ab ", max_size=40))
    def test_it_gives_no_empty_fragments(self, text):
        assert all(fragment.text for fragment in highlight(text, parse("a b"), "en"))


class TestSnippet:
    def test_it_shows_the_best_place(self):
        shown = "".join(part.text for part in snippet(LONG, parse("safety audit"), "en", 80))
        assert "audit of safety" in shown
        assert shown.startswith("\u2026")
        assert shown.endswith("\u2026")

    def test_it_begins_at_the_beginning_without_a_match(self):
        assert snippet(LONG, parse("elsewhere"), "en", 80)[0].text.startswith("nothing here")

    def test_it_shows_short_texts_whole(self):
        (only,) = snippet("Short.", parse("x"), "en")
        assert only.text == "Short."

    @given(st.text(max_size=300), st.integers(20, 90))
    def test_it_keeps_to_the_width(self, text, width):
        shown = snippet(text, parse("a"), "en", width)
        assert sum(len(part.text) for part in shown) <= width + 2
