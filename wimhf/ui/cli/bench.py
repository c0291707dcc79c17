"""wimhf bench: kinds of dictionary held against each other on one source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.options import JSON, QUIET, SOURCES, Settings, with_settings

if TYPE_CHECKING:
    from wimhf.pipeline import Comparison

Option = typer.Option
bench = typer.Typer(rich_markup_mode=None, help="Measure choices on a source.")


@bench.callback()
def measured() -> None:
    """Measure choices on a source."""


@bench.command("dictionaries")
@with_settings("read", "embed")
def dictionaries(
    sources: SOURCES,
    settings: Settings,
    output: Annotated[
        Path, Option("--output", "-o", help="Folder of vectors and scores; it goes on there.")
    ],
    kinds: Annotated[
        str, Option("--kinds", help="Kinds, the first is what others are held against [all].")
    ] = "",
    ks: Annotated[str, Option("--k", help="Mean active features in a pair, e.g. 4,8.")] = "4",
    features: Annotated[int, Option("--features", min=2, help="Features of every kind.")] = 32,
    seeds: Annotated[int, Option("--seeds", min=1, help="Dictionaries of each kind.")] = 5,
    beside: Annotated[
        str | None, Option("--beside", help="Other data, to be told from these.")
    ] = None,
    words: Annotated[bool, Option("--words/--no-words", help="Name the features, too.")] = True,
    seed: Annotated[int, Option("--seed", help="Of the split.")] = 0,
    report: Annotated[Path | None, Option("--report", help="Write Markdown here.")] = None,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Train every kind of dictionary on the same pairs and measure what each is good for.

    What was measured before is kept, so that it can be done in pieces.
    """
    from wimhf.base import Config, expanded, write_atomically
    from wimhf.ui.cli.console import Watcher, print_json
    from wimhf.ui.words.dictionaries import bench_markdown

    with Watcher(quiet=quiet) as watcher:
        watcher.loading()
        from wimhf.pipeline import Asked, compare_kinds

        asked = Asked(_names(kinds), features, _numbers(ks), seeds, words)
        config = Config.from_dict({**settings, "seed": seed})
        found = compare_kinds(
            sources, expanded(output), asked, config, beside=beside, progress=watcher
        )
    if report is not None:
        text = bench_markdown(found).encode()
        write_atomically(expanded(report), lambda stream: stream.write(text))
    print_json(found.to_dict()) if as_json else _print(found)


def _names(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))


def _numbers(words: str) -> tuple[int, ...]:
    """Return whole numbers written with commas between them.

    Raises
    ------
    ConfigError
        If one is none.
    """
    from wimhf.errors import ConfigError

    try:
        return tuple(dict.fromkeys(int(word) for word in words.split(",")))
    except ValueError:
        raise ConfigError(f"--k {words} is not understood; write e.g. --k 4,8") from None


def _print(found: Comparison) -> None:
    from rich.table import Table
    from rich.text import Text

    from wimhf.ui.cli.console import say, terminal
    from wimhf.ui.words.dictionaries import bench_summary, bench_tables

    say(f"\n{bench_summary(found)}")
    for table in bench_tables(found):
        say(f"\n{table.title}", "bold")
        shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for number, name in enumerate(table.header):
            shown.add_column(name, justify="left" if number == 0 else "right", no_wrap=True)
        for row in table.rows:
            shown.add_row(*map(Text, row))
        columns = zip(table.header, *table.rows, strict=True)
        width = sum(max(map(len, column)) + 2 for column in columns)
        terminal(width=max(terminal().width, width)).print(shown)
        say(table.note.replace("`", ""), "dim")
