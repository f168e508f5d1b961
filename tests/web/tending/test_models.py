"""The administrators' pages about the models: what serves, trainings, and going back."""

from dataclasses import replace

import pytest

from app.foryou import trainings
from app.foryou.shelf import EXTENSION
from app.models import AuditEntry, Training, TrainingState
from app.tending.model_words import PARTS, SENTENCES
from recommender import features
from recommender.dataset import Dataset
from recommender.gate import ENGLISH
from recommender.history import Origin
from recommender.model import fit
from recommender.report import OURS, SERVING
from tests.support.factories import NOW
from tests.support.pages import text_of
from tests.support.queries import count_queries
from tests.unit.recommender.reports import report, row

PAGE = "/admin/recommendations"
ORIGIN = Origin(1200, 34, 56, 7.25, 300 << 20, "implicit")


@pytest.fixture(scope="module")
def untrained():
    return fit(Dataset((), {}, (), 0.0))


@pytest.fixture
def store(app):
    return app.extensions[EXTENSION].models


@pytest.fixture
def offer(store, untrained):
    """Return a function that offers a model trained so many hours ago."""

    def offered(hours=1, ndcg=0.2, margin=0.0, groups=(), **more):
        serving = store.serving_name()
        compared = report(ndcg, margin=margin if serving else None, name=serving, groups=groups)
        made = untrained.measured(compared.to_json())
        made = replace(made, trained_at=NOW.timestamp() - 3600 * hours)
        return store.publish(made, origin=ORIGIN, **more)

    return offered


@pytest.fixture
def training(session):
    """Return a function that begins a training and moves it to a stage."""

    def begun(stage="taste", share=0.4, at=NOW):
        row = trainings.begin(session, engine="implicit", now=at)
        trainings.moved(session, row.id, stage=stage, share=share, now=at)
        session.commit()
        return row

    return begun


def heads(page):
    return [text_of(one) for one in page.all("div", class_="model-head")]


class TestEmpty:
    def test_it_says_that_nothing_is_trained_yet(self, as_admin):
        page = as_admin.get(PAGE)
        assert "Nothing is trained yet" in page.words
        assert "None yet." in page.words

    def test_it_is_linked_from_the_overview_and_from_search_quality(self, as_admin):
        for address in ("/admin", "/admin/search"):
            assert as_admin.get(address).all("a", href=PAGE)

    def test_it_is_for_administrators(self, as_curator):
        assert as_curator.get(PAGE).status == 404


class TestModels:
    def test_it_shows_what_serves_and_what_it_was_made_from(self, as_admin, offer):
        offer(hours=2)
        said = as_admin.get(PAGE).words
        assert "Serves now" in said
        assert "Trained 12 November, 07:00" in said
        assert "on 1200 activities of 34 people with 56 items, in 7.2 s and 300 MiB" in said

    def test_the_newest_comes_first_with_the_sentence_why(self, as_admin, offer):
        offer(hours=3)
        offer(hours=2, margin=0.1)
        offer(hours=1, margin=-0.2)
        page = as_admin.get(PAGE)
        assert heads(page) == [
            "12 November, 08:00 refused",
            "12 November, 07:00 serves",
            "12 November, 06:00 Let this one serve",
        ]
        assert (
            "Refused: nDCG@10 is significantly worse than the serving model's: −20.0 %"
            in page.words
        )
        assert "not worse than the serving model as far as 100 people can tell" in page.words

    def test_one_that_was_forced_says_so(self, as_admin, offer):
        offer(hours=2)
        offer(hours=1, margin=-0.2, force=True)
        page = as_admin.get(PAGE)
        assert heads(page)[0] == "12 November, 08:00 serves forced"
        assert "Serves by force, although: nDCG@10 is significantly worse" in page.words

    def test_it_gives_figures_with_their_intervals(self, as_admin, offer):
        offer(groups=[row(OURS, "0", people=9, ndcg=0.15)])
        said = as_admin.get(PAGE).text("ul", class_="model-list")
        assert "nDCG@10 0.2000 0.1800–0.2200" in said
        assert "Against popularity in role +0.1000 +0.0500 … +0.1500" in said
        assert "Newcomers 0.1500 0.1300–0.1700" in said
        assert "Coverage 50.0 %" in said
        assert "Training 7.2 s" in said

    def test_a_model_that_was_not_measured_says_so(self, as_admin, store, untrained):
        store.publish(untrained)
        assert "There was too little activity to measure it." in as_admin.get(PAGE).words

    def test_it_sends_few_statements_whatever_there_is(self, as_admin, app, offer, training):
        engine = app.extensions["foyer"].database.engine
        with count_queries(engine) as few:
            as_admin.get(PAGE)
        for hours in range(9, 0, -1):
            offer(hours=hours)
        training()
        with count_queries(engine) as many:
            as_admin.get(PAGE)
        assert len(many) == len(few) <= 8


