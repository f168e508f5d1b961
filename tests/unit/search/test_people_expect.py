"""What people complain about in the search of other portals: each example, kept by both engines."""

import pytest

from search.document import Correction, Request
from search.query import parse
from tests.unit.search.samples import EVERYONE, document


def ask(store, typed, **options):
    """Search as the portal does: typos are forgiven."""
    options = {"forgive": True, **options}
    return store.search(Request(parse(typed), EVERYONE, **options))


def ids(store, typed, **options):
    """List what is found, best first."""
    return [hit.id for hit in ask(store, typed, **options).hits]


class TestTyposAreForgivenOnlyAsAFallBack:
    def test_tech_never_finds_team(self, store):
        store.rebuild([document(1, "Leading a team"), document(2, "Teams at work", "team team")])
        assert ids(store, "tech") == []

    def test_mes_never_finds_web(self, store):
        store.rebuild([document(1, "Web design"), document(2, "The web", "web web")])
        assert ids(store, "mes") == []

    def test_an_exact_word_is_never_taken_for_another(self, store):
        store.rebuild([document(1, "Form"), *(document(at, "Farm") for at in range(2, 9))])
        found = ask(store, "form")
        assert ([hit.id for hit in found.hits], found.corrections) == ([1], ())

    def test_another_form_of_the_word_is_never_a_typo(self, store):
        store.rebuild([document(1, "Leading"), document(2, "Loading")])
        found = ask(store, "leads")
        assert ([hit.id for hit in found.hits], found.corrections) == ([1], ())

    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("weldng", "Welding"),
            ("wieldng", "Wielding"),
            ("onbaording", "Onboarding"),
            ("kuberentes", "Kubernetes"),
            ("presantetion", "Presentation"),
        ],
    )
    def test_a_typo_finds_the_word_and_is_told(self, store, typed, title):
        store.rebuild([document(1, title), document(2, "Something else")])
        found = ask(store, typed)
        assert [hit.id for hit in found.hits] == [1]
        assert found.corrections == (Correction(typed, title.lower()),)

    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("web", "wed"),  # three letters: none may differ
            ("wed", "web"),
            ("wxldxng", "welding"),  # seven letters: one
            ("pxesxntxtion", "presentation"),  # twelve letters: two
            ("belding", "welding"),  # the first letter is sure
            ("ab1235", "ab1234"),  # a code is no word
            ("c+", "c++"),
        ],
    )
    def test_what_differs_too_much_is_something_else(self, store, typed, title):
        store.rebuild([document(1, title), document(2, "Something else")])
        assert ids(store, typed) == []
        assert ask(store, typed).corrections == ()

    def test_nothing_is_forgiven_unless_asked(self, store):
        store.rebuild([document(1, "Welding")])
        assert ids(store, "weldng", forgive=False) == []

    def test_one_letter_wrong_is_more_likely_than_two(self, store):
        often = [document(at, "Conversation") for at in range(2, 9)]
        store.rebuild([document(1, "Conservation"), *often])
        assert ask(store, "conservatoin").corrections == (
            Correction("conservatoin", "conservation"),
        )

    def test_the_most_frequent_of_two_words_is_meant(self, store):
        store.rebuild([document(1, "Wielding"), document(2, "Welding"), document(3, "Welding")])
        assert ask(store, "weelding").corrections == (Correction("weelding", "welding"),)

    def test_the_first_in_the_alphabet_is_meant_of_equals(self, store):
        store.rebuild([document(1, "carts"), document(2, "cards")])
        assert ask(store, "carbs").corrections == (Correction("carbs", "cards"),)

    def test_a_word_that_a_filter_hides_is_no_typo(self, store):
        store.rebuild([document(1, "form", kind="video"), document(2, "farm", kind="course")])
        found = ask(store, "form kind:course")
        assert (found.total, found.corrections) == (0, ())

    def test_a_typo_among_known_words_is_forgiven(self, store):
        store.rebuild([document(1, "data quality audit"), document(2, "data audit")])
        found = ask(store, "data qualty audit")
        assert [hit.id for hit in found.hits] == [1, 2]
        assert found.corrections == (Correction("qualty", "quality"),)

    def test_the_answer_is_that_to_the_right_word(self, store):
        store.rebuild([document(1, "Welding basics"), document(2, "Basics", "of welding")])
        right, wrong = ask(store, "basics welding"), ask(store, "basics wleding")
        assert (wrong.hits, wrong.total, wrong.facets) == (right.hits, right.total, right.facets)

    def test_a_word_is_shown_with_its_accents(self, store):
        store.rebuild([document(1, "Führung", language="de")])
        assert ask(store, "fuhrnug").corrections == (Correction("fuhrnug", "führung"),)

    def test_a_word_that_only_others_may_see_is_not_told(self, store):
        secret = [document(at, "Zephyrine", audience=frozenset({"board"})) for at in range(2, 9)]
        store.rebuild([document(1, "Zephyrina"), *secret])
        assert ask(store, "zephyrinx").corrections == (Correction("zephyrinx", "zephyrina"),)

    def test_a_word_that_only_others_may_see_is_a_typo_too(self, store):
        store.rebuild([document(1, "Farm"), document(2, "Form", audience=frozenset({"board"}))])
        assert ask(store, "form").corrections == (Correction("form", "farm"),)


