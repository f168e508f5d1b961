"""The administrators' pages about the search: how good it is, and what its boosts weigh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.audit import trail
from app.discover.quality import Report
from app.discover.tuning import Tuning, live_boosts, live_synonyms
from app.errors import Conflict, Invalid, NotFound
from app.tending import boosts, contexts, queries, service
from app.tending.asked import asker, search_index
from app.tending.blueprint import bp
from app.tending.measuring import Bench, Effect, JudgedFile, judged_in
from app.web.errors import in_words, translated
from app.web.htmx import page, wanted_fragment
from app.web.i18n import today
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer
from search.errors import IndexMissing
from search.rank import BOOSTS, WEIGHTS

_PAGE = "/admin/search"
_RANKING = f"{_PAGE}/ranking"
_MOST_SEARCHES = 20
_MOST_WORST = 15
_MOST_CHOICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Boosts that were typed, as text and as the differences that they make."""

    typed: Mapping[str, str]
    shares: Mapping[str, float]
    role: str


@bp.get(_PAGE)
def quality() -> ResponseReturnValue:
    """Show how good search is: figures, judged queries, what people search for."""
    judged, session, at_least = _judged(), db_session(), config().min_group_size
    report, everything = _report(judged), request.args.get("all") == "1"
    most = len(judged.queries) if everything else _MOST_WORST
    return page(
        "tending/quality.html",
        judged=judged,
        report=report,
        everything=everything,
        role_names=dict(queries.roles(session)),
        searches=contexts.judged_rows(report, asker(), most) if report else [],
        asked=queries.most_asked(session, at_least=at_least, limit=_MOST_SEARCHES),
        failing=queries.most_failing(session, at_least=at_least, limit=_MOST_SEARCHES),
        kept=queries.kept_searches(session, at_least=at_least),
        at_least=at_least,
    )


@bp.get(_RANKING)
def ranking() -> ResponseReturnValue:
    """Show the boosts; with values in the address, what these would change."""
    typed = boosts.typed_in(request.args)
    if not typed:
        return _ranking(Proposal(typed={}, shares={}, role=""))
    try:
        proposal = _proposal(request.args)
    except Invalid as refusal:
        return _ranking(
            Proposal(typed=typed, shares={}, role=""), errors=_errors(refusal), status=422
        )
    try:
        effect = _effect(proposal)
    except IndexMissing:
        return _ranking(proposal, building=True)
    return _ranking(proposal, effect=effect)


@bp.post(_RANKING)
def choose_ranking() -> ResponseReturnValue:
    """Make boosts live for everybody, with the figures that they had."""
    try:
        proposal = _proposal(request.form)
        _choose(proposal.shares, note=request.form.get("note", ""))
    except Invalid as refusal:
        proposal = Proposal(typed=boosts.typed_in(request.form), shares={}, role="")
        return _ranking(proposal, errors=_errors(refusal), status=422)
    except Conflict as conflict:
        db_session().rollback()
        return _ranking(proposal, overtaken=in_words(conflict), status=409)
    flash(_("These boosts are live now."))
    return redirect(url_for(".ranking"), code=303)


@bp.post(f"{_RANKING}/<int(max=2147483647):choice_id>/again")
def choose_again(choice_id: int) -> ResponseReturnValue:
    """Make an earlier choice live again; 0 stands for the boosts that Foyer brings along."""
    choice = queries.choice(db_session(), choice_id)
    if choice is None and choice_id:
        raise NotFound(_("There is no such choice."))
    _choose(service.still_known(choice.boosts if choice else {}), note="")
    flash(_("These boosts are live now."))
    return redirect(url_for(".ranking"), code=303)


def _choose(shares: Mapping[str, float], *, note: str) -> None:
    """Keep the choice with its figures, and note it for the audit log."""
    row = service.choose_boosts(
        db_session(),
        shares,
        figures=_figures(shares),
        note=note,
        seen=_seen(),
        by=viewer().id,
        now=clock.now(),
    )
    trail.note(
        "tending.choose_ranking", boosts=dict(row.boosts), figures=dict(row.figures), note=row.note
    )


def _ranking(
    proposal: Proposal,
    *,
    effect: Effect | None = None,
    building: bool = False,
    overtaken: str = "",
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> ResponseReturnValue:
    session = db_session()
    live = live_boosts(session)
    return page(
        "tending/ranking.html",
        fragments=("trial",),
        fields=boosts.fields(proposal.typed, live),
        weights=[(boosts.FIELDS.get(name, name), share) for name, share in WEIGHTS.items()],
        proposal=proposal,
        effect=effect,
        building=building,
        overtaken=overtaken,
        errors=errors,
        is_part=wanted_fragment(("trial",)) is not None,
        role_names=dict(queries.roles(session)),
        choices=[contexts.choice_row(row) for row in queries.choices(session, _MOST_CHOICES)],
        newest=queries.newest_choice_id(session),
        same=proposal.shares == live,
        status=status,
    )


def _proposal(form: Mapping[str, str]) -> Proposal:
    """Read boosts and the role to try them for; raise Invalid naming the fields that are wrong."""
    typed = boosts.typed_in(form)
    try:
        shares = service.differences({**BOOSTS, **boosts.numbers(typed)})
    except Invalid as refusal:
        raise Invalid(boosts.in_the_form(refusal.fields)) from refusal
    known = [slug for slug, _name in queries.roles(db_session())]
    role = form.get("role", "")
    return Proposal(typed=typed, shares=shares, role=role if role in known else "")


def _effect(proposal: Proposal) -> Effect:
    synonyms = live_synonyms(db_session())
    before = Tuning(synonyms, live_boosts(db_session()))
    after = Tuning(synonyms, proposal.shares)
    return _bench(_judged()).effect(before, after, proposal.role)


def _figures(shares: Mapping[str, float]) -> dict[str, float]:
    """Measure boosts that go live; nothing where there is no index or no judged query."""
    bench = _bench(_judged())
    try:
        found = bench.report(Tuning(live_synonyms(db_session()), shares)).figures
    except IndexMissing:
        return {}
    if found is None:
        return {}
    return {"queries": found.queries, "ndcg": round(found.ndcg, 4), "mrr": round(found.mrr, 4)}


def _report(judged: JudgedFile) -> Report | None:
    """Measure what is live; None while there is no index."""
    live = Tuning(live_synonyms(db_session()), live_boosts(db_session()))
    try:
        return _bench(judged).report(live)
    except IndexMissing:
        return None


def _bench(judged: JudgedFile) -> Bench:
    return Bench(db_session(), search_index(), judged.queries, today())


def _judged() -> JudgedFile:
    return judged_in(config().judged_queries)


def _seen() -> int:
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _errors(refusal: Invalid) -> list[tuple[str, str]]:
    return [(name, translated(text)) for name, text in refusal.fields.items()]
