"""wimhf report: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wimhf.ui.cli.options import RUN


def report(
    run: RUN,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")],
) -> None:
    """Write a run's findings as one self-contained HTML file that can be sent."""
    from wimhf.run import open_run
    from wimhf.ui.report import write_report

    typer.echo(str(write_report(open_run(run), output)))
