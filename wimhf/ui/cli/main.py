"""The command line's table of contents: one command per file."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated, NoReturn

import typer

from wimhf.errors import WimhfError
from wimhf.redaction import isolated, redacted
from wimhf.ui.cli.analyze import analyze
from wimhf.ui.cli.annotators import annotators
from wimhf.ui.cli.app import app as serve
from wimhf.ui.cli.audit import audit
from wimhf.ui.cli.bench import bench
from wimhf.ui.cli.compare import compare
from wimhf.ui.cli.concepts import concepts
from wimhf.ui.cli.curate import curate
from wimhf.ui.cli.demo import demo
from wimhf.ui.cli.describe import describe
from wimhf.ui.cli.export import export
from wimhf.ui.cli.inspect import inspect
from wimhf.ui.cli.report import report
from wimhf.ui.cli.verify import repair, verify
from wimhf.version import __version__

INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""

app = typer.Typer(
    name="wimhf",
    help="What's In My Human Feedback? Says what a preference dataset teaches a model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(demo)
app.command()(inspect)
app.command()(analyze)
app.command()(describe)
app.command()(audit)
app.command()(annotators)
app.add_typer(concepts, name="concepts")
app.add_typer(curate, name="curate")
app.command()(export)
app.command()(compare)
app.command()(report)
app.add_typer(bench, name="bench")
app.command()(verify)
app.command()(repair)
app.command("app")(serve)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wimhf {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What's In My Human Feedback? Says what a preference dataset teaches a model."""


def run_cli() -> None:
    """Run the command line; errors a user can mend end with one line and exit code 2."""
    try:
        app()
    except WimhfError as error:
        for line in error.screen:
            typer.echo(isolated(line), err=True)
        typer.echo(isolated(f"wimhf: {error}"), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        _interrupted()
    except MemoryError:
        typer.echo(
            "wimhf: the memory is not enough; read fewer rows with --limit, or ask for fewer "
            "features", err=True,
        )  # fmt: skip
        sys.exit(2)
    except Exception:  # a bug: its whole trace, without keys
        typer.echo(isolated(redacted(traceback.format_exc())), err=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _interrupted()
        raise


def _interrupted() -> NoReturn:
    typer.echo(
        "\nwimhf: interrupted; what was finished is kept and nothing is half-written",
        err=True,
    )
    sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run_cli()
