"""The second engine: Whoosh, for places where only pure Python may be installed.

Whoosh keeps the postings and commits; counting and scoring are numpy's. The workarounds that its
version 2.7.4 needs stand here: no `update_document` in a loop (one delete for the whole batch), no
parser, no prefix queries, no `groupedby`, no stored fields (they would be pickles), one repeated
attempt when a commit removes files while they are being opened (in the store), and files brought
to the disk by us, for Whoosh never does.

The folder holds pickles of Whoosh's own: only the application's user may write there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh import index, query

from search import entry as entries
from search.bm25 import Statistics, Term
from search.completion import COMPLETES, Title, Wanted, read_title
from search.document import Document, Sort
from search.engines.columns import (
    NOTHING,
    READING,
    Floats,
    Mask,
    Numbers,
    Postings,
    Values,
    segment,
)
from search.engines.whoosh_files import schema, spell, sync, writing
from search.entry import AUDIENCE, GROUP, IN_TITLE, SKILL_KEY
from search.memory import Memory
from search.plan import STARTS, TEXT, Alternative, Clause, Demand, Match
from search.ranges import Range
from search.rank import OTHER_SHARE, PREFIX_SHARE, SAME_DIGITS, Candidate, unpack
from search.spelling import VOCABULARY

_K1, _B = 1.2, 0.75


class WhooshEngine:
    """Stores an index in a folder of Whoosh's own format."""

    name = "whoosh"
    layout = 4

    def create(self, folder: Path, documents: Iterable[Document]) -> int:
        """Build an index in an empty folder, durably, and say how many documents it holds."""
        count = 0
        with writing(index.create_in(str(folder), schema())) as writer:
            for document in documents:
                writer.add_document(**spell(document))
                count += 1
        return count

    def write(self, folder: Path, put: Iterable[Document], delete: Iterable[int]) -> None:
        """Replace, add and delete documents in one durable commit."""
        entered = [spell(document) for document in put]
        gone = set(map(str, delete)) | {str(values["key"]) for values in entered}
        with writing(index.open_dir(str(folder))) as writer:
            writer.delete_by_query(query.Or([query.Term("key", key) for key in sorted(gone)]))
            for values in entered:
                writer.add_document(**values)
        sync(folder)

    def open(self, folder: Path) -> "WhooshReader":
        """Open the last commit; raises whatever Whoosh raises when it is missing or torn."""
        return WhooshReader(folder)


