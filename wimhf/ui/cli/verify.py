"""wimhf verify, wimhf repair: whether a run or an export is whole, and what to do else."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wimhf.ui.cli.options import JSON, RUN


def verify(
    run: Annotated[
        Path, typer.Argument(metavar="RUN|EXPORT", help="A run folder, or an export with its card.")
    ],
    as_json: JSON = False,
) -> None:
    """Check a run or an export against what was recorded when it was written."""
    from wimhf.run import Damage, Verified, verify_run
    from wimhf.ui.cli.console import print_json, say

    if (fault := _export_fault(run)) is not None:
        found = Verified(1, (Damage(run.name, fault),) if fault else ())
    else:
        found = verify_run(run)
    if as_json:
        print_json(asdict(found))
    else:
        for one in found.damaged:
            say(f"{one.name}: {one.why}")
        say(f"{found.checked} files checked, {len(found.damaged)} damaged")
    if found.damaged:
        raise typer.Exit(2)


def _export_fault(place: Path) -> str | None:
    from wimhf.base import expanded
    from wimhf.data import export_fault

    return export_fault(expanded(place))


def repair(run: RUN) -> None:
    """Make a damaged run usable: what is damaged is kept aside, what is whole stays."""
    from wimhf.run import repair_run
    from wimhf.ui.cli.console import say

    for line in repair_run(run) or ["nothing had to be repaired"]:
        say(line)
