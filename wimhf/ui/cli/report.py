"""wimhf report: a run as one HTML file, or in Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from wimhf.ui.cli.console import put
from wimhf.ui.cli.options import RUN


def report(
    run: RUN,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file.")],
    form: Annotated[
        Literal["html", "md"] | None,
        typer.Option(
            "--format",
            help="html: one self-contained page; md: Markdown for a pull request or a data card "
            "[by the file's ending].",
        ),
    ] = None,
) -> None:
    """Write a run's findings as one file that can be sent."""
    from wimhf.run import open_run
    from wimhf.ui.report import write_markdown, write_report

    as_text = form == "md" or (form is None and output.suffix.lower() in (".md", ".markdown"))
    write = write_markdown if as_text else write_report
    put(str(write(open_run(run), output)))
