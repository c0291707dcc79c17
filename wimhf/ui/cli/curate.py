"""wimhf curate: one step per sub-command: look, apply, undo, edit pairs, say what a feature is."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from wimhf.errors import EditError
from wimhf.ui.cli.curate_check import check
from wimhf.ui.cli.curate_options import (
    ANYWAY,
    RULES,
    THEN,
    WHEN,
    WHO,
    WHY,
    Argument,
    Option,
    curating,
    rules_given,
)
from wimhf.ui.cli.options import JSON, QUIET, RUN, Settings, with_settings

if TYPE_CHECKING:
    from wimhf.curate import Curation
    from wimhf.run import Edit

EDIT = Annotated[int | None, Argument(metavar="EDIT", help="Its number [the last step].")]
NAME = Annotated[str, Argument(metavar="NAME", help="The name of a checkpoint.")]

FORMER = {
    "--apply": "apply RUN", "--feature": "feature RUN", "--undo": "undo RUN", "--redo": "redo RUN",
    "--checkpoint": "checkpoint RUN", "--return-to": "return RUN", "--pairs": "pairs RUN",
    "--suspects": "suspects RUN --count", "--history": "history RUN", "--evaluate": "evaluate RUN",
}  # fmt: skip
"""Options that once said which step was meant, and what stands in their place."""


class Steps(TyperGroup):
    """The steps; somebody who names the run first, as was once right, is told the step."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words after ``wimhf curate``, of which the first names the step."""
        first, others = args[0] if args else "", args[1:]
        if first not in self.commands and (
            Path(first).is_dir() or not FORMER.keys().isdisjoint(others)
        ):
            line = shlex.join(["wimhf", "curate", *renamed(first, others)])
            raise EditError(f"wimhf curate takes the step before the run; write {line}")
        return super().parse_args(ctx, args)


def renamed(run: str, others: list[str]) -> list[str]:
    """Return today's words for the ones that once followed ``wimhf curate``.

    >>> renamed("runs/mine", ["rules.toml", "--apply", "--why", "tone"])
    ['apply', 'runs/mine', '--why', 'tone', 'rules.toml']
    """
    words = [word for word in others if word != "--number"]
    flag = next((flag for flag in FORMER if flag in words), None)
    if flag is None:
        return ["preview" if words else "history", run, *words]
    at = words.index(flag)
    step = [run if word == "RUN" else word for word in FORMER[flag].split()]
    return [*step, *words[at + 1 :], *words[:at]]


curate = typer.Typer(
    cls=Steps, no_args_is_help=True, rich_markup_mode=None,
    help="Look at, apply and undo changes of labels; nothing is written before apply.",
)  # fmt: skip


def record(
    run: Path,
    who: str | None,
    as_json: bool,
    change: Callable[[Curation], Edit | list[Edit]],
    verb: str = "wrote",
) -> None:
    """Change a run, and say what was written."""
    from wimhf.ui.cli.curate_shown import print_edits

    with curating(run, who) as curation:
        edits = change(curation)
        print_edits(curation, edits if isinstance(edits, list) else [edits], verb, as_json)


