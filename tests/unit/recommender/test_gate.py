"""The gate: who may serve, and the sentence that says why."""

import re

import pytest

from recommender.gate import ACCEPTING, ENGLISH, FEWEST_JUDGED, PATIENCE_DAYS, judge
from recommender.report import OURS, SERVING, Against, Report
from tests.unit.recommender.reports import report, row

UNMEASURED = Report(0.0, ())


def group(name, people=100, no_loss=1.0, margin=(-0.02, -0.03, -0.01)):
    """A group's figures against the serving model."""
    return row(SERVING, name, people=people, margin=margin, no_loss=no_loss)


class TestTheFirst:
    def test_it_lets_the_first_good_model_through(self):
        verdict = judge(report(0.2), None)
        assert verdict.accepted
        assert "nDCG@10 is 0.2000, popularity in role 0.1000" in verdict.why

    def test_it_stops_a_model_significantly_below_popularity_in_role(self):
        verdict = judge(report(0.2, in_role=0.25, in_role_margin=(-0.05, -0.08, -0.02)), None)
        assert not verdict.accepted
        assert "below the 0.2500 of popularity in role" in verdict.why

    def test_it_lets_one_through_that_popularity_beats_within_noise(self):
        assert judge(report(0.2, in_role=0.21, in_role_margin=(-0.01, -0.03, 0.01)), None).accepted


class TestTooLittleToMeasure:
    def test_it_lets_an_unmeasured_model_serve_where_nothing_measured_does(self):
        assert judge(UNMEASURED, None).accepted
        assert judge(UNMEASURED, UNMEASURED).accepted

    def test_it_keeps_the_measured_model_for_a_while(self):
        assert not judge(UNMEASURED, report(0.1), age_days=1).accepted

    def test_it_is_not_stuck_with_a_model_of_better_days(self):
        verdict = judge(UNMEASURED, report(0.1), age_days=PATIENCE_DAYS + 1)
        assert verdict.accepted
        assert f"{PATIENCE_DAYS + 1} days old" in verdict.why


class TestAgainstTheServing:
    def test_it_stops_a_model_that_is_significantly_worse(self):
        verdict = judge(report(margin=-0.1, wide=0.05), report())
        assert not verdict.accepted
        assert "significantly worse" in verdict.why
        assert (
            "\N{MINUS SIGN}10.0 % (95 %: \N{MINUS SIGN}15.0 % to \N{MINUS SIGN}5.0 %)"
            in verdict.why
        )

    def test_it_lets_noise_pass_where_the_data_are_few(self):
        verdict = judge(report(margin=-0.03, wide=0.1), report())
        assert verdict.accepted
        assert "as far as 100 people can tell" in verdict.why

    def test_an_equal_model_passes_however_wide_the_interval(self):
        for wide in (0.001, 0.004, 0.01, 0.1, 1.0):
            assert judge(report(margin=0.0, wide=wide), report()).accepted

    def test_it_demands_the_lower_bound_where_the_data_can_tell_half_a_percent(self):
        assert not judge(report(margin=-0.002, wide=0.004), report()).accepted
        assert judge(report(margin=-0.001, wide=0.003), report()).accepted

    def test_it_says_so_when_the_settings_are_the_same(self):
        verdict = judge(report(margin=0.0, wide=0.0, against=Against.SAME), report())
        assert verdict.accepted
        assert verdict.code == "same"

    def test_it_says_so_when_it_is_better(self):
        verdict = judge(report(margin=0.1, wide=0.004), report())
        assert verdict.why.startswith("nDCG@10 against the serving model: +10.0 %")

    def test_it_stops_a_model_that_shows_half_of_the_items(self):
        compared = report(margin=0.1)
        rows = [row(OURS, ndcg=0.2, coverage=0.2), *compared.rows[1:]]
        verdict = judge(Report(0.0, tuple(rows), Against.RECIPE, "x"), report())
        assert not verdict.accepted
        assert "20.0 % of the items, and the serving model shows 50.0 %" in verdict.why


class TestGroups:
    def test_it_stops_a_model_that_newcomers_pay_for(self):
        verdict = judge(report(margin=0.1, groups=[group("0", no_loss=0.0)]), report())
        assert not verdict.accepted
        assert "people with 0 items of history would lose" in verdict.why

    def test_it_stops_a_model_that_a_role_pays_for(self):
        paying = group("role:welder", no_loss=0.0)
        verdict = judge(report(margin=0.1, groups=[paying]), report())
        assert not verdict.accepted
        assert "people with the role welder" in verdict.why

    def test_it_lets_a_group_lose_by_chance(self):
        assert judge(report(margin=0.1, groups=[group("0", no_loss=0.05)]), report()).accepted

    def test_it_does_not_judge_by_a_handful_of_people(self):
        few = group("role:welder", people=FEWEST_JUDGED - 1, no_loss=0.0)
        assert judge(report(margin=0.1, groups=[few]), report()).accepted

    def test_it_asks_for_more_certainty_the_more_groups_there_are(self):
        unlucky = group("role:a", no_loss=0.01)
        others = [group(f"role:{n}") for n in range(30)]
        assert not judge(report(margin=0.1, groups=[unlucky]), report()).accepted
        assert judge(report(margin=0.1, groups=[unlucky, *others]), report()).accepted


@pytest.mark.parametrize("code", ENGLISH)
def test_every_sentence_can_be_filled(code):
    names = set(re.findall(r"%\((\w+)\)s", ENGLISH[code]))
    assert "%" not in (ENGLISH[code] % dict.fromkeys(names, "7")).replace("95 %", "")


def test_every_accepting_code_has_a_sentence():
    assert set(ENGLISH) >= ACCEPTING
