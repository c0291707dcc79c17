"""wimhf concepts: the written bank, what it finds in a source, and concepts of your own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from wimhf.errors import ConfigError
from wimhf.ui.cli.concept_edits import add, remove
from wimhf.ui.cli.options import JSON, QUIET, RUN, YES, Settings, confirming, with_settings

if TYPE_CHECKING:
    from wimhf.concepts import Concept
    from wimhf.pipeline import ConceptCount, SourceCounts

Argument, Option = typer.Argument, typer.Option
SHOW = "show"


class Words(TyperGroup):
    """The sub-commands; a first word that is none of them is a source to be shown."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words after ``wimhf concepts``."""
        first = args[0] if args else ""
        known = first in self.commands or first == "--help"
        return super().parse_args(ctx, args if known else [SHOW, *args])


concepts = typer.Typer(
    cls=Words, rich_markup_mode=None,
    help="The bank; with a SOURCE, how often each concept tells the two sides apart.",
)  # fmt: skip


@concepts.command(SHOW)
@with_settings("read")
def show(
    settings: Settings,
    sources: Annotated[
        list[str] | None,
        Argument(metavar="SOURCE", help="Files, folders, hf:owner/name or a run folder."),
    ] = None,
    area: Annotated[str | None, Option("--area", help="Only the concepts of one area.")] = None,
    files: Annotated[
        list[Path] | None, Option("--own", help="A file of your own concepts; may be repeated.")
    ] = None,
    top: Annotated[int | None, Option("--top", min=1, help="The most frequent so many.")] = None,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """List the bank; with a source, say how often each concept tells the two sides apart."""
    from wimhf.concepts import load_concepts
    from wimhf.ui.cli.console import Watcher, print_json

    bank = load_concepts(files or ())
    chosen = of_area(bank, area)
    if not sources:
        print_json([bank_row(one) for one in chosen[:top]]) if as_json else print_bank(chosen[:top])
        return
    from wimhf.pipeline import count_concepts

    with Watcher(quiet=quiet) as watcher:
        counts = count_concepts(
            sources, bank if files else None, watcher, **settings.get("read", {})
        )
    counts = counts.only({one.id for one in chosen} if area else None, top)
    print_json(counts.to_dict()) if as_json else print_counts(counts)


@concepts.command("test")
def try_examples(
    files: Annotated[
        list[Path], Argument(metavar="FILE.toml...", help="Files of your own concepts.")
    ],
    as_json: JSON = False,
) -> None:
    """Try your own concepts on the examples that are written with them."""
    from wimhf.concepts import check_examples
    from wimhf.ui.cli.console import print_json, say

    checks = check_examples(files)
    rows = [
        {"id": one.concept.id, "ok": one.ok, "checked": one.checked,
         "missed": list(one.missed), "wrong": list(one.wrong)}
        for one in checks
    ]  # fmt: skip
    if as_json:
        print_json(rows)
    for one in () if as_json else checks:
        said = "no examples to try" if not one.checked else f"{one.checked} examples"
        say(f" {'ok ' if one.ok else 'BAD'} {one.concept.id}: {said}", "" if one.ok else "red")
        for text in one.missed:
            say(f"     not found in an example of more: {shown(text)}", "red")
        for text in one.wrong:
            say(f"     found in an example of less: {shown(text)}", "red")
    failed = [one.concept.id for one in checks if not one.ok]
    if failed:
        raise ConfigError(
            f"{len(failed)} of {len(checks)} concepts fail on their own examples: "
            f"{', '.join(failed)}; mend their patterns or their examples"
        )


def of_area(bank: Sequence[Concept], area: str | None) -> list[Concept]:
    """Return the concepts of an area, or all.

    Raises
    ------
    ConfigError
        If there is no such area.
    """
    areas = sorted({one.area for one in bank})
    if area is not None and area not in areas:
        raise ConfigError(f"there is no area {area!r}; there are {', '.join(areas)}")
    return [one for one in bank if area in (None, one.area)]


def bank_row(concept: Concept) -> dict[str, object]:
    """Return what the list of the bank says of a concept."""
    names = ("area", "id", "title", "more", "less", "reads", "concern", "why", "audit")
    return {name: getattr(concept, name) for name in names}


def print_bank(bank: Sequence[Concept]) -> None:
    """Print area, id, title and meaning of every concept."""
    from wimhf.ui.cli.console import say

    areas: dict[str, list[Concept]] = {}
    for one in bank:
        areas.setdefault(one.area, []).append(one)
    for area, own in areas.items():
        say(f"\n{area} ({len(own)})", "bold")
        wide = max(len(one.id) for one in own)
        for one in own:
            reads = "" if one.reads in ("response", "both") else f" ({one.reads})"
            say(f" {one.id:<{wide}}  {one.title}: {one.more}{reads}")
    say(f"\n{len(bank)} concepts; `wimhf concepts SOURCE` counts them in your pairs", "dim")


def print_counts(counts: SourceCounts) -> None:
    """Print how often every concept is there, those that never are in one line."""
    from wimhf.ui.cli.console import say

    say(f"{counts.n:,} pairs, {counts.n_labelled:,} labelled", "bold")
    say("\nWhat one response does more than the other (pairs, share, wins of the side with more)",
        "bold")  # fmt: skip
    for one in counts.responses:
        if one.pairs:
            say(f" {one.pairs:>7,} {100 * one.share:5.1f} %  {wins(one):<24} {one.concept.more}"
                f"  [{one.concept.id}]")  # fmt: skip
    if counts.prompts:
        say("\nWhat is asked (pairs, share)", "bold")
    for one in counts.prompts:
        if one.pairs:
            say(f" {one.pairs:>7,} {100 * one.share:5.1f} %  {one.concept.more}"
                f"  [{one.concept.id}]")  # fmt: skip
    never = sum(not one.pairs for one in (*counts.responses, *counts.prompts))
    if never:
        say(f"\n{never} concepts are in no pair", "dim")


def wins(one: ConceptCount) -> str:
    """Return how often the side with more wins, with its interval, in percent."""
    value, low, high = (one.wins[name] for name in ("value", "low", "high"))
    if value is None:
        return "no labels"
    reach = "" if low is None or high is None else f" ({100 * low:.0f} to {100 * high:.0f})"
    return f"wins {100 * value:.0f} %{reach}"


def shown(text: str) -> str:
    """Return an example as one line."""
    from wimhf.ui.words.figures import shortened

    return f"“{shortened(text, 100)}”"


@concepts.command()
@with_settings("llm")
def check(
    run: RUN,
    settings: Settings,
    finding: Annotated[
        int | None, Option("--finding", min=1, help="The concept of one finding.")
    ] = None,
    concept: Annotated[str | None, Option("--concept", help="A concept by its id.")] = None,
    pairs: Annotated[
        int, Option("--pairs", min=1, help="Pairs in which it is found, and as many in which not.")
    ] = 20,
    who: Annotated[
        str | None, Option("--who", help="Who signs the answers [WIMHF_USER, else the account].")
    ] = None,
    yes: YES = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Ask you, or a model with --llm, whether concepts are really there; say how right they are."""
    from wimhf.base import Config
    from wimhf.curate import check_with_model, sample_checks
    from wimhf.run import open_run
    from wimhf.ui.cli.concept_checks import ask_people, concepts_to_check, print_checks
    from wimhf.ui.cli.console import Watcher

    opened = open_run(run)
    names = concepts_to_check(opened, finding, concept)
    checks = [one for name in names for one in sample_checks(opened, name, pairs)]
    llm = Config.from_dict({"llm": settings.get("llm", {})}).llm
    if llm.model is not None:
        with Watcher(quiet=quiet) as watcher:
            check_with_model(opened, checks, llm, watcher, confirming(yes))
    else:
        ask_people(opened, [one for one in checks if one.answer is None], who)
    print_checks(opened, names, as_json)


concepts.command()(add)
concepts.command()(remove)
