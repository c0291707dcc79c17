"""Marks that somebody is still making, of which an own concept is to be learned.

A draft lies beside a run's own concepts and decides nothing until it is learned from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from wimhf.base import json_value
from wimhf.errors import RunError
from wimhf.run.log import LOCK_SECONDS
from wimhf.run.own_concepts import FOLDER

if TYPE_CHECKING:
    from wimhf.run.run import Run

DRAFTS = f"{FOLDER}/drafts"
MARKS = ("A", "B", "neither")
PASSED = "passed"
"""Stands in place of a mark where somebody left a pair open."""


@dataclass(frozen=True)
class Draft:
    """What an own concept is to be called, and the marks so far.

    Attributes
    ----------
    id, more, less, title
        As of ``concepts.Concept``.
    given
        By pair id which response has more: A, B or neither, or ``PASSED``; the last one last.
    """

    id: str
    more: str
    less: str
    title: str = ""
    given: dict[str, str] = field(default_factory=dict)

    @property
    def marks(self) -> dict[str, str]:
        """The marks, without the pairs that were left open."""
        return {pair_id: mark for pair_id, mark in self.given.items() if mark in MARKS}

    @property
    def sided(self) -> int:
        """Marks that name a side."""
        return sum(mark != "neither" for mark in self.marks.values())


def read_drafts(run: Run) -> dict[str, Draft]:
    """Return the drafts of a run, by their ids.

    Raises
    ------
    RunError
        If one is damaged.
    """
    places = sorted((run.folder.path / DRAFTS).glob("*.json"))
    return {place.stem: _read(place) for place in places}


def _read(place: Path) -> Draft:
    try:
        draft = Draft(**json_value(place.read_text(encoding="utf-8")))
        known = set(draft.given.values()) <= {*MARKS, PASSED}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RunError(f"{place} is damaged ({error}); move it away") from None
    if not known:
        raise RunError(f"{place} holds marks that are none of {', '.join(MARKS)}; move it away")
    return draft


def keep_draft(run: Run, draft: Draft) -> None:
    """Keep a draft, in place of one of its id; the marks of that one are kept.

    Raises
    ------
    RunError
        If the run cannot be written.
    """
    _change(run, draft.id, lambda before: replace(draft, given=before.given if before else {}))


def mark_pair(run: Run, name: str, pair_id: str, mark: str | None) -> Draft:
    """Mark a pair in a draft; None takes its mark back.

    Raises
    ------
    RunError
        If there is no such draft or mark, or the run cannot be written.
    """
    if mark not in (*MARKS, PASSED, None):
        raise RunError(f"a mark cannot be {mark!r}; use {', '.join(MARKS)}")

    def marked(before: Draft | None) -> Draft:
        if before is None:
            raise RunError(f"{run.path} has no marks for {name!r} any more; begin again")
        given = {key: value for key, value in before.given.items() if key != pair_id}
        return replace(before, given=given if mark is None else {**given, pair_id: mark})

    return _change(run, name, marked)


def forget_draft(run: Run, name: str) -> None:
    """Throw a draft away.

    Raises
    ------
    RunError
        If the run cannot be written.
    """
    try:
        (run.folder.path / DRAFTS / f"{name}.json").unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{run.path} cannot be written: {error.strerror or error}") from None


def _change(run: Run, name: str, change: Callable[[Draft | None], Draft]) -> Draft:
    folder = run.folder.path / DRAFTS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".lock").acquire(timeout=LOCK_SECONDS):
            place = folder / f"{name}.json"
            draft = change(_read(place) if place.is_file() else None)
            run.folder.write_json(f"{DRAFTS}/{name}.json", asdict(draft))
    except filelock.Timeout:
        raise RunError(f"another process has been writing {run.path}; try again") from None
    except OSError as error:
        raise RunError(f"{run.path} cannot be written: {error.strerror or error}") from None
    return draft
