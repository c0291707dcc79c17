"""wimhf compare: runs against runs, groups against groups, labels before and after curation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.errors import ConfigError
from wimhf.ui.cli.console import put
from wimhf.ui.cli.options import JSON, QUIET

if TYPE_CHECKING:
    from wimhf.base import Progress
    from wimhf.compare import Comparison, Shift
Option = typer.Option
MANIFEST = "manifest.json"


def compare(
    compared: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Finished runs, or sources, which are analyzed first. One alone with --by or "
            "--curated.",
        ),
    ],
    by: Annotated[
        str | None,
        Option(
            "--by", metavar="COLUMN",
            help="Compare the groups of one run by a column of its pairs or its source: annotator, "
            "model_a, source, a language, a country; dates go by month.",
        ),
    ] = None,
    curated: Annotated[
        bool, Option(
            "--curated",
            help="Compare a run's source labels with its curated ones, and the ratings of its "
            "models by both.",
        ),
    ] = False,
    discovered: Annotated[
        bool,
        Option(
            "--discovered",
            help="Of runs, also compare what the first one's dictionary discovered; all must have "
            "vectors of one encoder. Groups are always compared so.",
        ),
    ] = False,
    shared: Annotated[
        bool,
        Option(
            "--shared-dictionary",
            help="Of runs, also compare what one dictionary discovers that is learned on as many "
            "pairs of each; all must have vectors of one encoder. Kept for the next time.",
        ),
    ] = False,
    shift: Annotated[
        bool,
        Option(
            "--shift",
            help="The second is pairs of an old and a new model's responses, labelled or not: did "
            "behaviour move as the labels of the first predict?",
        ),
    ] = False,
    after: Annotated[
        str | None,
        Option("--after", metavar="MODEL", help="The new model [that of the second response]."),
    ] = None,
    shares: Annotated[
        str | None,
        Option(
            "--shares", metavar="N,N,…",
            help="Mix them so, e.g. 70,30 [by their labelled pairs].",
        ),
    ] = None,
    top: Annotated[int, Option("--top", min=0, help="Rows of the table.")] = 30,
    output: Annotated[
        Path | None, Option("--output", "-o", help="Also write one self-contained HTML file.")
    ] = None,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:  # fmt: skip
    """Say what two or more data sets, or groups of one, reward differently.

    Concepts mean the same in every data set, so no shared dictionary is needed; groups of one run
    are compared by its discovered features too.
    """
    from wimhf.ui.cli.console import Watcher, print_json

    if shift or after:
        _check_shift(shift=shift, others=bool(by or curated or discovered or shared))
        _shift(compared, after, output, as_json=as_json, quiet=quiet)
        return
    with Watcher(quiet=quiet) as watcher:
        watcher.loading()
        ways = {"discovered": discovered, "shared": shared}
        made = _made(compared, by, watcher, ways, curated=curated)
        mixture = made.mixture(_numbers(shares))
    path = _page(made, output)
    if as_json:
        from wimhf.ui.words.comparison import contested_sentences

        print_json(made.to_dict(mixture) | {"sentences": contested_sentences(made)})
        return
    from wimhf.ui.cli.compare_shown import print_comparison

    print_comparison(made, mixture, top)
    _told(path)


def _check_shift(*, shift: bool, others: bool) -> None:
    if others or not shift:
        raise ConfigError(
            "--after belongs to --shift, which goes with none of --by, --curated, --discovered, "
            "--shared-dictionary"
        )


def _page(found: Comparison | Shift, output: Path | None) -> Path | None:
    """Write what was found as a page, where one is wanted."""
    if output is None:
        return None
    from wimhf.compare import Comparison
    from wimhf.ui.report.comparison import render_comparison
    from wimhf.ui.report.page import write_page
    from wimhf.ui.report.shift import render_shift

    made = render_comparison(found) if isinstance(found, Comparison) else render_shift(found)
    return write_page(made, output)


def _told(path: Path | None) -> None:
    if path is not None:
        put(f"\nReport: {path}")


def _made(
    compared: list[str], by: str | None, watcher: Progress, ways: dict[str, bool], *, curated: bool
) -> Comparison:
    """Return the comparison that is asked for."""
    from wimhf.compare import compare_groups, compare_labels, compare_runs

    alone = "--by" if by else "--curated" if curated else None
    if by and curated:
        raise ConfigError("--by and --curated ask for two comparisons; give one of them")
    if alone and len(compared) > 1:
        raise ConfigError(f"{alone} compares within one run, and {len(compared)} were given")
    if not alone and len(compared) < 2:
        raise ConfigError(
            "one run alone compares with nothing; name another, or give --by COLUMN or --curated"
        )
    if alone and ways["shared"]:
        raise ConfigError(
            f"{alone} compares by the run's own dictionary; leave out --shared-dictionary"
        )
    runs = _analyzed(compared, watcher)
    if by:
        return compare_groups(runs[0], by, watcher)
    if curated:
        from wimhf.curate import open_curation

        return compare_labels(runs[0], open_curation(runs[0]).pairs, watcher)
    return compare_runs(runs, watcher, **ways)


def _shift(
    compared: list[str], after: str | None, output: Path | None, *, as_json: bool, quiet: bool
) -> None:
    """Print how behaviour moved beside what labels predict."""
    from wimhf.ui.cli.console import Watcher, print_json, say

    if len(compared) != 2:
        raise ConfigError("--shift takes a run and the pairs of an old and a new model")
    with Watcher(quiet=quiet) as watcher:
        watcher.loading()
        from wimhf.compare import training_shift

        wanted, moved = _analyzed(compared, watcher)
        found = training_shift(wanted, moved, after)
    from wimhf.ui.words.shift import kind_sentences, shift_sentences

    path = _page(found, output)
    if as_json:
        print_json(found.to_dict())
        return
    for sentence in (*shift_sentences(found), *kind_sentences(found)):
        say(sentence)
    _told(path)


def _analyzed(compared: list[str], watcher: Progress) -> list[Path]:
    """Return the folders of runs; what is a source is analyzed beside the runs that are given."""
    from wimhf.base import Event, expanded

    paths = [expanded(one) for one in compared]
    runs = [path for path in paths if (path / MANIFEST).exists()]
    beside = runs[0].parent if runs else Path("runs")
    for place, (path, source) in enumerate(zip(paths, compared, strict=True)):
        if path not in runs:
            from wimhf.pipeline import analyze

            named = source.removeprefix("hf:").replace(":", "-")
            output = beside / (Path(named).name.split(".")[0] or "run")
            said = f"{source} is no run; analyzing it into {output}"
            watcher(Event("compare", message=said))
            paths[place] = analyze(source, output, progress=watcher).path
    return paths


def _numbers(shares: str | None) -> list[float] | None:
    if shares is None:
        return None
    try:
        return [float(part) for part in shares.split(",")]
    except ValueError:
        raise ConfigError(
            f"--shares {shares!r} is not understood; write a number for each, such as 70,30"
        ) from None