class TestOneModel:
    def test_it_tells_of_groups_and_roles_by_name(self, as_admin, offer, make, session):
        make.role("welder", "Welder")
        session.commit()
        offer(hours=2)
        groups = [row(name, "role:welder", people=7, ndcg=0.3) for name in (OURS, SERVING)]
        name = offer(hours=1, groups=groups).name
        page = as_admin.get(f"{PAGE}/{name}")
        assert "Everybody 100 100 moments 0.2000 0.1800–0.2200" in page.words
        assert "Role: Welder 7 7 moments 0.3000" in page.words
        assert "Against what served" in page.words

    def test_it_writes_figures_with_a_comma_for_germans(self, sign_in, make, offer):
        german = sign_in(make.person(access="admin", locale="de"))
        name = offer(hours=1).name
        assert "0,2000" in german.get(f"{PAGE}/{name}").words

    def test_a_refusal_names_the_role(self, as_admin, offer, make, session):
        make.role("welder", "Welder")
        session.commit()
        offer(hours=2)
        losing = row(SERVING, "role:welder", margin=(-0.1, -0.2, -0.05), no_loss=0.0)
        name = offer(hours=1, margin=0.01, groups=[losing]).name
        assert "people with the role Welder would lose" in as_admin.get(f"{PAGE}/{name}").words

    def test_it_says_what_it_has_learnt(self, as_admin, offer):
        page = as_admin.get(f"{PAGE}/{offer().name}")
        assert "What it has learnt" in page.words
        assert "Their role" in page.words

    def test_a_refused_one_has_figures_but_cannot_be_chosen(self, as_admin, offer):
        offer(hours=2)
        name = offer(hours=1, margin=-0.2).name
        page = as_admin.get(f"{PAGE}/{name}")
        assert "Refused:" in page.words
        assert not page.all("a", href=f"{PAGE}/{name}/serve")
        assert as_admin.get(f"{PAGE}/{name}/serve").status == 404

    @pytest.mark.parametrize("name", ["nothing", "20200101T000000-0123456789", "%2e%2e"])
    def test_there_is_no_page_of_what_nobody_remembers(self, as_admin, name):
        assert as_admin.get(f"{PAGE}/{name}").status == 404


class TestGoingBack:
    def test_it_says_what_it_means_and_then_does_it(self, as_admin, offer, store, session):
        before, after = offer(hours=2).name, offer(hours=1).name
        page = as_admin.get(f"{PAGE}/{before}/serve")
        assert "Everybody gets its recommendations from their next page on." in page.words
        assert store.serving_name() == after
        assert as_admin.post(f"{PAGE}/{before}/serve").location == PAGE
        assert store.serving_name() == before
        assert heads(as_admin.get(PAGE))[1] == "12 November, 07:00 serves"
        entry = session.query(AuditEntry).filter_by(action="tending.serve_model").one()
        assert (entry.details["before"], entry.details["after"]) == (after, before)

    def test_a_damaged_one_is_refused_and_the_other_serves_on(self, as_admin, offer, store):
        before, after = offer(hours=2).name, offer(hours=1).name
        (store.path / "models" / before / "items.npy").write_bytes(b"")
        assert as_admin.post(f"{PAGE}/{before}/serve").status == 409
        assert store.serving_name() == after


