"""wimhf verify, wimhf repair: whether a run is whole, and what to do where it is not."""

from __future__ import annotations

from dataclasses import asdict

import typer

from wimhf.ui.cli.options import JSON, RUN


def verify(run: RUN, as_json: JSON = False) -> None:
    """Check every file of a run against what was recorded when it was written."""
    from wimhf.run import verify_run
    from wimhf.ui.cli.console import print_json, say

    found = verify_run(run)
    if as_json:
        print_json(asdict(found))
    else:
        for one in found.damaged:
            say(f"{one.name}: {one.why}")
        say(f"{found.checked} files checked, {len(found.damaged)} damaged")
    if found.damaged:
        raise typer.Exit(2)


def repair(run: RUN) -> None:
    """Make a damaged run usable: what is damaged is kept aside, what is whole stays."""
    from wimhf.run import repair_run
    from wimhf.ui.cli.console import say

    for line in repair_run(run) or ["nothing had to be repaired"]:
        say(line)
