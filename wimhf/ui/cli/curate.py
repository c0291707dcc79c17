"""wimhf curate: preview, apply and undo rules; single edits; what people say of features."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.options import FORMAT, LABEL, MAP, named_columns

if TYPE_CHECKING:
    from wimhf.curate import Curation, Rule

RUN = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
RULES = Annotated[
    Path | None, typer.Argument(metavar="[RULES.toml]", help="Rules: [[rule]] tables.")
]
WHEN = Annotated[
    str | None,
    typer.Option("--when", help="A rule's condition, e.g. 'feature = 3, rewarded = true'."),
]
THEN = Annotated[
    str | None,
    typer.Option(
        "--then", help="flip, tie, drop, restore, 'label = \"A\"', 'weight = 0.5', 'prefer = ...'."
    ),
]
PAIRS = Annotated[
    str | None, typer.Option("--pairs", help="Edit these pair ids, separated by commas.")
]
WHY = Annotated[str, typer.Option("--why", help="Why, for the history and the change card.")]
WHO = Annotated[
    str | None, typer.Option("--who", help="Who signs the edits [WIMHF_USER, else the account].")
]
APPLY = Annotated[bool, typer.Option("--apply", help="Apply the rules; without it, only look.")]
ANYWAY = Annotated[
    bool,
    typer.Option("--anyway", help="Allow a rule that matches all pairs or contradicts another."),
]
EVALUATE = Annotated[
    str | None,
    typer.Option(
        "--evaluate", help="Pairs kept apart: what probes before and after the edits prefer."
    ),
]
UNDO = Annotated[bool, typer.Option("--undo", help="Undo the last step, or that of --number.")]
REDO = Annotated[bool, typer.Option("--redo", help="Take an undone step again.")]
NUMBER = Annotated[int | None, typer.Option("--number", help="The edit to undo or redo.")]
HISTORY = Annotated[bool, typer.Option("--history", help="Show every edit.")]
CHECKPOINT = Annotated[
    str | None, typer.Option("--checkpoint", help="Give the present state a name.")
]
RETURN = Annotated[str | None, typer.Option("--return-to", help="Go back to a checkpoint.")]
SUSPECTS = Annotated[
    int | None,
    typer.Option("--suspects", min=1, help="Show that many labels that models doubt most."),
]
FEATURE = Annotated[
    str | None, typer.Option("--feature", help="The feature that the next options speak of.")
]
NAME = Annotated[str | None, typer.Option("--name", help="Name the feature yourself.")]
NOTE = Annotated[str | None, typer.Option("--note", help="A note beside the feature.")]
MUTE = Annotated[bool | None, typer.Option("--mute/--unmute", help="Leave it out of findings.")]
PIN = Annotated[bool | None, typer.Option("--pin/--unpin", help="Show it first.")]
FLIPPED = Annotated[
    bool | None, typer.Option("--flip-pole/--unflip-pole", help="Describe its other pole.")
]
MERGE = Annotated[
    str | None, typer.Option("--merge-into", help="Count it as another feature; none takes it out.")
]
JSON = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def curate(
    run: RUN,
    rules: RULES = None,
    when: WHEN = None,
    then: THEN = None,
    pairs: PAIRS = None,
    why: WHY = "",
    who: WHO = None,
    apply: APPLY = False,
    anyway: ANYWAY = False,
    evaluate: EVALUATE = None,
    undo: UNDO = False,
    redo: REDO = False,
    number: NUMBER = None,
    history: HISTORY = False,
    checkpoint: CHECKPOINT = None,
    return_to: RETURN = None,
    suspects: SUSPECTS = None,
    format: FORMAT = None,
    map: MAP = None,
    label: LABEL = None,
    feature: FEATURE = None,
    name: NAME = None,
    note: NOTE = None,
    mute: MUTE = None,
    pin: PIN = None,
    flip_pole: FLIPPED = None,
    merge_into: MERGE = None,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Look at, apply and undo changes of labels; without options, say how the run stands."""
    from wimhf.curate import open_curation
    from wimhf.ui.cli.console import Watcher
    from wimhf.ui.cli.curate_shown import Judge, Shown

    curation = open_curation(run, who)
    said = {
        "name": name, "note": note, "muted": mute, "pinned": pin, "flipped": flip_pole,
        "merged_into": merge_into,
    }  # fmt: skip
    said = {key: value for key, value in said.items() if value is not None}
    if merge_into == "none":
        said["merged_into"] = None
    ruled = rules is not None or when is not None or (then is not None and pairs is None)
    judge = Judge(evaluate, {"format": format, "columns": named_columns(map), "label": label})
    _check_one(
        {
            "--feature and what is said of it": feature is not None or bool(said),
            "--undo": undo, "--redo": redo, "--checkpoint": checkpoint is not None,
            "--return-to": return_to is not None, "--pairs": pairs is not None,
            "rules": ruled, "--suspects": suspects is not None, "--history": history,
            "--evaluate": evaluate is not None and not ruled,
        },
        {
            "--apply": apply and not ruled, "--anyway": anyway and not (ruled or evaluate),
            "--number": number is not None and not (undo or redo),
        },
    )  # fmt: skip
    with Watcher(quiet=quiet) as watcher:
        shown = Shown(curation, watcher, as_json=as_json)
        if feature is not None or said:
            shown.owned(feature, said, why)
        elif undo or redo:
            shown.stepped("undo" if undo else "redo", number, why)
        elif checkpoint is not None or return_to is not None:
            shown.named(checkpoint, return_to, why)
        elif pairs is not None:
            shown.edited(pairs, then, why)
        elif ruled:
            given = _rules(rules, when, then, why)
            if apply:
                shown.applied(given, why, anyway, judge)
            else:
                shown.previewed(given, anyway, judge)
        elif evaluate is not None:
            shown.evaluated(judge, anyway)
        elif suspects is not None:
            shown.suspects(suspects)
        else:
            shown.state(history=history)
    _notes(curation)


def _check_one(modes: dict[str, bool], stray: dict[str, bool]) -> None:
    """Refuse several things asked for at once, and options that would be ignored."""
    from wimhf.errors import EditError

    asked = [name for name, given in modes.items() if given]
    if len(asked) > 1:
        raise EditError(f"{' and '.join(asked)} are several steps; give one at a time")
    left = [name for name, given in stray.items() if given]
    if left:
        raise EditError(f"{', '.join(left)} changes nothing here; see wimhf curate --help")


def _rules(rules: Path | None, when: str | None, then: str | None, why: str) -> list[Rule]:
    from wimhf.curate import read_rules, written_rule
    from wimhf.errors import EditError

    if rules is not None:
        if when is not None or then is not None:
            raise EditError("give either a rules file or --when and --then, not both")
        return read_rules(rules)
    if when is None or then is None:
        raise EditError("a rule takes both --when and --then, e.g. --when 'feature = 3' --then tie")
    return [written_rule(when, then, why)]


def _notes(curation: Curation) -> None:
    for note in curation.notes:
        typer.echo(f"wimhf: {note}", err=True)
