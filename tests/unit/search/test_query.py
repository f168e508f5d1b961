"""The search box: what people type becomes a small tree, whatever they type."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import Field, Not, Or, Phrase, Word, parse
from search.ranges import Range

YEAR = Range("published", date(2026, 1, 1).toordinal(), date(2026, 12, 31).toordinal())

NUMBERS = st.text(alphabet="0123456789-.hm", max_size=9)
TYPED = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(['"', "-", "OR", "kind:", "kind:video", 'skill:"Data Analysis"', "C++"]),
        st.sampled_from(["under:30m", "-over:1h", "updated:2026", "updated:2026-3", "under:x"]),
        st.builds("{}:{}".format, st.sampled_from(["under", "over", "updated"]), NUMBERS),
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


class TestRanges:
    @pytest.mark.parametrize(
        ("text", "low", "high"),
        [
            ("under:30m", None, 29),
            ("under:30", None, 29),
            ("under:30min", None, 29),
            ("UNDER:1h", None, 59),
            ("under:1h30m", None, 89),
            ("under:1.5h", None, 89),
            ('under:"2 hours"', None, 119),
            ("over:1h", 61, None),
            ("over:45", 46, None),
        ],
    )
    def test_it_reads_lengths(self, text, low, high):
        assert parse(text).parts == (Range("minutes", low, high),)

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("updated:2026", date(2026, 1, 1), date(2026, 12, 31)),
            ("published:2026", date(2026, 1, 1), date(2026, 12, 31)),
            ("updated:2026-02", date(2026, 2, 1), date(2026, 2, 28)),
            ("updated:2024-2", date(2024, 2, 1), date(2024, 2, 29)),
            ("updated:2026-12", date(2026, 12, 1), date(2026, 12, 31)),
            ("updated:2026-03-09", date(2026, 3, 9), date(2026, 3, 9)),
        ],
    )
    def test_it_reads_periods(self, text, first, last):
        assert parse(text).parts == (Range("published", first.toordinal(), last.toordinal()),)

    @pytest.mark.parametrize(
        "text",
        ["under:banana", "under:0", "over:-5", "updated:26", "updated:2026-13", "updated:soon"],
    )
    def test_it_reads_nonsense_as_a_word(self, text):
        assert parse(text).parts == (Word(text),)

    def test_it_reads_quoted_nonsense_as_a_phrase(self):
        assert parse('under:"a banana"').parts == (Phrase("a banana"),)

    @pytest.mark.parametrize(
        ("text", "spelt"),
        [
            ("under:1h", "under:60m"),
            ("over:1h", "over:60m"),
            ("published:2026", "updated:2026"),
            ("updated:2026-3", "updated:2026-03"),
            ("-updated:2026-03-09", "-updated:2026-03-09"),
            ("updated:2025 OR updated:2026", "updated:2025 OR updated:2026"),
        ],
    )
    def test_it_spells_them_readably(self, text, spelt):
        assert [str(part) for part in parse(text).parts] == [spelt]

    def test_a_range_is_an_alternative_to_ranges_only(self):
        length, word = Range("minutes", None, 9), Word("audit")
        assert parse("audit OR under:10m").parts == (word, length)
        assert parse("under:10m OR audit").parts == (length, word)
        assert parse("under:10m OR updated:2026").ranges == ((length,), (YEAR,))
        assert parse("updated:2026 OR updated:2026").ranges == ((YEAR, YEAR),)

    def test_they_are_neither_words_nor_filters(self):
        query = parse("audit under:10m -updated:2026")
        assert (query.wanted, dict(query.filters)) == ((Word("audit"),), {})
        assert query.unwanted == (YEAR,)

    def test_a_chip_is_closed_without_touching_the_others(self):
        query = parse("audit under:1h updated:2026 -over:5m")
        for part in query.parts:
            assert query.without(part).parts == tuple(one for one in query.parts if one != part)


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

    @pytest.mark.parametrize("text", ["under:200h", "over:999h", "under:99999m", "over:99999m"])
    def test_long_spans_are_spelt_the_way_they_parse(self, text):
        query = parse(text)
        assert parse(" ".join(str(part) for part in query.parts)).parts == query.parts

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
