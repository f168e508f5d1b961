"""The goals that the recommender has set itself, and whether the figures reach them."""

from collections.abc import Iterator, Mapping

from bench.recommender_metrics import Score, interval, share_interval
from bench.recommender_models import FLOOR, IN_ROLE, OURS, ROLE_ORACLE, TIMELESS

Results = dict[tuple[str, str], Mapping[str, Score]]

NEXT_EVENT = {"MARS": 0.56, "ML-100k": 0.24}
LAST_OUT = {"MARS": 0.345, "ML-100k": 0.125}
COLD_ITEMS = 0.36
BELOW_FLOOR = -0.01
OF_BEST = 0.97
BEST_FOR_NEWCOMERS = {
    ("ML-100k", "cold-0"): 0.467,
    ("ML-100k", "cold-1"): 0.484,
    ("ML-100k", "cold-3"): 0.515,
    ("MARS", "cold-1"): 0.222,
    ("MARS", "cold-3"): 0.356,
}
"""The best that any model has been seen to reach with so little history, tuned by hand."""
OF_ROLE_LIFT = 0.97
WITHOUT_ROLE = -0.005
COVERAGE = 0.5
FIRST_PLACES = 0.25


def verdicts(results: Results) -> Iterator[str]:
    """Give a line for each goal that the results can decide."""
    for name, least in LAST_OUT.items():
        if (name, "lloo") in results:
            score = results[name, "lloo"][OURS]
            low, high = interval(score.gain)
            yield _line(
                f"{name}, leave the last out: nDCG@10 >= {least}",
                score.ndcg >= least,
                f"{score.ndcg:.3f} ({low:.3f} .. {high:.3f})",
            )
    yield from _newcomers(results)
    yield from _roles(results)
    if ("MARS", "cold items") in results:
        score = results["MARS", "cold items"][OURS]
        low, high = interval(score.gain)
        yield _line(
            f"MARS, items nobody touched: nDCG@10 >= {COLD_ITEMS}",
            score.ndcg >= COLD_ITEMS,
            f"{score.ndcg:.3f} ({low:.3f} .. {high:.3f})",
        )
    yield from _variety(results)


def next_event_verdict(name: str, hit_rate: float) -> str:
    """Give the line about the next event, live."""
    least = NEXT_EVENT[name]
    return _line(
        f"{name}, next event, live: HR@10 >= {least}", hit_rate >= least, f"{hit_rate:.3f}"
    )


def _newcomers(results: Results) -> Iterator[str]:
    """Compare with popularity while 0 to 3 items are known, and with the best ever seen there."""
    for (name, questions), scores in results.items():
        if questions not in {"cold-0", "cold-1", "cold-2", "cold-3"}:
            continue
        for mine in (each for each in (OURS, TIMELESS) if each in scores):
            low, high = share_interval(scores[mine].gain, scores[FLOOR].gain)
            yield _line(
                f"{name}, {questions}, {mine}: lower bound against popularity >= {BELOW_FLOOR:.0%}",
                low >= BELOW_FLOOR,
                f"{low:+.1%} .. {high:+.1%}",
            )
            if (name, questions) in BEST_FOR_NEWCOMERS:
                best = BEST_FOR_NEWCOMERS[name, questions]
                share = scores[mine].ndcg / best
                yield _line(
                    f"{name}, {questions}, {mine}: >= {OF_BEST:.0%} of the best known, {best}",
                    share >= OF_BEST,
                    f"{scores[mine].ndcg:.3f}, {share:.1%}",
                )


def _roles(results: Results) -> Iterator[str]:
    """Say whether a role pays where it tells something, and costs nothing where it does not."""
    for (name, questions), scores in results.items():
        if questions != "cold-0" or ROLE_ORACLE not in scores:
            continue
        mine, floor = scores[OURS], scores[FLOOR]
        if name == "planted 0":
            low, high = share_interval(mine.gain, floor.gain)
            yield _line(
                f"{name}, no history: a role that tells nothing costs at most {-WITHOUT_ROLE:.1%}",
                mine.ndcg / floor.ndcg - 1 >= WITHOUT_ROLE,
                f"{mine.ndcg / floor.ndcg - 1:+.1%} ({low:+.1%} .. {high:+.1%})",
            )
            continue
        lift = scores[ROLE_ORACLE].ndcg - floor.ndcg
        share = (mine.ndcg - floor.ndcg) / lift
        prior = (scores[IN_ROLE].ndcg - floor.ndcg) / lift
        yield _line(
            f"{name}, no history: >= {OF_ROLE_LIFT:.0%} of the role oracle's lift",
            share >= OF_ROLE_LIFT,
            f"{share:.1%} (popularity in role {prior:.1%})",
        )


def _variety(results: Results) -> Iterator[str]:
    for name in LAST_OUT:
        if (name, "lloo") not in results:
            continue
        score = results[name, "lloo"][OURS]
        if name == "MARS":
            yield _line(
                f"{name}, leave the last out: coverage at 10 >= {COVERAGE}",
                score.coverage >= COVERAGE,
                f"{score.coverage:.2f}",
            )
        yield _line(
            f"{name}, leave the last out: no item in more than {FIRST_PLACES:.0%} of first places",
            score.commonest <= FIRST_PLACES,
            f"{score.commonest:.0%}",
        )


def _line(goal: str, reached: bool, figure: str) -> str:
    return f"{'reached' if reached else 'MISSED':<8} {goal:<84} {figure}"
