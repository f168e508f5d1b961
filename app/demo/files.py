"""Reads the sample company's files and answers for them.

What leaves this module is whole: every reference resolves, every sentence is our own length, every
address is http(s). Anything else raises one `ContentError` that lists all that is wrong.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from app.demo.checks import problems_in
from app.demo.records import (
    Assignment,
    Company,
    Done,
    Item,
    Named,
    Person,
    Pin,
    Playlist,
    RolePage,
    SampleCompany,
    Section,
    Site,
    Step,
    SynonymGroup,
    Task,
    Tool,
)

CONTENT = Path(__file__).parent / "content"
Record = TypeVar("Record")


class ContentError(ValueError):
    """The files cannot be used; the message says where and why, one line each."""


def load(folder: Path = CONTENT) -> SampleCompany:
    """Return the sample company that `folder` describes. Raises ContentError."""
    try:
        company = _assembled(folder)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ContentError(f"The sample company cannot be read: {error}") from error
    problems = problems_in(company)
    if problems:
        listed = "\n".join(f"- {problem}" for problem in problems)
        raise ContentError(f"The sample company has {len(problems)} faults:\n{listed}")
    return company


def _assembled(folder: Path) -> SampleCompany:
    directory = _json(folder / "people.json")
    return SampleCompany(
        company=_record(Company, directory["company"]),
        sites=tuple(_record(Site, raw) for raw in directory["sites"]),
        roles=tuple(_record(Named, raw) for raw in directory["roles"]),
        groups=tuple(_record(Named, raw) for raw in directory["groups"]),
        people=tuple(_record(Person, raw) for raw in directory["people"]),
        skills=tuple(_record(Named, raw) for raw in _json(folder / "skills.json")),
        tools=tuple(_record(Tool, raw) for raw in _json(folder / "tools.json")),
        items=tuple(_item(raw) for raw in _json_lines(folder / "items.jsonl")),
        role_pages=tuple(_role_page(raw) for raw in _json(folder / "role_pages.json")),
        playlists=tuple(_playlist(raw) for raw in _json(folder / "playlists.json")),
        synonyms=tuple(_record(SynonymGroup, raw) for raw in _json(folder / "synonyms.json")),
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _json_lines(path: Path) -> Iterator[Any]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from error


def _record(kind: type[Record], raw: Mapping[str, Any], **parts: Any) -> Record:
    """Return `raw` as a record; lists become tuples, `parts` are fields already made."""
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()} | parts
    unknown = values.keys() - {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}: {raw}")
    return kind(**values)


def _item(raw: Mapping[str, Any]) -> Item:
    published = raw["published"]
    return _record(Item, raw, published=published and date.fromisoformat(published))


def _role_page(raw: Mapping[str, Any]) -> RolePage:
    return _record(RolePage, raw, sections=tuple(_section(part) for part in raw["sections"]))


def _section(raw: Mapping[str, Any]) -> Section:
    return _record(Section, raw, pins=tuple(_record(Pin, pin) for pin in raw["pins"]))


def _playlist(raw: Mapping[str, Any]) -> Playlist:
    return _record(
        Playlist,
        raw,
        steps=tuple(_record(Step, step) for step in raw["steps"]),
        tasks=tuple(_record(Task, task) for task in raw.get("tasks", ())),
        assignments=tuple(_assignment(given) for given in raw["assignments"]),
    )


def _assignment(raw: Mapping[str, Any]) -> Assignment:
    return _record(Assignment, raw, done=tuple(_record(Done, done) for done in raw["done"]))
