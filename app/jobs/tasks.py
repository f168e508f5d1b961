"""The jobs themselves, and when each is done.

Each takes the parts that jobs work with, and reads and writes in transactions of its own.
"""

import logging
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass

from huey import crontab

from app import clock
from app.audit.verify import verify
from app.auth.sweep import sweep
from app.care import counting, sunsets, tending
from app.catalogue import clusters
from app.catalogue.stored import in_parts
from app.catalogue.strays import strays
from app.config import Config
from app.connectors.base import Mode
from app.curation import missing
from app.db import Database
from app.discover import expertise, remembering
from app.discover.indexing import SearchIndex
from app.errors import Conflict, NotFound
from app.foryou import shown
from app.foryou.engines import taste_by
from app.foryou.running import Stopped, ending_softly
from app.foryou.running import run as train_once
from app.harvest import reaching, running, schedule
from app.library import searches
from app.links import checking
from app.notices import digest
from app.notices import service as notices
from app.notices.mail import sender
from app.playlists import reminding
from app.playlists import rules as playlist_rules
from app.saml import refresh
from recommender.store import ModelStore, TrainingUnderWay

MANY = 500  # changed items after which the database looks at its rows anew
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work with."""

    config: Config
    database: Database
    index: SearchIndex
    harvest: reaching.Parts
    harvest_soon: Callable[[int], None]


def follow_index(parts: Parts) -> None:
    """Write what has changed into the search index; build it when it is missing or damaged."""
    with parts.database.transaction() as session:
        if parts.index.ready():
            followed = parts.index.follow(session)
        else:
            log.warning("there is no index that can be searched: building it")
            followed = parts.index.rebuild(session, lambda _count: None)
    if followed >= MANY:
        parts.database.analyse()


def train(parts: Parts) -> None:
    """Train the recommender in a process of its own, whose memory goes back when it is done.

    Raises RuntimeError when that process fails.
    """
    context = multiprocessing.get_context("spawn")
    spawned = context.Process(target=train_here, args=(parts.config,), daemon=True)
    spawned.start()
    spawned.join()
    if spawned.exitcode:
        raise RuntimeError(f"the training ended with exit code {spawned.exitcode}")


def train_here(config: Config) -> None:
    """Train the recommender in this process; SIGTERM ends it as Ctrl-C does.

    Nothing happens while another process trains.
    """
    database = Database(config.database_url)
    try:
        with ending_softly():
            train_once(
                database,
                ModelStore(config.models_dir),
                engine=config.training_engine,
                taste=taste_by(config),
            )
    except (Stopped, TrainingUnderWay) as reason:
        log.info("no training: %s", type(reason).__name__)
    finally:
        database.close()


def verify_audit_log(parts: Parts) -> None:
    """Check that the audit log is as it was written; raise RuntimeError that names the fault."""
    with parts.database.transaction() as session:
        verdict = verify(session)
    if not verdict.good:
        raise RuntimeError(f"entry {verdict.broken} is broken: {verdict.why}")


def refresh_identity_providers(parts: Parts) -> None:
    """Fetch the metadata of the identity providers whose copy is old enough."""
    refresh.refresh_due(parts.database, parts.config.private_hosts, now=clock.now())


def find_duplicates(parts: Parts) -> None:
    """Look for duplicates among items never looked at, then for missed ones, 1,000 at a time."""
    found = 1
    while found:
        with parts.database.transaction() as session:
            found = clusters.catch_up(session)
    with parts.database.sessions() as session:
        missed = strays(session)
    for some in in_parts(missed):
        with parts.database.transaction() as session:
            clusters.recluster(session, some)


def check_links(parts: Parts) -> None:
    """Check the links that are due, for a few minutes at most."""
    checking.check_due(checking.Checker(parts.harvest, enrols=not parts.config.demo))


def tend_items(parts: Parts) -> None:
    """Give items their dates by the rules of care, and retire those whose day has come.

    Ended in between, it goes on next time with what is left. Owners are told what is to come.
    """
    now, database = clock.now(), parts.database
    if tending.tend_all(database, now=now) >= MANY:
        database.analyse()
    sunsets.retire_due(database, now=now)
    with database.transaction() as session:
        sunsets.remind(session, now=now)
        sunsets.remind_of_reviews(session, now=now)
    with database.transaction() as session:
        counting.count_people(session, now=now)


def digest_searches(parts: Parts) -> None:
    """Find what is new in the searches that people keep."""
    with parts.database.transaction() as session:
        searches.digest(session, parts.index)


def tell_of_holes(parts: Parts) -> None:
    """Tell curators of the pins that the readers of their pages can no longer see."""
    with parts.database.transaction() as session:
        missing.tell_curators(session, now=clock.now())


def sweep_sign_ins(parts: Parts) -> None:
    """Delete the sessions and sign-ins that have run out."""
    with parts.database.transaction() as session:
        sweep(session, now=clock.now())


def count_expertise(parts: Parts) -> None:
    """Count who has finished how much of each skill, for the suggestions of the search box."""
    with parts.database.sessions() as session:
        skills = expertise.skill_ids(session)
    for skill_id in skills:
        with parts.database.transaction() as session:
            expertise.count_experts(session, skill_id)


def send_digests(parts: Parts) -> None:
    """Send everybody whose hour it is what they were not told yet, if mails are sent at all."""
    send = sender(parts.config)
    if send is not None:
        digest.send_due(parts.database, parts.config, send, now=clock.now())


def forget_notices(parts: Parts) -> None:
    """Delete notices of more than half a year ago."""
    with parts.database.transaction() as session:
        notices.forget_old(session, now=clock.now())


def forget_searches(parts: Parts) -> None:
    """Delete what people searched for more than 90 days ago."""
    with parts.database.transaction() as session:
        remembering.forget_old(session, now=clock.now())


def forget_shown(parts: Parts) -> None:
    """Delete what people were recommended and looked at more than 90 days ago."""
    with parts.database.transaction() as session:
        shown.forget_old(session, now=clock.now())


def give_playlists(parts: Parts) -> None:
    """Give playlists by rule to whom no other way has found, some people at a time."""
    given = playlist_rules.AT_ONCE
    while given >= playlist_rules.AT_ONCE:
        with parts.database.transaction() as session:
            given = playlist_rules.catch_up(session, now=clock.now())


def harvest_due(parts: Parts) -> None:
    """Let every tool that is due be read, each in a job of its own."""
    with parts.database.sessions() as session:
        due = schedule.due(session, clock.now())
    for connection_id in due:
        parts.harvest_soon(connection_id)


def harvest(
    parts: Parts, connection_id: int, mode: str | None, *, dry: bool, asked_by: str
) -> None:
    """Read one tool; nothing happens if it is being read, or is no longer due and nobody asked."""
    with parts.database.sessions() as session:
        if not asked_by and connection_id not in schedule.due(session, clock.now()):
            return
    try:
        running.run(
            parts.harvest, connection_id, Mode(mode) if mode else None, dry=dry, asked_by=asked_by
        )
    except (Conflict, NotFound) as error:
        log.info("tool %s was not read: %s", connection_id, error)


def remind_of_steps(parts: Parts) -> None:
    """Remind those whose morning it is of their steps, each in a transaction of their own."""
    zone, now = parts.config.time_zone, clock.now()
    with parts.database.sessions() as session:
        people = reminding.people_to_remind(session, time_zone=zone, now=now)
    for person_id in people:
        with parts.database.transaction() as session:
            reminding.remind(session, person_id, time_zone=zone, now=now)


TASKS: tuple[Callable[[Parts], None], ...] = (
    follow_index,
    harvest_due,
    train,
    verify_audit_log,
    refresh_identity_providers,
    sweep_sign_ins,
    find_duplicates,
    check_links,
    digest_searches,
    forget_searches,
    forget_shown,
    tell_of_holes,
    forget_notices,
    count_expertise,
    tend_items,
    send_digests,
    give_playlists,
    remind_of_steps,
)
ONE_AT_A_TIME = frozenset(
    {
        train,
        refresh_identity_providers,
        check_links,
        find_duplicates,
        count_expertise,
        tend_items,
        send_digests,
        remind_of_steps,
    }
)
TIMETABLE = (
    (follow_index, crontab(minute="*")),
    (harvest_due, crontab(minute="*")),
    (train, crontab(minute="17", hour="2")),
    (verify_audit_log, crontab(minute="47", hour="3")),
    (refresh_identity_providers, crontab(minute="23")),
    (sweep_sign_ins, crontab(minute="31")),
    (tell_of_holes, crontab(minute="*/10")),
    (find_duplicates, crontab(minute="7", hour="4")),
    (forget_searches, crontab(minute="37", hour="4")),
    (forget_shown, crontab(minute="43", hour="4")),
    (forget_notices, crontab(minute="53", hour="4")),
    (count_expertise, crontab(minute="51", hour="4")),
    (send_digests, crontab(minute="9,39")),
    (digest_searches, crontab(minute="41")),
    (tend_items, crontab(minute="*/10")),
    (check_links, crontab(minute="*/5")),
    (give_playlists, crontab(minute="*/10")),
    (remind_of_steps, crontab(minute="13")),
)
