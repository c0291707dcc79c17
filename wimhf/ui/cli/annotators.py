"""``wimhf annotators``: whose preferences the labels are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

    from wimhf.run import AnnotatorView, Reasons, Run

TOP = 15
WIDTH = 120


def annotators(
    run: Annotated[Path, typer.Argument(help="A finished run.", show_default=False)],
    ids: Annotated[
        bool, typer.Option("--ids", help="Show the annotators' own ids instead of numbers.")
    ] = False,
    predict: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.parquet",
            help="Write what every annotator would say of every pair: pair_id, annotator, chance "
            "that A is preferred.",
            show_default=False,
        ),
    ] = None,
    reasons: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="A column of the source in which annotators say why; may be given again. "
            "[found by name: explanation, rationale, feedback, comments, …]",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what annotators weigh differently, who departs, and what own weights are worth.

    Where they say why, also whether their reasons speak of what their labels reward.
    """
    import wimhf
    from wimhf.run import agreement_of, annotator_predictions, annotators_of, reasons_of
    from wimhf.ui.cli.console import print_json, say

    opened = wimhf.open_run(run)
    view = annotators_of(opened)
    written = None if predict is None else annotator_predictions(opened, predict, ids=ids)
    why, agreement = reasons_of(opened, reasons), agreement_of(opened)
    if as_json:
        said: dict[str, object] = {} if why is None else {"reasons": _plain_reasons(why)}
        said |= {"agreement": agreement.to_dicts()}
        print_json(_plain(view, ids=ids) | said)
    elif view.reason:
        say(f"Annotators cannot be compared: {view.reason}.", "yellow")
    else:
        _print(view, ids=ids)
    if len(agreement) and not as_json:
        _print_agreement(opened, view.people, agreement, ids=ids)
    if why is not None and not as_json:
        _print_reasons(why)
    if written is not None and not as_json:
        say(f"\nWrote {written:,} predictions to {predict}")


def _plain(view: AnnotatorView, *, ids: bool) -> dict[str, object]:
    people = view.people if ids else view.people.drop("id")
    return {
        "summary": view.summary, "features": view.features.to_dicts(),
        "departures": view.departures.to_dicts(), "annotators": people.to_dicts(),
    }  # fmt: skip


def _print_agreement(run: Run, people: pl.DataFrame, table: pl.DataFrame, *, ids: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    from wimhf.run import overall_agreement
    from wimhf.ui.cli.console import say, terminal
    from wimhf.ui.words.agreement import (
        EXPLAINED,
        annotator_name,
        matrix_members,
        matrix_rows,
        pair_sentences,
    )

    say("\nHow far they agree", "bold")
    overall = overall_agreement(run)
    if overall is not None:
        say(f" {overall}.")
    for sentence in pair_sentences(table, people, ids=ids):
        say(f" {sentence}")
    members = matrix_members(table)
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column("", no_wrap=True)
    names = [annotator_name(people, number, ids=ids) for number in members]
    for name in names:
        shown.add_column(Text(name), no_wrap=True, justify="right")
    for name, cells in zip(names, matrix_rows(table, members), strict=True):
        shown.add_row(Text(name), *cells)
    say("")
    terminal(width=max(terminal().width, WIDTH + 8 * len(members))).print(shown)
    say(f" {EXPLAINED}", "dim")


def _plain_reasons(why: Reasons) -> dict[str, object]:
    return {
        "columns": list(why.columns), "pairs": why.pairs, "within_annotators": why.within,
        "findings": why.findings.to_dicts(),
    }  # fmt: skip


def _print_reasons(why: Reasons) -> None:
    from wimhf.ui.cli.console import say
    from wimhf.ui.words.reasons import reason_sentences, reasons_summary

    say("\nWhat they say why", "bold")
    for sentence in (reasons_summary(why), *reason_sentences(why)):
        say(f" {sentence}")


def _print(view: AnnotatorView, *, ids: bool) -> None:
    from rich.table import Table

    from wimhf.ui.cli.console import say, terminal
    from wimhf.ui.words.figures import decimal, percent
    from wimhf.ui.words.people import SEEN, labels_used, people, taste_sentence, verdict

    say(f"\n{' '.join(verdict(view))}", "bold")
    say("\nWhere they differ most (points of win rate, with controls)", "bold")
    for row in view.features.filter(view.features["tau"].is_not_null()).head(TOP).to_dicts():
        if row["tau"] >= SEEN:
            sure = row["subjectivity_q"] is not None and row["subjectivity_q"] < 0.05
            q = decimal(row["subjectivity_q"])
            say(f" {taste_sentence(row)}  [q {q}]", "" if sure else "dim")
    say("\nWho departs from the others", "bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("annotator", "labels", "agrees", "departs on"):
        table.add_column(name, justify="right" if name in ("labels", "agrees") else "left")
    for one in people(view, ids=ids)[:TOP]:
        agrees = "" if one.agreement is None else percent(100 * one.agreement)
        table.add_row(one.name, f"{one.labels:,}", agrees, "; ".join(one.said) or "-")
    terminal(width=max(terminal().width, WIDTH)).print(table)
    gains = view.summary["curve"].get("gains", [])
    if gains:
        say(
            "\nWhat own weights add to the AUC on held-out labels, by labels of each annotator",
            "bold",
        )
        for gain in gains:
            auc = gain["auc"]
            if auc["value"] is not None and auc["low"] is not None and auc["high"] is not None:
                say(
                    f" {labels_used(gain):>4}  {auc['value']:+.3f}  "
                    f"({auc['low']:+.3f} to {auc['high']:+.3f})"
                )
