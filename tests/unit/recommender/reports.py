"""Reports with the figures that a test of the gate needs, and plain ones in all other places."""

from recommender.figures import Figure
from recommender.report import EVERYBODY, IN_ROLE, OURS, SERVING, Against, Report, Row

PLAIN = Figure(0.0, 0.0, 0.0)


def row(ranker, group=EVERYBODY, people=100, ndcg=0.2, margin=(0.0, 0.0, 0.0), **more):
    """A row; figures that are not given are 0."""
    figures = dict.fromkeys(("recall", "hit_rate", "novelty", "diversity"), PLAIN)
    given = {"no_loss": 1.0, "coverage": 0.5, "first": 0.1, **figures, **more}
    return Row(
        ranker=ranker,
        group=group,
        people=people,
        moments=people,
        ndcg=Figure(ndcg, ndcg - 0.02, ndcg + 0.02),
        margin=Figure(*margin),
        **given,
    )


def report(
    ndcg=0.2,
    in_role=0.1,
    in_role_margin=(0.1, 0.05, 0.15),
    margin=None,
    name="",
    wide=0.02,
    against=Against.RECIPE,
    groups=(),
):
    """A report; with a `margin`, a share of the serving model's nDCG, it was compared with that.

    `wide` is how far the interval of the margin reaches to either side, as such a share.
    """
    rows = [row(OURS, ndcg=ndcg), row(IN_ROLE, ndcg=in_role, margin=in_role_margin)]
    if margin is not None:
        theirs = ndcg / (1 + margin)
        bounds = tuple(theirs * (margin + step) for step in (0, -wide, wide))
        rows.append(row(SERVING, ndcg=theirs, margin=bounds))
    return Report(0.0, (*rows, *groups), against if margin is not None else Against.NOBODY, name)
