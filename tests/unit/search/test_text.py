"""The analysis: which texts mean the same, and which do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import analyse, fold, language_code, pieces, slug, term


def found_in(text, wanted, language="en"):
    """Tell whether a word, read as one piece, is among a text's terms."""
    (piece,) = pieces(wanted)
    word = piece.joined or piece.words[0]
    return term(word, language) in {token.term for token in analyse(text, language)}


class TestSymbols:
    @pytest.mark.parametrize(
        "name", ["C++", "C#", "F#", ".NET", "R&D", "P&L", "Q&A", "A+", "Node.js", "Notepad++"]
    )
    def test_it_finds_names_with_symbols(self, name):
        assert found_in(f"All about {name}, for you", name)

    @pytest.mark.parametrize("other", ["C", "C# only", "Objective-C", "CC++"])
    def test_it_does_not_take_one_language_for_another(self, other):
        assert not found_in(other, "C++")

    @pytest.mark.parametrize("text", ["ISO 27001", "ISO-27001", "ISO27001", "iso 27001"])
    @pytest.mark.parametrize("wanted", ["ISO-27001", "ISO27001", "iso27001"])
    def test_it_reads_a_standard_in_all_its_spellings(self, text, wanted):
        assert found_in(f"the {text} audit", wanted)

    @pytest.mark.parametrize("text", ["C++17", "C++-Kurs", "(C++)", "C++, C"])
    def test_it_finds_c_plus_plus_beside_other_characters(self, text):
        assert found_in(text, "C++")

    @pytest.mark.parametrize("text", ["R & D", "R&D", "r&d"])
    def test_it_reads_a_pair_with_and_without_spaces(self, text):
        assert found_in(f"our {text} team", "R&D")

    @pytest.mark.parametrize("text", ["AB-1234-X9", "ab1234x9", "AB.1234.X9", "AB_1234_X9"])
    def test_it_reads_a_part_number_however_it_is_cut(self, text):
        assert found_in(f"Spare part {text}.", "AB-1234-X9")

    @pytest.mark.parametrize(
        ("text", "wanted"), [("e-learning", "elearning"), ("NodeJS", "Node.js")]
    )
    def test_it_reads_joined_and_separate_spellings_alike(self, text, wanted):
        assert found_in(text, wanted)

    @pytest.mark.parametrize("text", ["S/4HANA", "S/4 HANA", "s/4hana", "S4HANA"])
    def test_it_reads_a_name_with_a_slash_however_it_is_cut(self, text):
        assert found_in(f"Moving to {text}.", "S/4HANA")

    def test_it_reads_a_number_behind_two_names(self):
        found = {token.term for token in analyse("the ISO/IEC 27001 audit", "en")}
        assert {"iso27001", "iec27001", "27001"} <= found

    def test_it_finds_the_parts_of_a_joined_name(self):
        assert found_in("Node.js in depth", "node")

    def test_it_reads_thousands_as_one_number(self):
        assert found_in("1,000 genomes", "1000")


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "text", "wanted"),
        [
            ("en", "leading teams", "team"),
            ("de", "Führungskräfte", "fuhrungskraft"),
            ("fr", "les équipes", "equipe"),
            ("es", "evaluaciones", "evaluación"),
            ("ru", "обучение", "обучения"),
            ("pt-BR", "reuniões", "reunioes"),
            ("pt", "reuniões", "reunião"),
            ("pt", "as ações", "acao"),
            ("pt", "os capitães", "capitão"),
        ],
    )
    def test_it_stems_and_folds(self, language, text, wanted):
        assert found_in(text, wanted, language)

    def test_it_keeps_the_stems_of_languages_apart(self):
        assert term("plane", "es") != term("plan", "en")

    def test_it_leaves_words_of_unknown_languages_alone(self):
        assert term("kubernetes", "tlh") == "kubernetes"

    def test_it_reads_numbers_alike_in_all_languages(self):
        assert term("2026", "de") == term("2026", "en") == "2026"

    @pytest.mark.parametrize("wanted", ["学習", "機械", "学"])
    def test_it_finds_parts_of_a_text_without_spaces(self, wanted):
        assert found_in("機械学習入門", wanted, "ja")

    def test_it_keeps_the_vowel_signs_of_indic_scripts(self):
        assert [token.word for token in analyse("हिन्दी भाषा", "hi")] == ["हिन्दी", "भाषा"]

    def test_it_reads_an_apostrophe_s_as_the_word_alone(self):
        assert found_in("the manager's guide", "manager")

    def test_it_drops_french_elisions(self):
        assert found_in("l'équipe", "équipe", "fr")

    @pytest.mark.parametrize(("tag", "code"), [("pt-BR", "pt"), ("EN", "en"), ("zh_Hant", "zh")])
    def test_it_shortens_language_tags(self, tag, code):
        assert language_code(tag) == code


class TestEveryText:
    @given(st.text(max_size=80), st.sampled_from(["en", "de", "ja", "xx", ""]))
    def test_it_gives_terms_that_stand_in_the_text(self, text, language):
        for token in analyse(text, language):
            assert 0 <= token.start < token.end <= len(text)
            assert token.term
            assert not any(char.isspace() for char in token.term)

    @given(st.text(max_size=40))
    def test_it_folds_only_once(self, text):
        assert fold(fold(text)) == fold(text)

    @given(st.text(alphabet="abC+#.&-_' 12é學習", max_size=30))
    def test_it_reads_pieces_in_order(self, text):
        places = [piece.start for piece in pieces(text)]
        assert places == sorted(places)

    def test_it_spells_facet_values_as_addresses_do(self):
        assert slug("Data  Analysis") == "data-analysis"