class WhooshReader:
    """One commit of a Whoosh index, as arrays."""

    def __init__(self, folder: Path) -> None:
        """Open the last commit; raises whatever Whoosh raises when it is missing or torn."""
        self._index = index.open_dir(str(folder))
        self._generation = self._index.latest_generation()
        self._searcher = self._index.searcher()
        leaves = self._searcher.reader().leaf_readers()
        self._segments = [segment(str(folder), reader) for reader, _ in leaves]
        self._bases = np.cumsum([0, *(one.size for one in self._segments)])
        self._rows = int(self._bases[-1])
        self._alive = np.zeros(self._rows, np.bool_)
        for (reader, _), base in zip(leaves, self._bases[:-1], strict=True):
            self._alive[base + np.fromiter(reader.all_doc_ids(), np.int64)] = True
        self.size = int(self._alive.sum())
        self._columns: dict[str, npt.NDArray[Any]] = {}
        self._facets: dict[str, Values] = {}
        self.memory = Memory()
        self.languages = frozenset(self._values("language").rows)

    def is_stale(self) -> bool:
        """Tell whether somebody has committed since."""
        return bool(self._index.latest_generation() != self._generation)

    def close(self) -> None:
        """Let go of the files."""
        self._searcher.close()

    def check_files(self) -> None:
        """Do nothing: Whoosh's files carry no checksums."""

    def ids(self) -> frozenset[int]:
        """List the ids of all documents."""
        return frozenset(self._column("id")[self._alive].tolist())

    def count(
        self, match: Match, facets: tuple[str, ...]
    ) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """Count the matching documents, and for each facet those with each of its values."""
        mask, _ = self._find(match)
        return int(mask.sum()), {name: self._values(name).count(mask) for name in facets}

    def best(self, match: Match, number: int) -> list[Candidate]:
        """Give the best by score, at least `number` if there are as many, never part of a tie."""
        mask, scores = self._find(match)
        rows = np.flatnonzero(mask)
        if not match.is_scored:
            order = np.argsort(-self._column("browse")[rows], kind="stable")
            return self._candidates(rows[order[:number]], np.ones(self._rows))
        scores = scores.round(SAME_DIGITS)
        if len(rows) > number:
            lowest = np.partition(scores[rows], -number)[-number]
            rows = rows[scores[rows] >= lowest]
        found = self._candidates(rows, scores)
        return sorted(found, key=lambda one: (-one.score, one.id))

    def holding(self, ids: Sequence[int], demands: Sequence[Demand]) -> list[frozenset[int]]:
        """Tell for each demand which of these documents meet it."""
        known = np.isin(self._column("id"), ids) & self._alive
        found: list[frozenset[int]] = []
        for demand in demands:
            masks = [self._satisfied(clause, demand.titled)[0] for clause in demand.clauses]
            found.append(
                frozenset(self._column("id")[reduce(np.logical_and, masks, known)].tolist())
            )
        return found

    def ordered(self, match: Match, sort: Sort, number: int) -> list[Candidate]:
        """Give the first documents of an order that has nothing to do with words."""
        rows = np.flatnonzero(self._find(match)[0])
        if sort is Sort.TITLE:
            order = np.argsort(self._title_places[rows], kind="stable")
        elif sort is Sort.NEWEST:
            order = np.argsort(-self._column("newest")[rows], kind="stable")
        else:
            order = np.argsort(self._column("shortest")[rows], kind="stable")
        return self._candidates(rows[order[:number]], np.zeros(self._rows))

    def siblings(self, clusters: Collection[int], audience: frozenset[str]) -> list[Candidate]:
        """Give all documents of these clusters that this audience may see."""
        mask, scores = self._find(Match((), 0, audience))
        mask &= np.isin(self._column(GROUP) >> 1, sorted(clusters))
        return self._candidates(np.flatnonzero(mask), scores)

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, whoever may see them."""
        return len(self._postings(field, term)[0])

    def starting(self, field: str, beginning: str) -> list[str]:
        """List the terms of a field that have a beginning, whoever may see them."""
        with READING:
            found = self._searcher.reader().expand_prefix(field, beginning)
            return [term.decode("utf-8") for term in found]

    def complete(self, match: Match, wanted: Wanted, number: int) -> list[tuple[Candidate, Title]]:
        """Give documents that match and hold what is wanted, with their titles, best first."""
        held = reduce(np.logical_or, (self._every(way) for way in wanted.ways))
        rows = np.flatnonzero(self._find(match)[0] & held)
        scores = np.ones(self._rows)
        for word, worth in wanted.lifts.items():
            scores[self._postings(COMPLETES, word)[0]] += worth
        scores[rows] *= np.log2(2.0 + self._column("browse")[rows])
        rows = rows[np.argsort(-scores[rows], kind="stable")[:number]]
        titles = (read_title(self._shown(int(row))) for row in rows)
        return list(zip(self._candidates(rows, scores), titles, strict=True))

    def _every(self, words: Sequence[str]) -> Mask:
        """Mark the documents that can be completed by all of these terms."""
        masks = np.zeros((len(tuple(words)), self._rows), np.bool_)
        for mask, word in zip(masks, words, strict=True):
            mask[self._postings(COMPLETES, word)[0]] = True
        every: Mask = np.logical_and.reduce(masks)
        return every

    def statistics(self, terms: Collection[Term]) -> Statistics:
        """Tell what scoring these terms of texts from elsewhere takes."""
        lengths = {name: self._column(f"{name}_length")[self._alive] for name in (TEXT, STARTS)}
        return Statistics(
            self.size,
            {one: len(self._postings(*one)[0]) for one in terms},
            {name: float(one.sum() / max(1, self.size)) for name, one in lengths.items()},
            counts_phrases=False,
        )

    def skills(self, match: Match, prefix: str) -> dict[str, int]:
        """Give skill names with a word that begins with a folded prefix."""
        mask, _ = self._find(match)
        rows = self._values(SKILL_KEY).rows
        counts = {key: int(mask[rows[key]].sum()) for key in rows if key.startswith(prefix)}
        return {entries.skill_name(key): count for key, count in counts.items() if count}

    @cached_property
    def _title_places(self) -> Numbers:
        """The place of each document in the order of titles."""
        keys = [key for one in self._segments for key in one.keys("title_key")]
        places = np.empty(self._rows, np.int64)
        places[sorted(range(self._rows), key=keys.__getitem__)] = np.arange(self._rows)
        return places

    def _shown(self, row: int) -> str:
        at = int(np.searchsorted(self._bases, row, side="right")) - 1
        return self._segments[at].key("shown", row - int(self._bases[at]))

    def _column(self, field: str) -> npt.NDArray[Any]:
        if field not in self._columns:
            parts = [one.column(field) for one in self._segments if one.size]
            self._columns[field] = np.concatenate(parts) if parts else NOTHING[0]
        return self._columns[field]

    def _values(self, field: str) -> Values:
        if field not in self._facets:
            self._facets[field] = self._join_values(field)
        return self._facets[field]

    def _join_values(self, field: str) -> Values:
        found: dict[str, list[Numbers]] = {}
        for one, base in zip(self._segments, self._bases[:-1], strict=True):
            for name, rows in one.values(field).items():
                found.setdefault(name, []).append(rows + base)
        return Values({name: np.concatenate(rows) for name, rows in found.items()})

    def _postings(self, field: str, term: str) -> Postings:
        parts = [one.postings(field, term) for one in self._segments]
        if len(parts) == 1:
            return parts[0]
        rows = [rows + base for (rows, _), base in zip(parts, self._bases[:-1], strict=True)]
        weights = [weights for _, weights in parts]
        return (np.concatenate(rows), np.concatenate(weights)) if parts else NOTHING

    def _candidates(self, rows: Numbers, scores: Floats) -> list[Candidate]:
        columns = (self._column("facts")[rows], scores[rows], self._column(GROUP)[rows])
        return [unpack(*one) for one in zip(*(one.tolist() for one in columns), strict=True)]

    def _find(self, match: Match) -> tuple[Mask, Floats]:
        """Mark the documents that match, and score them all."""
        mask = self._alive & self._values(AUDIENCE).having(match.audience, self._rows)
        for name, values in match.values.items():
            mask &= self._values(name).having(values, self._rows)
        for name, values in match.barred.items():
            mask &= ~self._values(name).having(values, self._rows)
        if match.excluded:
            mask &= ~np.isin(self._column("id"), sorted(match.excluded))
        if match.only is not None:
            mask &= np.isin(self._column("id"), sorted(match.only))
        for choice in match.ranges:
            mask &= np.logical_or.reduce([self._within(one) for one in choice])
        for wanted in match.out:
            mask &= ~self._within(wanted)
        for clause in match.never:
            mask &= ~self._satisfied(clause)[0]
        return self._find_words(match, mask)

    def _within(self, wanted: Range) -> Mask:
        """Mark the documents in a range; what is not known is below all of them."""
        column = self._column(wanted.field)
        mask: Mask = column >= max(0, wanted.low or 0)
        return mask if wanted.high is None else mask & (column <= wanted.high)

    def _find_words(self, match: Match, mask: Mask) -> tuple[Mask, Floats]:
        scores = np.zeros(self._rows)
        held = np.zeros(self._rows, np.int64)
        for clause in match.words:
            satisfied, score = self._satisfied(clause)
            held += satisfied
            scores += score
            if match.titled:
                mask &= self._satisfied(clause, titled=True)[0]
        for clause in match.must:
            satisfied, score = self._satisfied(clause)
            mask &= satisfied
            scores += score
        return mask & (held >= match.needed), scores

    def _satisfied(self, clause: Clause, titled: bool = False) -> tuple[Mask, Floats]:
        """Mark the documents that satisfy a clause and score it: its best alternative counts."""
        mask, scores = np.zeros(self._rows, np.bool_), np.zeros(self._rows)
        ways = [self._way(way, titled) for way in clause.alternatives]
        pairs = list(zip(clause.alternatives, ways, strict=True))
        together = self._idf(sum(len(rows) for way, (rows, _, _) in pairs if way.is_word))
        most = together if any(way.is_word for way in clause.alternatives) else self._most(clause)
        for way, (rows, weights, field) in pairs:
            mask[rows] = True
            if field in (TEXT, STARTS):
                worth = together if way.is_word else self._worth(way)
                worth = OTHER_SHARE * min(most, worth) if way.other else worth
                scored = worth * self._saturated(field, rows, weights)
                scores[rows] = np.maximum(scores[rows], scored)
        return mask, scores

    def _worth(self, way: Alternative) -> float:
        """Weigh an alternative by how rare its terms are; a phrase is worth all of them."""
        share = PREFIX_SHARE if way.field == STARTS else 1.0
        return share * sum(self._idf(len(self._postings(way.field, term)[0])) for term in way.terms)

    def _most(self, clause: Clause) -> float:
        """Give the worth of a typed phrase, which other words may not exceed."""
        typed = (way for way in clause.alternatives if way.field == TEXT and not way.other)
        return max((self._worth(way) for way in typed), default=self._idf(0))

    def _way(self, way: Alternative, titled: bool) -> tuple[Numbers, Floats, str]:
        if len(way.terms) > 1 and not titled:
            return (*self._beside(way.field, way.terms), way.field)
        if way.field in (TEXT, STARTS, VOCABULARY):
            field = IN_TITLE.get(way.field, way.field) if titled else way.field
            found = [self._postings(field, term) for term in way.terms]
            rows = reduce(np.intersect1d, (rows for rows, _ in found))
            return rows, found[0][1] if len(found) == 1 else np.ones(len(rows)), field
        rows = self._values(way.field).rows.get(way.terms[0], NOTHING[0])
        return rows, np.ones(len(rows)), way.field

    def _beside(self, field: str, terms: tuple[str, ...]) -> Postings:
        """Find terms that stand beside each other."""
        with READING:
            found = query.Phrase(field, list(terms)).docs(self._searcher)
            rows = np.fromiter(found, np.int64)
        return rows, np.ones(len(rows))

    def _idf(self, often: int) -> float:
        every = max(self.size, often)
        return float(np.log(1 + (every - often + 0.5) / (often + 0.5)))

    def _saturated(self, field: str, rows: Numbers, weights: Floats) -> Floats:
        """Give BM25's share of a term: how often it stands there, against the text's length."""
        lengths = self._column(f"{field}_length")
        usual = lengths[self._alive].mean() if len(rows) else 0.0
        usual = usual or 1.0  # texts may all be empty
        return weights * (_K1 + 1) / (weights + _K1 * (1 - _B + _B * lengths[rows] / usual))