@curate.command()
def preview(
    run: RUN,
    rules: RULES = None,
    when: WHEN = None,
    then: THEN = None,
    anyway: ANYWAY = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Say what rules would change; nothing is written."""
    from wimhf.ui.cli.console import Watcher
    from wimhf.ui.cli.curate_shown import print_preview

    with curating(run) as curation, Watcher(quiet=quiet) as watcher:
        given = rules_given(rules, when, then)
        print_preview(curation.preview(given, anyway=anyway, progress=watcher), as_json)


curate.command()(check)


@curate.command()
def apply(
    run: RUN,
    rules: RULES = None,
    when: WHEN = None,
    then: THEN = None,
    why: WHY = "",
    who: WHO = None,
    anyway: ANYWAY = False,
    as_json: JSON = False,
) -> None:
    """Apply rules, one edit each."""
    given = rules_given(rules, when, then, why)
    record(run, who, as_json, lambda one: one.apply(given, why, anyway=anyway), "applied")


@curate.command()
@with_settings("read")
def evaluate(
    run: RUN,
    held_out: Annotated[
        str, Argument(metavar="SOURCE", help="Pairs kept apart, labelled as they should be.")
    ],
    settings: Settings,
    rules: RULES = None,
    when: WHEN = None,
    then: THEN = None,
    anyway: ANYWAY = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Say what probes before and after the edits, and rules, prefer on pairs kept apart."""
    from wimhf.ui.cli.console import Watcher
    from wimhf.ui.cli.curate_shown import print_evaluation

    with curating(run) as curation, Watcher(quiet=quiet) as watcher:
        given = rules_given(rules, when, then) if rules or when or then else None
        evaluation = curation.evaluate(
            held_out, given, anyway=anyway, progress=watcher, **settings.get("read", {})
        )
        print_evaluation(evaluation, as_json)


@curate.command()
def pairs(
    run: RUN,
    ids: Annotated[list[str], Argument(metavar="ID", help="Ids of pairs.")],
    then: THEN = None,
    why: WHY = "",
    who: WHO = None,
    as_json: JSON = False,
) -> None:
    """Edit pairs one by one, at once; such an edit outranks every rule."""
    from wimhf.curate import written_action

    if then is None:
        raise EditError("say what becomes of the pairs, e.g. --then flip")
    action = written_action(then)
    listed = [part.strip() for word in ids for part in word.split(",") if part.strip()]
    record(run, who, as_json, lambda one: one.edit(listed, action, why), "applied")


@curate.command()
def undo(
    run: RUN, edit: EDIT = None, why: WHY = "", who: WHO = None, as_json: JSON = False
) -> None:
    """Undo the last step, or that of a number."""
    record(run, who, as_json, lambda one: one.undo(edit, why))


@curate.command()
def redo(
    run: RUN, edit: EDIT = None, why: WHY = "", who: WHO = None, as_json: JSON = False
) -> None:
    """Take an undone step again."""
    record(run, who, as_json, lambda one: one.redo(edit, why))


@curate.command()
def checkpoint(run: RUN, name: NAME, why: WHY = "", who: WHO = None, as_json: JSON = False) -> None:
    """Give the present state a name."""
    record(run, who, as_json, lambda one: one.checkpoint(name, why))


@curate.command("return")
def return_to(run: RUN, name: NAME, why: WHY = "", who: WHO = None, as_json: JSON = False) -> None:
    """Go back to a checkpoint, as one step that can be undone."""
    record(run, who, as_json, lambda one: one.return_to(name, why))


@curate.command()
def history(run: RUN, as_json: JSON = False) -> None:
    """Say how the run stands, and show every edit."""
    from wimhf.ui.cli.curate_shown import print_history

    with curating(run) as curation:
        print_history(curation, as_json)


@curate.command()
def suspects(
    run: RUN,
    count: Annotated[int, Option("--count", min=1, help="How many.")] = 20,
    as_json: JSON = False,
) -> None:
    """Show the labels that models which never saw them doubt most, and why."""
    from wimhf.ui.cli.curate_shown import print_suspects

    with curating(run) as curation:
        print_suspects(curation, count, as_json)


@curate.command()
def feature(
    run: RUN,
    feature: Annotated[str, Argument(metavar="FEATURE", help="Its number or name.")],
    name: Annotated[str | None, Option("--name", help="Name the feature yourself.")] = None,
    note: Annotated[str | None, Option("--note", help="A note beside the feature.")] = None,
    muted: Annotated[
        bool | None, Option("--mute/--unmute", help="Leave it out of findings.")
    ] = None,
    pinned: Annotated[bool | None, Option("--pin/--unpin", help="Show it first.")] = None,
    flipped: Annotated[
        bool | None, Option("--flip-pole/--unflip-pole", help="Describe its other pole.")
    ] = None,
    merged_into: Annotated[
        str | None,
        Option("--merge-into", help="Count it as another feature; none takes it out."),
    ] = None,
    why: WHY = "",
    who: WHO = None,
    as_json: JSON = False,
) -> None:
    """Say of a feature what is kept when features are described again."""
    words = {
        "name": name, "note": note, "muted": muted, "pinned": pinned, "flipped": flipped,
        "merged_into": merged_into,
    }  # fmt: skip
    changes: dict[str, object] = {key: word for key, word in words.items() if word is not None}
    if not changes:
        raise EditError(f"say what of feature {feature}, e.g. --name 'refuses the request'")
    if merged_into == "none":
        changes["merged_into"] = None
    record(run, who, as_json, lambda one: one.own(feature, why, **changes))
