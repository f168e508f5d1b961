"""Other people's words for our fields, kinds and levels: another tool is another table.

A mapping can also stand in a file: a JSON object with any of `fields`, `kinds`, `levels`, `tools`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from app.intake.reader import UnreadableError

KINDS: Mapping[str, str] = {
    "blog": "article",
    "book-chapter": "article",
    "chat": "channel",
    "checklist": "job-aid",
    "community": "channel",
    "demo": "article",
    "discussion": "article",
    "e-learning": "course",
    "ebook": "book",
    "exam": "assessment",
    "exercise": "assessment",
    "forum": "channel",
    "guide": "article",
    "handbook": "article",
    "interactive": "course",
    "lab": "course",
    "learning-path": "course",
    "lesson": "course",
    "page": "article",
    "quiz": "assessment",
    "recording": "video",
    "sim": "simulation",
    "template": "job-aid",
    "test": "assessment",
    "tool": "job-aid",
    "tutorial": "course",
    "webinar": "event",
    "workshop": "event",
}
LEVELS: Mapping[str, str] = {
    "basic": "beginner",
    "expert": "advanced",
    "foundation": "beginner",
    "introductory": "beginner",
    "medium": "intermediate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a source's lines read in our words; the tables above hold in any case.

    `fields` maps their names of fields to ours, `kinds` and `levels` their values, `tools` a
    tool's slug to the fields `tool_name` and `tool_kind` of a line that has none.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def ours(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return the line's values under our names and in our words."""
        line = {self.fields.get(str(name), str(name)): value for name, value in values.items()}
        kind, level = line.get("kind"), line.get("level")
        if isinstance(kind, str) and (ours := _looked_up(kind, self.kinds, KINDS)):
            line["kind"] = ours
            line.setdefault("source_kind", kind)
        if isinstance(level, str) and (ours := _looked_up(level, self.levels, LEVELS)):
            line["level"] = ours
        return {**self.tools.get(str(line.get("tool")), {}), **line}


def _looked_up(word: str, *tables: Mapping[str, str]) -> str | None:
    key = "-".join(word.casefold().replace("_", " ").split())
    return next((table[key] for table in tables if key in table), None)


def _tool(name: str, kind: str) -> Mapping[str, str]:
    return {"tool_name": name, "tool_kind": kind}


EXCHANGE = Words()
PUBLIC_CATALOGUE = Words(
    fields={"id": "external_id", "source": "tool", "topics": "skills"},
    tools={
        "18f-methods": _tool("18F Methods", "library"),
        "carpentries": _tool("The Carpentries", "library"),
        "digital-gov": _tool("Digital.gov", "library"),
        "exercism": _tool("Exercism", "labs"),
        "free-programming-books": _tool("Free Programming Books", "library"),
        "github-skills": _tool("GitHub Skills", "labs"),
        "kubernetes-community": _tool("Kubernetes Community", "chat"),
        "microsoft-learning-labs": _tool("Microsoft Learning Labs", "labs"),
        "opensource-guides": _tool("Open Source Guides", "library"),
        "openstax": _tool("OpenStax", "library"),
        "ossu": _tool("Open Source Society University", "library"),
        "phet": _tool("PhET Interactive Simulations", "simulations"),
        "powershell-docs": _tool("PowerShell Documentation", "wiki"),
        "pyvideo": _tool("PyVideo", "video"),
        "sap-tutorials": _tool("SAP Tutorials", "labs"),
        "tts-handbook": _tool("TTS Handbook", "wiki"),
        "turing-way": _tool("The Turing Way", "wiki"),
    },
)
NAMED: Mapping[str, Words] = {"exchange": EXCHANGE, "public-catalogue": PUBLIC_CATALOGUE}


def words_for(name: str | None) -> Words | None:
    """Return a named mapping or the one in a file; None, when no name is given, means: by line.

    Raises UnreadableError when there is neither.
    """
    if name is None:
        return None
    return NAMED[name] if name in NAMED else _from_file(Path(name))


def translated(values: Mapping[str, object], words: Words | None) -> dict[str, object]:
    """Return the values in our words; without a mapping the line's own fields choose it."""
    if words is None:
        foreign = "source" in values and "tool" not in values
        words = PUBLIC_CATALOGUE if foreign else EXCHANGE
    return words.ours(values)


def _from_file(path: Path) -> Words:
    try:
        tables = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableError(f"there is no mapping called {path}: {', '.join(NAMED)}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the mapping {path} is not JSON") from error
    known = {one.name for one in fields(Words)}
    if not isinstance(tables, dict) or not set(tables) <= known:
        names = ", ".join(sorted(known))
        raise UnreadableError(f"the mapping {path} must be an object with {names}")
    for name, table in tables.items():
        words = table.values() if isinstance(table, dict) and name == "tools" else [table]
        if not all(map(_is_words, words)):
            raise UnreadableError(f"{name} in the mapping {path} must be an object of words")
    return Words(**tables)


def _is_words(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(word, str) for word in table.values())
