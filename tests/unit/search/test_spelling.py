"""Which word a mistyped one stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.spelling import forgiven, meant, vocabulary
from search.text import analyse


def chosen(typed, **known):
    """Choose among words that stand in so many documents."""
    return meant(typed, tuple(sorted(known)), known.__getitem__)


class TestForgiven:
    @pytest.mark.parametrize(
        ("word", "letters"),
        [("web", 0), ("tech", 1), ("welding", 1), ("onboards", 2), ("ab12345", 0), ("学習学習", 0)],
    )
    def test_long_words_may_differ_more(self, word, letters):
        assert forgiven(word) == letters


class TestMeant:
    def test_letters_that_changed_places_are_one_mistake(self):
        assert chosen("wleding", welding=1) == "welding"

    def test_the_first_letter_is_sure(self):
        assert chosen("belding", welding=1) is None

    def test_the_most_frequent_of_equally_near_words_is_meant(self):
        assert chosen("carbs", carps=1, cards=2, carts=2) == "cards"

    def test_the_nearer_word_is_meant_however_rare(self):
        assert chosen("conservatoin", conservation=1, conversation=9) == "conservation"

    def test_two_letters_may_differ_in_a_long_word(self):
        assert chosen("presantetion", presentation=1) == "presentation"
        assert chosen("wxldxng", welding=1) is None

    def test_a_word_that_nobody_may_see_is_none(self):
        assert chosen("weldng", welding=0, wielding=1) is None

    @given(st.text(alphabet="abcde", max_size=12), st.sets(st.text(alphabet="abcde", max_size=12)))
    def test_it_chooses_a_known_word_or_none(self, typed, known):
        found = meant(typed, tuple(known), lambda _: 1)
        assert found is None or found in known


class TestVocabulary:
    def words(self, text, language="en"):
        return set(vocabulary(text, analyse(text, language)))

    def test_it_holds_words_and_no_codes(self):
        assert self.words("Welding AB-12 for C++ 2026") == {"welding", "ab", "for"}

    def test_it_holds_how_a_word_is_written(self):
        assert self.words("Führung", "de") == {"fuhrung", "fuhrung=führung"}

    def test_it_holds_a_word_without_its_apostrophe(self):
        assert self.words("the manager\u2019s guide") == {"the", "manager", "guide"}