class TestTraining:
    def test_it_waits_for_the_worker_when_asked(self, as_admin, app, session):
        answer = as_admin.post("/admin/train")
        assert answer.location == f"{PAGE}?after=0"
        assert app.extensions["foyer-jobs"].waiting() == 1
        assert session.query(Training).one().asked_by_id
        page = as_admin.get(answer.location)
        assert "Waiting for the worker" in page.words
        assert "Train now" not in page.words

    def test_it_is_asked_for_once(self, as_admin, app):
        as_admin.post("/admin/train")
        assert as_admin.post("/admin/train").status == 409
        assert app.extensions["foyer-jobs"].waiting() == 1

    def test_it_shows_how_far_it_is_without_script_too(self, as_admin, training):
        training("taste", 0.4)
        page = as_admin.get(PAGE)
        assert "Working out who takes what with whom" in page.words
        assert page.all("progress")[0].get("value") == "75"
        assert page.all("section", class_="training")[0].get("hx-get") == PAGE

    def test_only_that_part_is_asked_for_again(self, as_admin, app, offer, training):
        offer()
        training("evaluation", 0.5)
        engine = app.extensions["foyer"].database.engine
        with count_queries(engine) as sent:
            part = as_admin.htmx(PAGE, "progress")
        assert part.all("progress")[0].get("value") == "40"
        assert "Serves now" not in part.words
        assert len(sent) <= 4

    def test_a_stage_of_which_nothing_is_known_has_no_share(self, as_admin, training):
        training("something new", 0.4)
        assert as_admin.get(PAGE).all("progress")[0].get("value") is None

    def test_it_can_be_stopped(self, as_admin, training, session):
        row = training()
        answer = as_admin.post(f"{PAGE}/stop")
        assert answer.location == f"{PAGE}?after={row.id - 1}"
        assert "It stops at its next step." in as_admin.get(PAGE).words
        assert session.query(AuditEntry).filter_by(action="tending.stop_training").one()

    def test_there_is_nothing_to_stop_where_nothing_runs(self, as_admin):
        assert as_admin.post(f"{PAGE}/stop").status == 404

    def test_whoever_waits_hears_how_it_ended(self, as_admin, training, session):
        row = training()
        trainings.end(session, row.id, TrainingState.DONE, "nDCG", now=NOW)
        session.commit()
        part = as_admin.htmx(f"{PAGE}?after={row.id - 1}", "progress")
        assert "The training is done nDCG Look at the models" in part.words
        assert not part.all("progress")
        assert "The training is done" not in as_admin.get(PAGE).words

    def test_one_that_was_killed_is_said_to_be_interrupted(self, as_admin, training):
        training(at=NOW - 2 * trainings.SILENT_FOR)
        page = as_admin.get(PAGE)
        assert (
            "It was interrupted. A training that begins soon goes on where it stood." in page.words
        )
        assert "Train now" in page.words

    def test_the_last_ones_are_listed_with_how_they_ended(self, as_admin, training, session):
        for state, outcome in (
            (TrainingState.DONE, "nDCG"),
            (TrainingState.STOPPED, str(trainings.STOPPED)),
        ):
            trainings.end(session, training().id, state, outcome, now=NOW)
        session.commit()
        said = as_admin.get(PAGE).words
        assert "12 November, 09:00: stopped Somebody stopped it." in said
        assert "12 November, 09:00: done refused" in said

    @pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "٣"])
    def test_nonsense_in_the_address_is_ignored(self, as_admin, after):
        assert as_admin.get(f"{PAGE}?after={after}").status == 200


def test_every_sentence_of_the_gate_can_be_said_in_other_languages(app):
    with app.test_request_context():
        assert {code: str(words) for code, words in SENTENCES.items()} == ENGLISH


def test_every_part_of_a_score_has_a_name():
    assert set(PARTS) == set(features.PARTS)
