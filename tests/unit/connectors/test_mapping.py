"""Rules that are data: what a tool says becomes fields, and nothing it says breaks them."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.connectors.mapping import FIELDS, TRANSFORMS, Rule, apply, found_at, rules_from, text_of
from app.errors import Wording
from app.intake.text import plain

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)
LEAST = [Rule("title", "t"), Rule("url", "u", "address"), Rule("kind", default="course")]


def value(rule, raw):
    return apply([rule], raw).fields.get(rule.field)


class TestAPath:
    RAW = {"a": {"b": [{"c": 1}, {"c": 2}, {}]}, "l": ["x", "y"]}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("path", "found"),
        [
            ("a.b[0].c", 1),
            ("a.b[].c", [1, 2]),
            ("a.b[9].c", None),
            ("l[]", ["x", "y"]),
            ("l[1]", "y"),
            ("a.missing.c", None),
            ("l.b", None),
            ("a.b[x]", None),
        ],
    )
    def test_it_leads_through_names_and_lists(self, path, found):
        assert found_at(self.RAW, path) == found


class TestAValue:
    @pytest.mark.parametrize(
        ("transform", "raw", "made"),
        [
            ("text", "R&D <Intro>", "R&amp;D &lt;Intro&gt;"),
            ("html", "R&amp;D <b>Intro</b>", "R&amp;D <b>Intro</b>"),
            ("address", "https://a.test/?x=1&amp;y=2", "https://a.test/?x=1&y=2"),
            ("number", "0.5", 0.5),
            ("minutes", "89.6", 90),
            ("seconds", 5400, 90),
            ("seconds", 10, 1),
            ("iso-duration", "PT1H30M", 90),
            ("iso-duration", "P1M", 31 * 24 * 60),
            ("clock", "1:30:00", 90),
            ("clock", "05:30", 6),
            ("clock", "600", 10),
            ("epoch", 1794474000, dt.date(2026, 11, 12)),
            ("epoch", "1794474000000", dt.date(2026, 11, 12)),
            ("day", "2026-11-12T09:00:00Z", dt.date(2026, 11, 12)),
            ("day", "Thu, 12 Nov 2026 09:00:00 GMT", dt.date(2026, 11, 12)),
            ("names", "a, b;c | d", ["a", "b", "c", "d"]),
            ("names", ["a", " "], ["a"]),
        ],
    )
    def test_it_is_read_as_what_it_is(self, transform, raw, made):
        assert value(Rule("title", "x", transform), {"x": raw}) == made

    @pytest.mark.parametrize("transform", sorted(TRANSFORMS))
    @given(raw=JSON)
    def test_nothing_that_a_tool_says_breaks_it(self, transform, raw):
        apply([Rule("title", "x", transform), Rule("url", "x[].y.z", transform)], {"x": raw})

    @given(some.text())
    def test_plain_text_arrives_as_it_was_and_markup_as_what_it_shows(self, text):
        escaped = value(Rule("title", "x"), {"x": text})
        assert plain(str(escaped or "")) == plain(text.replace("&", "&amp;").replace("<", "&lt;"))

    def test_an_unreadable_one_is_counted_and_the_default_stands(self):
        mapped = apply([Rule("minutes", "x", "minutes", default=5)], {"x": "an hour"})
        assert mapped.fields == {"minutes": 5}
        assert dict(mapped.unknown) == {("minutes", "an hour"): 1}

    def test_a_later_rule_counts_where_the_first_found_nothing(self):
        rules = [Rule("title", "long"), Rule("title", "short")]
        assert apply(rules, {"long": "", "short": "S"}).fields == {"title": "S"}

    def test_nothing_found_is_nothing_said(self):
        assert apply([Rule("title", "x")], {}).fields == {}


class TestWords:
    RULE = Rule("level", "x", words={"Beginner": "beginner"}, default="all")

    def test_they_turn_the_tools_words_into_ours_in_any_case(self):
        assert value(self.RULE, {"x": " BEGINNER "}) == "beginner"

    def test_one_that_is_not_known_is_counted(self):
        mapped = apply([self.RULE], {"x": "Expert"})
        assert mapped.fields == {"level": "all"}
        assert dict(mapped.unknown) == {("level", "Expert"): 1}


class TestRulesThatAreKept:
    @given(
        some.builds(
            Rule,
            some.sampled_from(FIELDS),
            some.text(max_size=50),
            some.sampled_from(sorted(TRANSFORMS)),
            some.none() | some.text() | some.integers(),
            some.dictionaries(some.text(), some.text()),
        )
    )
    def test_they_are_read_again_as_they_were(self, rule):
        kept = json.loads(json.dumps([one.as_json() for one in [*LEAST, rule]]))
        assert rules_from(kept) == (*LEAST, rule)

    @pytest.mark.parametrize(
        "bad",
        [
            {},
            "title",
            {"field": "colour"},
            {"field": "title", "transform": "eval"},
            {"field": "title", "words": ["a"]},
            {"field": "title", "words": {"a": 1}},
            {"field": "title", "default": {"a": 1}},
            {"field": "title", "default": [[1]]},
        ],
    )
    def test_one_that_cannot_be_is_refused_in_words(self, bad):
        with pytest.raises(ValueError, match=r"\w") as caught:
            rules_from([one.as_json() for one in LEAST] + [bad])
        assert isinstance(caught.value.args[0], Wording)

    @given(JSON)
    def test_anything_else_is_refused_too(self, values):
        with pytest.raises(ValueError, match=r"\w"):
            rules_from(values)

    @pytest.mark.parametrize("missing", ["title", "url", "kind"])
    def test_a_title_an_address_and_a_kind_are_needed(self, missing):
        with pytest.raises(ValueError, match=missing):
            rules_from([one.as_json() for one in LEAST if one.field != missing])


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("R&amp;D  &#8220;Q&#8221;", "R&D “Q”"),
        ("<span class='searchmatch'>R</span>&#039;s", "R's"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("a<script>alert(1)</script>b", "ab"),
        ("", ""),
    ],
)
def test_markup_becomes_what_a_reader_sees_of_it(markup, text):
    assert text_of(markup) == text
