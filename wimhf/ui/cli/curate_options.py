"""What the steps of wimhf curate share: their options, the rule that is given, the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.errors import EditError
from wimhf.ui.cli.console import put

if TYPE_CHECKING:
    from wimhf.curate import Curation, Rule

Argument, Option = typer.Argument, typer.Option
RULES = Annotated[Path | None, Argument(metavar="RULES.toml", help="Rules: [[rule]] tables.")]
WHEN = Annotated[
    str | None, Option("--when", help="A rule's condition, e.g. 'feature = 3, rewarded = true'.")
]
THEN = Annotated[
    str | None,
    Option(
        "--then",
        help="flip, tie, drop, restore, consensus, 'label = \"A\"', 'weight = .5', 'prefer = ...'",
    ),
]
WHY = Annotated[str, Option("--why", help="Why, for the history and the change card.")]
WHO = Annotated[
    str | None, Option("--who", help="Who signs the edits [WIMHF_USER, else the account].")
]
ANYWAY = Annotated[
    bool, Option("--anyway", help="Allow a rule that matches all pairs or contradicts another.")
]


@contextmanager
def curating(run: Path, who: str | None = None) -> Iterator[Curation]:
    """Open a run for curating; at the end say what is to be known of its log."""
    from wimhf.curate import open_curation

    curation = open_curation(run, who)
    yield curation
    for note in curation.notes:
        put(f"wimhf: {note}", err=True)


def rules_given(
    rules: Path | None, when: str | None, then: str | None, why: str = ""
) -> list[Rule]:
    """Return the rules of a file, or the one of the command line.

    Raises
    ------
    EditError
        If neither, both or half of one are given, or they cannot be understood.
    """
    from wimhf.curate import read_rules, written_rule

    if rules is not None:
        if when is not None or then is not None:
            raise EditError("give either a rules file or --when and --then, not both")
        return read_rules(rules)
    if when is None or then is None:
        raise EditError(
            "give a rules file, or a rule, which takes both --when and --then, "
            "e.g. --when 'feature = 3' --then tie"
        )
    return [written_rule(when, then, why)]
