"""wimhf describe: name a run's features again, with or without a language model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.options import JSON, QUIET, RUN, YES, Settings, confirming, with_settings

if TYPE_CHECKING:
    import polars as pl

    from wimhf.run import Picked


@with_settings("llm")
def describe(
    run: RUN,
    settings: Settings,
    tried: Annotated[
        Path | None,
        typer.Option(
            "--try",
            help="Show which response the labels would pick of a pair, and which features see it: "
            "JSON with prompt, response_a, response_b. Nothing is described again.",
        ),
    ] = None,
    yes: YES = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Name a run's features again: offline, or with a language model that has to prove itself."""
    from wimhf.ui.cli.analyze_shown import findings_of, print_descriptions
    from wimhf.ui.cli.console import Watcher, print_json

    if tried is not None:
        show_tried(run, tried, as_json=as_json)
        return
    with Watcher(quiet=quiet) as watcher:
        watcher.loading()
        from wimhf.pipeline import describe_run
        from wimhf.ui.report import render_report

        llm = {"model": None} | settings.get("llm", {})
        done = describe_run(run, progress=watcher, confirm=confirming(yes), llm=llm)
        done.folder.write_text("report.html", render_report(done))
    if as_json:
        print_json(findings_of(done))
    else:
        print_descriptions(done)


def show_tried(run: Path, file: Path, *, as_json: bool) -> None:
    """Print which response the labels would pick of a pair, and which features see it."""
    from wimhf.run import open_run, try_pair
    from wimhf.ui.cli.console import print_json

    tried = try_pair(open_run(run), *_pair_texts(file))
    if as_json:
        print_json(tried.to_dict())
    else:
        _print_picked(tried.picked)
        _print_tried(tried.features)


def _pair_texts(file: Path) -> tuple[str, str, str]:
    """Return the prompt and the two responses that a file holds."""
    from wimhf.base import json_value
    from wimhf.errors import InputError

    try:
        pair = json_value(file.read_text(encoding="utf-8"))
        texts = (pair.get("prompt") or "", pair["response_a"], pair["response_b"])
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        texts = (None, None, None)
    if not all(isinstance(text, str) for text in texts):
        raise InputError(
            f'{file} is no pair; write {{"prompt": ..., "response_a": ..., "response_b": ...}}'
        )
    return texts


def _print_picked(picked: Picked | None) -> None:
    from wimhf.ui.cli.console import say
    from wimhf.ui.words.picked import picked_parts, picked_sentences

    for told in picked_sentences(picked):
        say(told, "bold")
    for name, more, side, size in [] if picked is None else picked_parts(picked):
        say(f" {size} for {side}: {name}" + (f" ({more} has more)" if more else ""))
    say("")


def _print_tried(features: pl.DataFrame) -> None:
    from wimhf.ui.cli.console import say

    for row in features.iter_rows(named=True):
        name = row["description"] or f"feature {row['feature']}"
        line = f" {row['more_side']} {name} (more than {row['percentile']:.0f} % of its pairs)"
        say(f"{line}: {'; '.join(row['because']) or '-'}", "" if row["understood"] else "dim")
    if features.is_empty():
        say("No feature tells these two apart.")