class TestNothingIsMissed:
    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("abac", "Abacus"),
            ("demo", "Demonstration of the valve"),
            ("wa yba ck", "The Wayback machine"),
            ("wayback", "The way back machine"),
            ("on-boarding", "Onboarding"),
            ("on-boarding", "On boarding"),
            ("on boarding", "Onboarding"),
            ("on boarding", "On-boarding"),
            ("onboarding", "On boarding"),
            ("onboarding", "On-boarding"),
            ("teams", "Leading a team"),
            ("e-learning", "Elearning"),
            ("elearning", "E learning"),
            ("data base", "Databases"),
            ("pass word", "Passwords"),
            ("work shops", "A workshop"),
        ],
    )
    def test_it_is_found(self, store, typed, title):
        store.rebuild([document(1, title), document(2, "Something else")])
        assert ids(store, typed) == [1]

    def test_demo_finds_demonstration_before_the_last_word(self, store):
        store.rebuild([document(1, "Demonstration of the valve"), document(2, "The valve")])
        assert ids(store, "demo valve")[0] == 1

    def test_demo_finds_demonstration_in_the_text_too(self, store):
        store.rebuild([document(1, "The valve", "With a demonstration."), document(2, "A valve")])
        assert ids(store, "demo valve")[0] == 1
        assert ids(store, "demo") == [1]

    def test_the_beginning_of_a_part_number_finds_it(self, store):
        store.rebuild([document(1, "Valve", "See AB-1234-X9."), document(2, "Valve")])
        assert ids(store, "AB-1234") == [1]
        assert ids(store, "ab12") == [1]

    @pytest.mark.parametrize("typed", ["on-boarding", "onboarding", "on boarding"])
    def test_all_spellings_find_all_spellings(self, store, typed):
        spelt = ["Onboarding", "On-boarding", "On boarding"]
        store.rebuild([document(at, title) for at, title in enumerate(spelt, 1)])
        assert sorted(ids(store, typed)) == [1, 2, 3]

    def test_the_word_itself_comes_before_its_beginnings(self, store):
        store.rebuild([document(1, "Demonstration"), document(2, "A", "long text about a demo")])
        assert ids(store, "demo") == [2]

    def test_a_beginning_comes_before_a_typo(self, store):
        store.rebuild([document(1, "Abacus"), *(document(at, "Abaci") for at in range(2, 9))])
        assert ask(store, "abacu").corrections == ()

    def test_what_only_others_may_see_stands_for_nothing(self, store):
        secret = document(1, "The Wayback machine", audience=frozenset({"board"}))
        store.rebuild([secret, document(2, "Something else")])
        assert ids(store, "wa yba ck") == []


class TestNamesWithSymbols:
    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("C++", "C++ for beginners"),
            ("c#", "C# in depth"),
            ("F#", "F# in depth"),
            (".net", "First steps with .NET"),
            ("r&d", "Budgets in R&D"),
            ("R & D", "Budgets in R&D"),
            ("P&L", "Reading a P&L"),
            ("ISO 27001", "The ISO-27001 audit"),
            ("ISO 27001", "The ISO27001 audit"),
            ("ISO-27001", "The ISO 27001 audit"),
            ("ISO-27001", "The ISO27001 audit"),
            ("ISO27001", "The ISO 27001 audit"),
            ("ISO27001", "The ISO-27001 audit"),
            ("iso27001", "The ISO/IEC 27001 audit"),
            ("S/4HANA", "Moving to S4HANA"),
            ("S/4HANA", "Moving to S/4 HANA"),
            ("s4hana", "Moving to S/4HANA"),
            ("S4HANA", "Moving to S/4 HANA"),
            ("s/4 hana", "Moving to S/4HANA"),
            ("S/4 HANA", "Moving to S4HANA"),
            ("AB-1234-X", "Valve AB1234X"),
            ("ab1234x", "Valve AB-1234-X"),
            ("ab 1234 x", "Valve AB1234X"),
        ],
    )
    def test_they_are_found_in_every_spelling(self, store, typed, title):
        others = ["C and D, first self aid", "A 27001 budget", "Hana, 4 years", "AB-1234-Y", "NET"]
        store.rebuild([document(1, title), *(document(at, t) for at, t in enumerate(others, 2))])
        assert ids(store, typed)[0] == 1

    @pytest.mark.parametrize(
        ("typed", "title"), [("C++", "C"), ("C#", "C"), ("F#", "F"), ("R&D", "R"), ("C", "C++")]
    )
    def test_they_are_not_taken_for_one_another(self, store, typed, title):
        store.rebuild([document(1, title)])
        assert ids(store, typed) == []

    @pytest.mark.parametrize(
        "typed",
        ['"', 'audit "', '"audit', 'au"dit', "'audit'", "audit'", "(audit", "audit OR", "audit -"],
    )
    def test_a_stray_quote_is_no_error(self, store, typed):
        store.rebuild([document(1, "The audit"), document(2, "au dit")])
        assert 1 in ids(store, typed)

    @pytest.mark.parametrize("typed", ["\0", "a\0udit", "\ud800", "kind:\ud800", "\udfffaudit"])
    def test_what_is_no_text_is_no_error(self, store, typed):
        store.rebuild([document(1, "The \ud800 audit"), document(2, "A \0 zero")])
        filters = {"kind": frozenset({"video", "\ud800"})}
        assert ask(store, typed, filters=filters).total >= 0

    @pytest.mark.parametrize(("typed", "title"), [("reunião", "Reuniões"), ("acoes", "A ação")])
    def test_portuguese_plurals_are_found(self, store, typed, title):
        store.rebuild([document(1, title, language="pt")])
        assert ids(store, typed) == [1]
