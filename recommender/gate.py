"""Whether a newly trained model may serve, and why, in one sentence with its figures.

Everything is judged from one report, in which the models answered the same questions. In order:

1. Too few people to measure: it may serve where nothing measured serves, or where what serves is
   older than `PATIENCE_DAYS`, so that a portal whose activity has shrunk is not stuck for ever.
2. Significantly below popularity within the role: refused.
3. Against the serving model, as shares of its nDCG: refused if significantly worse. Where the data
   can tell half a percent (the interval reaches no more than `SLACK` to either side) the lower
   bound must be above -0.5 %, too. Where they cannot, noise passes: demanding that bound of an
   interval which is wider would refuse even an equal model, on small data for ever.
4. A bucket of history or a role with at least `FEWEST_JUDGED` people loses significantly more than
   2 %: refused. Many groups are looked at, so each is judged at 2.5 % divided by their number
   (Bonferroni); otherwise one in a few dozen roles would seem to lose by chance every other time.
5. Its recommendations cover less than half as much of the catalogue as those of the serving one:
   refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from recommender.figures import Figure
from recommender.report import EVERYBODY, IN_ROLE, OURS, ROLE, SERVING, Against, Report, Row

PATIENCE_DAYS = 30
SLACK = 0.005
LEVEL = 0.025
FEWEST_JUDGED = 20
LEAST_COVERAGE = 0.5

ENGLISH = {
    "unmeasured": "there is too little activity to measure it, and nothing measured serves",
    "unmeasured_late": "there is too little activity to measure it, and the serving model is "
    "%(days)s days old",
    "too_little": "there is too little activity to measure it, and the serving model was measured",
    "below_in_role": "nDCG@10 is %(ours)s, significantly below the %(in_role)s of popularity in "
    "role (difference %(low)s to %(high)s)",
    "worse": "nDCG@10 is significantly worse than the serving model's: %(margin)s "
    "(95 %%: %(low)s to %(high)s) on %(people)s people",
    "maybe_worse": "nDCG@10 may be more than half a percent below the serving model's: %(margin)s "
    "(95 %%: %(low)s to %(high)s) on %(people)s people",
    "bucket_worse": "people with %(group)s items of history would lose: %(margin)s of nDCG@10 "
    "(95 %%: %(low)s to %(high)s) for %(people)s people",
    "role_worse": "people with the role %(group)s would lose: %(margin)s of nDCG@10 "
    "(95 %%: %(low)s to %(high)s) for %(people)s people",
    "coverage": "it would show %(ours)s of the items, and the serving model shows %(serving)s",
    "first": "nDCG@10 is %(ours)s, popularity in role %(in_role)s (difference %(low)s to %(high)s)",
    "same": "the serving model's settings on newer activity; nDCG@10 is %(ours)s, popularity in "
    "role %(in_role)s (difference %(low)s to %(high)s)",
    "not_worse": "nDCG@10 against the serving model: %(margin)s (95 %%: %(low)s to %(high)s) on "
    "%(people)s people, and no group loses",
    "noise": "not worse than the serving model as far as %(people)s people can tell: nDCG@10 "
    "%(margin)s (95 %%: %(low)s to %(high)s)",
    "other_serves": "it was not compared with the model that serves by now",
}


ACCEPTING = frozenset({"unmeasured", "unmeasured_late", "first", "same", "not_worse", "noise"})


@dataclass(frozen=True)
class Verdict:
    """Whether a model may serve: `code` names the sentence in `ENGLISH`, `values` fill it."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Tell whether it may."""
        return self.code in ACCEPTING

    @property
    def why(self) -> str:
        """Return the sentence."""
        return ENGLISH[self.code] % self.values


def judge(report: Report, serving: Report | None, age_days: float = 0.0) -> Verdict:
    """Judge a model by its report.

    `serving` is the report that the serving model brought along, None if nothing serves, and
    `age_days` how much older that model is.
    """
    ours, in_role = report.row(OURS), report.row(IN_ROLE)
    if ours is None or in_role is None:
        return _unmeasured(serving, age_days)
    floor = {
        "ours": number(ours.ndcg.value),
        "in_role": number(in_role.ndcg.value),
        "low": signed(in_role.margin.low),
        "high": signed(in_role.margin.high),
    }
    if in_role.margin.high < 0:
        return Verdict("below_in_role", floor)
    against = report.row(SERVING)
    if against is None:
        return Verdict("first", floor)
    refusal = _overall(against) or next(_losing(report), None) or _coverage(ours, against)
    if refusal:
        return refusal
    if report.against == Against.SAME:
        return Verdict("same", floor)
    return Verdict("not_worse" if _tells(against) else "noise", _against(against))


def _unmeasured(serving: Report | None, age_days: float) -> Verdict:
    if serving is None or not serving.rows:
        return Verdict("unmeasured")
    if age_days > PATIENCE_DAYS:
        return Verdict("unmeasured_late", {"days": str(int(age_days))})
    return Verdict("too_little")


def _overall(against: Row) -> Verdict | None:
    if against.margin.high < 0:
        return Verdict("worse", _against(against))
    if _tells(against) and share_of(against).low < -SLACK:
        return Verdict("maybe_worse", _against(against))
    return None


def _tells(against: Row) -> bool:
    """Tell whether the interval is narrow enough to demand its lower bound."""
    share = share_of(against)
    return (share.high - share.low) / 2 <= SLACK


def _losing(report: Report) -> Iterator[Verdict]:
    """Return a refusal for each group that significantly loses more than is tolerated."""
    groups = [
        row for row in report.of(SERVING) if row.group != EVERYBODY and row.people >= FEWEST_JUDGED
    ]
    for row in groups:
        if row.no_loss < LEVEL / len(groups):
            code = "role_worse" if row.group.startswith(ROLE) else "bucket_worse"
            yield Verdict(code, _against(row) | {"group": row.group.removeprefix(ROLE)})


def _coverage(ours: Row, against: Row) -> Verdict | None:
    if ours.coverage >= LEAST_COVERAGE * against.coverage:
        return None
    shares = {"ours": percent(ours.coverage), "serving": percent(against.coverage)}
    return Verdict("coverage", shares)


def share_of(row: Row) -> Figure:
    """Return the margin over a ranker as a share of its nDCG."""
    whole = max(row.ndcg.value, 1e-9)
    return Figure(row.margin.value / whole, row.margin.low / whole, row.margin.high / whole)


def _against(row: Row) -> dict[str, str]:
    share = share_of(row)
    return {
        "margin": points(share.value),
        "low": points(share.low),
        "high": points(share.high),
        "people": str(row.people),
    }


def number(value: float) -> str:
    """Return an nDCG with four places."""
    return f"{value:.4f}"


def signed(value: float) -> str:
    """Return a difference of nDCG with four places and its sign."""
    return f"{value:+.4f}".replace("-", "\N{MINUS SIGN}")


def points(share: float) -> str:
    """Return a share as signed percent with one place."""
    return f"{100 * share:+.1f} %".replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """Return a share as percent with one place."""
    return f"{100 * share:.1f} %"
