"""wimhf concepts check: asking people or a model whether concepts are really there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from wimhf.errors import ConfigError, RunError

if TYPE_CHECKING:
    from wimhf.curate import Check
    from wimhf.run import Run

PROMPT_SHOWN, MORE_SHOWN, LESS_SHOWN = 300, 4_000, 1_000
ANSWERS: dict[str, bool | None] = {"y": True, "n": False, "s": None}


def concepts_to_check(run: Run, finding: int | None, concept: str | None) -> list[str]:
    """Return the ids of the concepts that are meant: one named, one of a finding, or all of these.

    Raises
    ------
    RunError
        If there is no such finding, or it is no concept.
    """
    if finding is not None and concept is not None:
        raise ConfigError("give either --finding or --concept, not both")
    if concept is not None:
        return [concept]
    found = sorted(
        (one.finding, one.id or "", one.kind) for one in run.feature_rows if one.finding is not None
    )
    if finding is not None and finding not in {number for number, _, _ in found}:
        raise RunError(f"{run.path} has no finding {finding}; it has {len(found)}")
    names = [
        name for number, name, kind in found if kind == "concept" and finding in (None, number)
    ]
    if not names and finding is not None:
        raise RunError(
            f"finding {finding} is a discovered feature, which has no detector to check; its proof "
            "is its fidelity"
        )
    if not names:
        raise RunError(f"no finding of {run.path} is a concept; name one with --concept ID")
    return names


def ask_people(
    run: Run, checks: Sequence[Check], who: str | None, read: Callable[[], str] | None = None
) -> None:
    """Ask about pairs on the terminal and keep every answer as it comes; q or the end stops.

    Parameters
    ----------
    read
        Returns the next line, empty at the end; by default that of the terminal.
    """
    from wimhf.curate import record_check

    for number, one in enumerate(checks, start=1):
        _show(one, number, len(checks))
        word = _answer(read or sys.stdin.readline)
        if word == "q":
            _said("stopped; what was answered is kept")
            return
        record_check(run, one.concept.id, one.pair_id, one.kind, ANSWERS[word], who)


def _answer(read: Callable[[], str]) -> str:
    while True:
        _said("  y(es), n(o), s(kip) or q(uit): ", end="")
        line = read()
        word = line.strip().lower()[:1] if line else "q"
        if word in ANSWERS or word == "q":
            return word


def _show(one: Check, number: int, total: int) -> None:
    from wimhf.ui.words.checks import check_question
    from wimhf.ui.words.figures import ending, shortened

    _said(f"\n[{number}/{total}] {one.concept.id}", bold=True)
    _said(f"PROMPT    {ending(one.prompt, PROMPT_SHOWN)}")
    if one.kind == "hit":
        _said(f"THIS      {shortened(one.more, MORE_SHOWN)}")
        _said(f"THE OTHER {shortened(one.less, LESS_SHOWN)}", dim=True)
    else:
        _said(f"FIRST     {shortened(one.more, MORE_SHOWN)}")
        _said(f"SECOND    {shortened(one.less, MORE_SHOWN)}")
    question = check_question(one.concept.more, one.kind, "THIS", "the other")
    _said(question, bold=True)


def _said(text: str, end: str = "\n", **style: Any) -> None:
    typer.secho(text, err=True, nl=end == "\n", **style)


def print_checks(run: Run, names: Sequence[str], as_json: bool) -> None:
    """Print how right the concepts are, as far as they were asked about."""
    from wimhf.ui.cli.console import print_json, say
    from wimhf.ui.words.checks import precision_sentence, recall_sentence

    checked = run.checks
    if as_json:
        print_json({name: checked[name].to_dict() if name in checked else None for name in names})
        return
    more = {one.concept.id: one.concept.more for one in run.concepts.features}
    for name in names:
        say(f"\n{name}", "bold")
        if name not in checked:
            say(" nobody has been asked yet")
            continue
        say(f" {precision_sentence(more[name], checked[name])}")
        say(f" {recall_sentence(checked[name])}", "dim")
