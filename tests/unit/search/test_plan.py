"""From a query to what an engine has to find."""

import pytest

from search.plan import STARTS, TEXT, Alternative, last_word, make_match, merge_filters, required
from search.query import parse

ENGLISH = frozenset({"en"})


def match(text, languages=ENGLISH, **options):
    """Make a match for everyone."""
    return make_match(parse(text), languages, frozenset({"everyone"}), **options)


def terms_of(clauses):
    """List the first spelling of every clause."""
    return [" ".join(clause.alternatives[0].terms) for clause in clauses]


class TestRequired:
    @pytest.mark.parametrize(("words", "needed"), [(0, 0), (1, 1), (2, 2), (3, 2), (12, 2)])
    def test_it_wants_two_words_of_many(self, words, needed):
        assert required(words) == needed


class TestMakeMatch:
    def test_it_leaves_filler_words_out(self):
        assert terms_of(match("how to give feedback").words) == ["en:give", "en:feedback"]

    def test_it_keeps_filler_words_when_there_are_no_others(self):
        assert terms_of(match("who are you").words) == ["en:who", "en:are", "en:you"]

    def test_it_takes_capitals_for_a_name(self):
        assert terms_of(match("IT security").words) == ["en:it", "en:secur"]

    def test_it_does_not_take_shouting_for_names(self):
        assert terms_of(match("THE AUDIT").words) == ["en:audit"]

    def test_it_counts_a_word_typed_twice_once(self):
        assert len(match("audit audits").words) == 1

    def test_it_spells_a_word_in_every_language(self):
        (clause,) = match("planes", frozenset({"en", "es", "ja"})).words
        assert {way.terms[0] for way in clause.alternatives} == {"en:plane", "es:plan", "planes"}

    def test_it_looks_for_both_spellings_of_a_joined_word(self):
        (clause,) = match("e-learning").words
        assert clause.alternatives == (
            Alternative(TEXT, ("en:elearn",)),
            Alternative(TEXT, ("en:e", "en:learn")),
        )

    def test_it_demands_phrases(self):
        assert terms_of(match('"data quality"').must) == ["en:data en:qualiti"]

    def test_it_separates_words_from_fields_that_must_not_be(self):
        found = match("-excel -kind:video")
        assert terms_of(found.never) == ["en:excel"]
        assert found.barred == {"kind": frozenset({"video"})}

    def test_it_unites_ticked_and_typed_filters(self):
        found = match("kind:video", filters={"kind": frozenset({"course"})})
        assert found.values == {"kind": frozenset({"course", "video"})}

    def test_it_scores_by_words_and_phrases_only(self):
        assert match("audit").is_scored
        assert match('"data quality"').is_scored
        assert not match("kind:video -audit").is_scored

    def test_it_forgets_empty_filters(self):
        assert merge_filters({"kind": frozenset()}) == {}


class TestLastWord:
    def test_it_takes_the_beginning_of_a_word(self):
        (clause,) = match("onbo", prefix=True).words
        assert Alternative(STARTS, ("onbo",)) in clause.alternatives

    @pytest.mark.parametrize("text", ["", "a", "onbo ", '"onbo"', "kind:vi"])
    def test_it_takes_a_finished_word_as_it_is(self, text):
        assert last_word(parse(text)) is None

    def test_it_completes_a_filler_word_too(self):
        assert len(match("plan the", prefix=True).words) == 2
