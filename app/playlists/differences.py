"""What differs between two versions of a playlist, as plain data; the pages put it into words."""

from dataclasses import dataclass, fields
from typing import Any

from app.playlists.outline import Outline, OutlineStep

_OF_STEPS = (
    "title",
    "due_day",
    "moment",
    "place",
    "link",
    "required",
    "minutes",
    "note",
    "item_id",
    "meets",
    "meets_id",
    "kind",
)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that is another now."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step of both versions that is another now."""

    step: OutlineStep
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """All that differs; nothing of it is set for two versions that ask for the same."""

    details: tuple[FieldChange, ...] = ()
    added: tuple[OutlineStep, ...] = ()
    removed: tuple[OutlineStep, ...] = ()
    changed: tuple[StepChange, ...] = ()
    reordered: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.details or self.added or self.removed or self.changed or self.reordered)


def differences(before: Outline, after: Outline) -> Differences:
    """Return what differs. Steps are compared by key; orders by the steps that both have."""
    old = {step.key: step for step in before.steps}
    new = {step.key: step for step in after.steps}
    both = [key for key in new if key in old]
    changed = (
        StepChange(new[key], _step_changes(old[key], new[key], before, after)) for key in both
    )
    return Differences(
        details=_details(before, after),
        added=tuple(step for step in after.steps if step.key not in old),
        removed=tuple(step for step in before.steps if step.key not in new),
        changed=tuple(change for change in changed if change.changes),
        reordered=both != [key for key in old if key in new],
    )


def _details(before: Outline, after: Outline) -> tuple[FieldChange, ...]:
    names = (field.name for field in fields(Outline) if field.name != "steps")
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    return tuple(FieldChange(name, old, new) for name, old, new in pairs if old != new)


def _step_changes(
    old: OutlineStep, new: OutlineStep, before: Outline, after: Outline
) -> tuple[FieldChange, ...]:
    plain = [(name, getattr(old, name), getattr(new, name)) for name in _OF_STEPS]
    needs = ("needs", _titles(old.needs, before), _titles(new.needs, after))
    choice = ("choice", _alternatives(old, before), _alternatives(new, after))
    return tuple(
        FieldChange(name, first, second)
        for name, first, second in (*plain, needs, choice)
        if first != second
    )


def _titles(keys: frozenset[str], outline: Outline) -> tuple[str, ...]:
    return tuple(step.title for step in outline.steps if step.key in keys)


def _alternatives(one: OutlineStep, outline: Outline) -> tuple[str, ...]:
    """Return the titles of a step's alternatives: the numbers of groups mean nothing."""
    if one.choice is None:
        return ()
    return tuple(
        step.title for step in outline.steps if step.choice == one.choice and step.key != one.key
    )
