"""Changing a run's own concepts in the background: what is to be done, as a job keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from wimhf.base import Progress
from wimhf.errors import ConfigError
from wimhf.pipeline.analysis import count_again, count_on
from wimhf.pipeline.job_state import JobState
from wimhf.pipeline.jobs import begin_job
from wimhf.pipeline.own_concepts import (
    Named,
    add_by_examples,
    add_by_question,
    add_written,
    remove_concept,
)
from wimhf.run import Run, forget_draft, own_ids

Change = dict[str, Any]
"""``do`` (words, examples, question or remove), ``id``, and what that needs, as plain JSON."""


def words_change(named: Named, words: list[str], patterns: list[str]) -> Change:
    """Return the change that adds what words or patterns give away: see ``add_written``."""
    return _change("words", named, words=words, patterns=patterns)


def examples_change(named: Named, marks: Mapping[str, str], who: str) -> Change:
    """Return the change that adds what is learned from marks: see ``add_by_examples``."""
    return _change("examples", named, marks=dict(marks), who=who)


def question_change(named: Named, question: str, sample: int, *, agreed: bool) -> Change:
    """Return the change that adds what is asked of the run's own model: see ``add_by_question``.

    Parameters
    ----------
    agreed
        Whether somebody allowed what it takes, where that is above the budget.
    """
    return _change("question", named, question=question, sample=sample, agreed=agreed)


def removal(name: str) -> Change:
    """Return the change that takes an own concept out: see ``remove_concept``."""
    return {"do": "remove", "id": name}


def _change(do: str, named: Named, **rest: object) -> Change:
    return {"do": do, "id": named.id, "named": asdict(named), **rest}


def start_change(run: Run, change: Change) -> JobState:
    """Change a run's own concepts, and redo what depends on them, in a process of its own.

    Raises
    ------
    RunError
        If the run is being worked on already, or the folder cannot be written.
    """
    source, config = run.config.read.source, run.config.to_dict()
    return begin_job(run.path, {"source": source, "config": config, "change": change})


def make_change(run: Run, change: Change, progress: Progress, *, again: bool = False) -> Run:
    """Make a change.

    Parameters
    ----------
    again
        It was begun before, and may have been kept: go on where it stood.

    Raises
    ------
    WimhfError
        As what it calls; ConfigError if the change is none.
    """
    if again and not run.manifest.done("preference"):  # kept, and not all of it counted yet
        changed = count_on(run, progress)
    elif change["do"] == "remove":
        changed = _removed(run, change["id"], progress)
    elif change["do"] in ADDED:
        changed = ADDED[change["do"]](run, change, {"progress": progress, "force": again})
    else:
        raise ConfigError(f"a change cannot be {change['do']!r}; use remove, {', '.join(ADDED)}")
    if change["do"] == "examples":
        forget_draft(changed, change["id"])
    return changed


def _removed(run: Run, name: str, progress: Progress) -> Run:
    if name in own_ids(run):
        return remove_concept(run, name, progress)
    return count_again(run, lambda: None, progress)  # taken out before, and not counted since


def _words(run: Run, change: Change, told: dict[str, Any]) -> Run:
    return add_written(run, Named(**change["named"]), change["words"], change["patterns"], **told)


def _examples(run: Run, change: Change, told: dict[str, Any]) -> Run:
    return add_by_examples(run, Named(**change["named"]), change["marks"], change["who"], **told)


def _question(run: Run, change: Change, told: dict[str, Any]) -> Run:
    named, agreed = Named(**change["named"]), bool(change["agreed"])
    return add_by_question(
        run, named, change["question"], run.config.llm, change["sample"],
        confirm=lambda question: agreed, **told,
    )  # fmt: skip


ADDED: dict[str, Callable[[Run, Change, dict[str, Any]], Run]] = {
    "words": _words, "examples": _examples, "question": _question,
}  # fmt: skip
