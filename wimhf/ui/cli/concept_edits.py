"""wimhf concepts add and remove: own concepts of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wimhf.base import json_value
from wimhf.errors import ConfigError, InputError
from wimhf.ui.cli.options import JSON, QUIET, RUN, YES, Settings, confirming, with_settings

if TYPE_CHECKING:
    from wimhf.run import Run

Option = typer.Option
FORCE = Annotated[bool, Option("--force", help="Take the place of an own concept of that id.")]


@with_settings("llm")
def add(
    run: RUN,
    settings: Settings,
    name: Annotated[str, Option("--id", help="What it is called in files: snake_case.")],
    more: Annotated[str, Option("--more", help="Said of the response with more: 'begs off'.")],
    less: Annotated[str, Option("--less", help="Said of the response with less.")],
    title: Annotated[str, Option("--title", help="One to four words, for charts.")] = "",
    words: Annotated[
        str | None, Option("--words", help="Words or phrases with commas between them.")
    ] = None,
    patterns: Annotated[
        list[str] | None, Option("--pattern", help="A Rust regular expression; may be repeated.")
    ] = None,
    examples: Annotated[
        Path | None, Option("--examples", help="JSON lines: pair_id, more (A, B or neither).")
    ] = None,
    question: Annotated[
        str | None, Option("--question", help="Asked of --llm: 'Which response ...?'")
    ] = None,
    sample: Annotated[
        int, Option("--sample", min=20, help="Pairs the model is asked about.")
    ] = 200,
    who: Annotated[
        str | None, Option("--who", help="Whose examples they are [WIMHF_USER, else the account].")
    ] = None,
    force: FORCE = False,
    yes: YES = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Add a concept of your own to a run: by words, by examples, or by a question to a model."""
    ways = {"--words or --pattern": bool(words or patterns), "--examples": examples is not None,
            "--question": question is not None}  # fmt: skip
    if sum(ways.values()) != 1:
        raise ConfigError(f"say what gives it away by one of {', '.join(ways)}")
    marks = None if examples is None else read_marks(examples)
    from wimhf.base import Config
    from wimhf.pipeline import Named, add_by_examples, add_by_question, add_written
    from wimhf.run import open_run
    from wimhf.ui.cli.console import Watcher

    opened, named = open_run(run), Named(name, more, less, title)
    with Watcher(quiet=quiet) as watcher:
        told: Any = {"progress": watcher, "confirm": confirming(yes), "force": force}
        if marks is not None:
            add_by_examples(opened, named, marks, who, **told)
        elif question is not None:
            llm = Config.from_dict({"llm": settings.get("llm", {})}).llm
            add_by_question(opened, named, question, llm, sample, **told)
        else:
            listed = [word.strip() for word in (words or "").split(",") if word.strip()]
            add_written(opened, named, listed, patterns or (), **told)
    finish(opened, name, as_json)


def remove(
    run: RUN,
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of an own concept.")],
    quiet: QUIET = False,
) -> None:
    """Take a concept of your own out of a run."""
    from wimhf.pipeline import remove_concept
    from wimhf.run import open_run
    from wimhf.ui.cli.console import Watcher, say
    from wimhf.ui.report import render_report

    with Watcher(quiet=quiet) as watcher:
        opened = remove_concept(open_run(run), name, watcher)
    opened.folder.write_text("report.html", render_report(opened))
    say(f"own concept {name} was taken out")


def read_marks(path: Path) -> dict[str, str]:
    """Return the marks of a file of examples, by pair id.

    Raises
    ------
    InputError
        If it cannot be read, a line is no mark, or a pair is marked twice.
    """
    marks: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json_value(line)
            pair_id, mark = str(row["pair_id"]), str(row["more"])
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f'{path} line {number} is no example; write {{"pair_id": "...", "more": "A"}}'
            ) from None
        if pair_id in marks:
            raise InputError(f"{path} line {number}: pair {pair_id} is marked twice")
        marks[pair_id] = mark
    return marks


def finish(run: Run, name: str, as_json: bool) -> None:
    """Write the report anew and say what became of a concept that was added."""
    from wimhf.ui.cli.console import print_json, say
    from wimhf.ui.report import render_report
    from wimhf.ui.words.findings import sentence
    from wimhf.ui.words.own_concepts import differ_sentence, learned_lines

    run.folder.write_text("report.html", render_report(run))
    one = next(one for one in run.concepts.counted if one.concept.id == name)
    rows = run.features.filter(run.features["id"] == name).to_dicts()
    record = next((own.record for own in run.learned_concepts if own.concept.id == name), None)
    if as_json:
        kept = {"agreement", "marked", "sided", "leakage", "consistency", "by", "author"}
        print_json({
            "id": name, "differ": one.differ, "reason": one.reason,
            "learned": None if record is None else {k: record[k] for k in record.keys() & kept},
            "feature": rows[0]["feature"] if rows else None,
            "effect": rows[0]["effect"] if rows else None,
        })  # fmt: skip
        return
    for line in learned_lines(record):
        say(line)
    say(differ_sentence(name, one.differ))
    said = {"equal_length": run.equal_length}
    say(sentence(rows[0] | said) if rows else f"it is no feature: {one.reason}")
