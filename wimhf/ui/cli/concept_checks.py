"""wimhf concepts check: asking people or a model whether concepts are really there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wimhf.errors import ConfigError, RunError
from wimhf.ui.cli.asking import PROMPT_SHOWN, TEXT_SHOWN, ask_each, say_aside

if TYPE_CHECKING:
    from wimhf.curate import Check
    from wimhf.run import Run

LESS_SHOWN = 1_000


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

    ask_each(
        checks,
        lambda one, number: _show(one, number, len(checks)),
        lambda one, answer: record_check(run, one.concept.id, one.pair_id, one.kind, answer, who),
        read,
    )


def _show(one: Check, number: int, total: int) -> None:
    from wimhf.ui.words.checks import check_question
    from wimhf.ui.words.figures import ending, shortened

    say_aside(f"\n[{number}/{total}] {one.concept.id}", bold=True)
    say_aside(f"PROMPT    {ending(one.prompt, PROMPT_SHOWN)}")
    if one.kind == "hit":
        say_aside(f"THIS      {shortened(one.more, TEXT_SHOWN)}")
        say_aside(f"THE OTHER {shortened(one.less, LESS_SHOWN)}", dim=True)
    else:
        say_aside(f"FIRST     {shortened(one.more, TEXT_SHOWN)}")
        say_aside(f"SECOND    {shortened(one.less, TEXT_SHOWN)}")
    question = check_question(one.concept.more, one.kind, "THIS", "the other")
    say_aside(question, bold=True)


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
