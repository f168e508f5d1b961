"""The search box: what people type becomes a small tree, whatever they type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import Field, Not, Or, Phrase, Word, parse

TYPED = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(['"', "-", "OR", "kind:", "kind:video", 'skill:"Data Analysis"', "C++"]),
    ),
    max_size=8,
).map(" ".join)


class TestParse:
    def test_it_reads_words(self):
        assert parse("first aid").parts == (Word("first"), Word("aid"))

    def test_it_reads_a_phrase(self):
        assert parse('"first  aid" kit').parts == (Phrase("first aid"), Word("kit"))

    def test_it_reads_typographic_quotes(self):
        assert parse("\u201cfirst aid\u201d").parts == (Phrase("first aid"),)

    def test_it_reads_fields(self):
        assert parse('kind:Video skill:"Data Analysis" lang:de').parts == (
            Field("kind", "video"),
            Field("skill", "data-analysis"),
            Field("language", "de"),
        )

    def test_it_reads_exclusions(self):
        assert parse('-excel -"pivot table" -kind:video').parts == (
            Not(Word("excel")),
            Not(Phrase("pivot table")),
            Not(Field("kind", "video")),
        )

    def test_it_reads_alternatives(self):
        assert parse("cat OR dog OR cow food").parts == (
            Or((Word("cat"), Word("dog"), Word("cow"))),
            Word("food"),
        )

    @pytest.mark.parametrize("text", ["OR", "OR cat", "cat OR", "OR OR cat", "cat OR OR"])
    def test_it_ignores_an_or_without_two_sides(self, text):
        assert parse(text).parts in ((), (Word("cat"),))

    @pytest.mark.parametrize("text", ["", "   ", "-", "--", '""', "&&&", "kind:", '-"', "\0"])
    def test_it_is_empty_when_there_is_nothing_to_look_for(self, text):
        assert parse(text).is_empty or parse(text).parts == (Word("kind:"),)

    def test_it_reads_a_stray_quote_as_nothing(self):
        assert parse('say "hello').parts == (Word("say"), Word("hello"))

    def test_it_reads_an_unknown_field_as_a_word(self):
        assert parse("author:smith").parts == (Word("author:smith"),)

    def test_it_keeps_hyphens_inside_words(self):
        assert parse("self-service").parts == (Word("self-service"),)


class TestQuery:
    def test_it_shows_its_parts_readably(self):
        assert repr(parse("c++ -java").parts) == "(Word(text='c++'), Not(part=Word(text='java')))"

    def test_it_gathers_filters_by_facet(self):
        query = parse("kind:video OR kind:course tool:wiki welding")
        assert query.filters == {
            "kind": frozenset({"video", "course"}),
            "tool": frozenset({"wiki"}),
        }

    def test_it_wants_what_is_no_filter_and_no_exclusion(self):
        assert parse("kind:video welding -gas").wanted == (Word("welding"),)

    def test_it_knows_what_is_unwanted(self):
        assert parse("welding -gas").unwanted == (Word("gas"),)

    def test_it_loses_a_part_when_its_chip_is_closed(self):
        query = parse('kind:video "first aid" -gas')
        assert str(query.without(Phrase("first aid")).text) == "kind:video -gas"

    @given(st.text())
    def test_it_parses_every_text(self, text):
        assert parse(text).text == text

    @given(TYPED)
    def test_it_is_spelt_the_way_it_parses(self, text):
        query = parse(text)
        again = parse(" ".join(str(part) for part in query.parts))
        assert again.parts == query.parts

    @given(TYPED)
    def test_it_gets_smaller_with_every_part_taken_away(self, text):
        query = parse(text)
        for part in query.parts:
            assert len(query.without(part).parts) < len(query.parts)
