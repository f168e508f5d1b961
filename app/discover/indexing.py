"""Keeps the search index in step with the catalogue, and asks it.

The catalogue writes an outbox row with every change; `follow` writes the items they name into the
index in one durable batch and then forgets exactly the rows it has read, so that a crash between
the two costs one repeated batch and loses nothing. One follower works at a time: two at once could
write an older reading of an item over a newer one.
"""

import fcntl
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from app.catalogue.queries import all_item_ids, items_for_index, places_in_clusters
from app.discover import queries
from app.discover.meaning import Meaning
from app.models import Item, LinkCheck, Status, links_gone
from search.document import Document, Hit, Request, Results, Suggestion
from search.errors import IndexMissing
from search.query import Query
from search.store import IndexStore

EXTENSION = "foyer-index"
BATCH = 500
PATIENCE_SECONDS = 20.0
log = logging.getLogger(__name__)


class SearchIndex:
    """The search index of one Foyer: asked by pages, followed and rebuilt by jobs."""

    def __init__(self, folder: Path, engine: str, semantic: Path | None = None) -> None:
        """Look after the index of this engine in `folder`; nothing is opened or made yet.

        `semantic` is the folder of the vectors that find by meaning, if that is wanted.
        """
        self._store = IndexStore(folder, engine)
        self._meaning = Meaning(semantic) if semantic else None
        self._lock = folder.with_name(f"{folder.name}.lock")

    def ready(self) -> bool:
        """Tell whether there is an index that answers, by asking it."""
        try:
            self._store.check()
        except IndexMissing as missing:
            log.warning("the index is not ready: %s", missing.reason)
            return False
        return True

    def count(self) -> int:
        """Return how many documents the index holds; raise IndexMissing when there is none."""
        return self._store.count()

    def search(self, request: Request) -> Results:
        """Answer one question; raise IndexMissing when there is no index."""
        return self._store.search(request)

    def score(self, request: Request, documents: Iterable[Document]) -> Sequence[Hit]:
        """Score documents as if the index held them; raise IndexMissing when there is no index."""
        return self._store.score(request, documents)

    def suggest(self, prefix: str, audience: frozenset[str], limit: int) -> Sequence[Suggestion]:
        """Complete what is being typed with titles and skills that this audience may know of."""
        return self._store.suggest(prefix, audience, limit)

    def similar(self, query: Query) -> Mapping[int, float]:
        """Return the items that are most about what is asked, without waiting long for it.

        Whether a reader may see them is not looked at: it is for `Request.similar`.
        """
        return self._meaning.similar(query) if self._meaning else {}

    def follow(self, session: Session, patience: float = PATIENCE_SECONDS) -> int:
        """Write what the outbox names into the index and return how many rows were done.

        Give it a session of its own: whatever the session holds is let go, so that items are read
        as they now are. The caller commits. Nothing happens (0) while there is no index yet, for
        the first rebuild reads everything anyway, nor when another follower or a rebuild holds
        the index for longer than `patience` seconds: that one leaves no row behind.
        """
        with self._alone(patience) as alone:
            return self._drain(session) if alone and self.ready() else 0

    def rebuild(self, session: Session, progress: Callable[[int], None]) -> int:
        """Build the index anew beside the live one, swap it in, and return how many items it holds.

        `progress` is told how many items were read so far. What changes meanwhile is followed at
        the end. An interruption leaves the live index as it was. The caller commits.
        """
        with self._alone(patience=None):
            waiting = queries.outbox_rows(session)
            ids = all_item_ids(session)
            self._store.rebuild(_documents(session, ids), progress)
            self._outdated({*ids, *(item_id for _, item_id in waiting)})
            queries.forget_outbox(session, [row_id for row_id, _ in waiting])
            self._drain(session)
            return self._store.count()

    def close(self) -> None:
        """Let the files go."""
        self._store.close()
        if self._meaning:
            self._meaning.close()

    def _outdated(self, ids: Iterable[int]) -> None:
        if self._meaning:
            self._meaning.outdated(ids)

    def _drain(self, session: Session) -> int:
        waiting = queries.outbox_rows(session)
        if not waiting:
            return 0
        ids = sorted({item_id for _, item_id in waiting})
        live = queries.live_among(session, ids)
        gone = [item_id for item_id in ids if item_id not in live]
        self._store.write(_documents(session, sorted(live)), gone)
        self._outdated(ids)
        queries.forget_outbox(session, [row_id for row_id, _ in waiting])
        log.info("the index followed %s changed items, %s left it", len(ids), len(gone))
        return len(waiting)

    @contextmanager
    def _alone(self, patience: float | None) -> Iterator[bool]:
        """Say whether this is now the only writer; wait `patience` seconds, None: for ever."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as file:
            yield _locked(file.fileno(), patience)


def document_of(
    item: Item, place: tuple[int, bool] | None = None, *, gone: bool = False
) -> Document:
    """Return what the index holds of an item whose tool, skills, roles and audience are loaded.

    `place` is its cluster of duplicates, and whether it speaks for that. What is `gone` in its tool
    is still found, behind all that opens: it is of no quality and speaks for nothing.
    """
    cluster, preferred = place or (None, False)
    return Document(
        id=item.id,
        title=item.title,
        body=item.summary,
        kind=item.kind,
        tool=item.tool.slug,
        roles=tuple(role.slug for role in item.roles),
        skills=tuple(skill.slug for skill in item.skills),
        skill_names=tuple(skill.name for skill in item.skills),
        tool_name=item.tool.name,
        level=item.level,
        language=item.language,
        minutes=item.minutes,
        published=item.published_on,
        quality=0.0 if gone else min(max(item.quality, 0.0), 1.0),
        audience=item.audience.as_set(),
        cluster=cluster,
        preferred=preferred and not gone,
    )


def _documents(session: Session, ids: Sequence[int]) -> Iterator[Document]:
    """Read items in batches, each as it is at that moment; one that has gone is left out."""
    left = iter(ids)
    while batch := list(islice(left, BATCH)):
        session.expunge_all()
        places = places_in_clusters(session, batch)
        gone = set(session.scalars(links_gone().where(LinkCheck.item_id.in_(batch))))
        for item in items_for_index(session, batch):
            if item.status == Status.LIVE.value:
                yield document_of(item, places.get(item.id), gone=item.id in gone)


def _locked(file: int, patience: float | None) -> bool:
    if patience is None:
        fcntl.flock(file, fcntl.LOCK_EX)
        return True
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True
