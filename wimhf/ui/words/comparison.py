"""A comparison in words: what camps reward differently, and what their mixture would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from wimhf.compare import Comparison, Mixture
from wimhf.ui.words.figures import between, decimal, listed, points, share
from wimhf.ui.words.findings import subject

TOLD = 12
"""Columns that sentences tell of; the table has all."""
NAMED, REASONED = 6, 3
"""Columns that are named where they are only listed, and where a reason follows each."""
PAIRED = 6
"""Couples of camps whose distance is told, the farthest."""
Cell = dict[str, Any]
"""One camp's row of ``Comparison.effects``."""


@dataclass(frozen=True)
class ComparedRow:
    """A column as a table shows it.

    Attributes
    ----------
    cells
        One per camp.
    gap
        The surest gap of any two camps (GAP_COLUMNS); None where no two have an effect.
    """

    number: int
    id: str
    title: str
    sentence: str
    cells: tuple[Cell, ...]
    gap: Cell | None
    conflict: bool

    @property
    def differs(self) -> bool:
        """Whether the effects differ beyond chance."""
        return self.conflict or (self.gap is not None and self.gap["q"] < 0.05)

    @property
    def verdict(self) -> str:
        """What the comparison makes of it."""
        if self.conflict:
            return "conflict"
        if self.gap is None:
            return "not in two of them"
        return "differs" if self.differs else "no difference seen"


def compared_rows(comparison: Comparison) -> list[ComparedRow]:
    """Return every column: conflicts first, then those that differ, then by the size of the gap."""
    cells = _by_column(comparison.effects)
    gaps = _by_column(comparison.gaps)
    conflicts = dict(comparison.conflicts.select("feature", "conflict").iter_rows())
    rows = []
    for number, column in enumerate(comparison.columns):
        own = sorted(gaps.get(number, []), key=lambda gap: (gap["q"], -abs(gap["gap"])))
        rows.append(ComparedRow(
            number, column.id, column.title or column.id, column_sentence(comparison, number),
            tuple(cells[number]), own[0] if own else None, conflicts[number],
        ))  # fmt: skip
    order = ("conflict", "differs", "no difference seen", "not in two of them")
    return sorted(
        rows, key=lambda row: (order.index(row.verdict), -abs(row.gap["gap"]) if row.gap else 0)
    )


def _by_column(table: pl.DataFrame) -> dict[int, list[Cell]]:
    found: dict[int, list[Cell]] = {}
    for row in table.iter_rows(named=True):
        found.setdefault(row["feature"], []).append(row)
    return found


def column_sentence(comparison: Comparison, number: int) -> str:
    """State what every camp does with a column, so that it is read once.

    For example: The response that refuses the request wins 31 points more often in hh and 33 points
    less often in arena.
    """
    column = comparison.columns[number]
    who = subject(
        {"feature": column.feature, "description": column.description,
         "understood": column.understood}
    )  # fmt: skip
    if not column.understood:
        who = f"The response with more of {column.title} (not understood)"
    rows = comparison.effects.filter(pl.col("feature") == number).iter_rows(named=True)
    sure, unsure, missing = [], [], []
    for cell, camp in zip(rows, comparison.camps, strict=True):
        if cell["effect"] is None:
            missing.append(camp.name)
        elif cell["effect_low"] <= 0 <= cell["effect_high"]:
            ends = between(cell["effect_low"], cell["effect_high"])
            unsure.append(f"{camp.name} ({points(cell['effect'])}, {ends})")
        else:
            size = f"{abs(cell['effect']):.0f}"
            more = "more" if cell["effect"] > 0 else "less"
            plural = "" if size == "1" else "s"
            sure.append(f"{size} point{plural} {more} often in {camp.name}")
    said = [f"wins {listed(sure)}"] if sure else []
    said += [f"nothing is sure in {listed(unsure)}"] if unsure else []
    said += [f"it cannot be measured in {listed(missing)}"] if missing else []
    joined = "; ".join(said)
    return f"{who} {joined}." if sure else f"{who}: {joined}."


def contested_sentences(comparison: Comparison, most: int = TOLD) -> list[str]:
    """Return what camps reward differently, conflicts first."""
    return [column_sentence(comparison, number) for number in comparison.contested()[:most]]


def distance_sentences(comparison: Comparison) -> list[str]:
    """Say how far every two camps are apart as a whole."""
    said = []
    widest = sorted(comparison.distances, key=lambda one: -(one.measured.distance["value"] or 0))
    for one in widest[:PAIRED]:
        names = f"{comparison.camps[one.first].name} and {comparison.camps[one.second].name}"
        far, agree = one.measured.distance, one.measured.agreement
        if one.measured.reason is not None:
            said.append(f"How far {names} are apart cannot be told: {one.measured.reason}.")
            continue
        ends = between(far["low"], far["high"], decimal)
        text = (
            f"{names} are {decimal(far['value'])} apart ({ends}; 0 is the same preferences), in "
            f"log odds over {one.measured.columns} columns"
        )
        if agree["value"] is not None and agree["low"] is not None:
            ends = between(agree["low"], agree["high"], decimal)
            text += f"; what they say of a pair correlates at {decimal(agree['value'])} ({ends})"
        said.append(f"{text}.")
    if len(widest) > PAIRED:
        said.append(f"The other {len(widest) - PAIRED} couples are nearer.")
    return said


def unmeasured_sentences(comparison: Comparison) -> list[str]:
    """Say what only one camp can measure, and why the others cannot."""
    known = comparison.effects.filter(pl.col("effect").is_not_null())
    alone = known.group_by("feature").agg(pl.col("camp").first(), pl.len().alias("n"))
    said = []
    for place, camp in enumerate(comparison.camps):
        own = alone.filter((pl.col("n") == 1) & (pl.col("camp") == place)).sort("feature")
        numbers = own["feature"].to_list()
        if not numbers:
            continue
        there = known.filter(pl.col("feature").is_in(numbers) & (pl.col("camp") == place))
        first = there.sort(pl.col("effect").abs(), descending=True)["feature"].to_list()
        named = [_reasoned(comparison, number, place) for number in first[:REASONED]]
        rest = f"; and {len(numbers) - REASONED} more" if len(numbers) > REASONED else ""
        said.append(f"Only {camp.name} can measure {len(numbers)}: {'; '.join(named)}{rest}.")
    return said


def _reasoned(comparison: Comparison, number: int, place: int) -> str:
    column = comparison.columns[number]
    rows = comparison.effects.filter((pl.col("feature") == number) & (pl.col("camp") != place))
    reasons = [row["effect_reason"] for row in rows.iter_rows(named=True) if row["effect_reason"]]
    title = column.title or column.id
    return f"{title}, as elsewhere {reasons[0]}" if reasons else title


def mixture_sentences(comparison: Comparison, mixture: Mixture) -> list[str]:
    """Say what a mixture would say, and what cancels in it; labels of the same pairs do not mix."""
    if comparison.by == "labels":
        return []
    parts = listed([
        f"{share(part)} {camp.name}"
        for part, camp in zip(mixture.shares, comparison.camps, strict=True)
    ])  # fmt: skip
    cancelled = comparison.cancelled(mixture)
    effects = mixture.effects.filter(pl.col("q") < 0.05)
    said = [f"Mixed as {parts}, {len(effects)} columns are rewarded or penalised beyond chance."]
    if cancelled:
        named = [comparison.columns[n].title or comparison.columns[n].id for n in cancelled[:NAMED]]
        rest = f", and {len(cancelled) - NAMED} more" if len(cancelled) > NAMED else ""
        said.append(f"These cancel, and a model would be told nothing of them: "
                    f"{'; '.join(named)}{rest}.")  # fmt: skip
    return said


def driven_sentences(comparison: Comparison, mixture: Mixture) -> list[str]:
    """Say which findings of a mixture hang on one camp: without it they are not sure, or turn."""
    found = mixture.effects.filter(pl.col("q") < 0.05)
    whole = dict(found.select("feature", "effect").iter_rows())
    without = comparison.left_out(mixture, list(whole))
    said = []
    for place, camp in enumerate(comparison.camps):
        gone = [
            (row["feature"], row["effect"])
            for row in without.filter(pl.col("camp") == place).iter_rows(named=True)
            if row["effect"] is not None and not _holds(whole[row["feature"]], row)
        ]
        gone.sort(key=lambda one: -abs(whole[one[0]] - one[1]))
        named = [
            f"{comparison.columns[n].title} ({points(whole[n])}, without it {points(effect)})"
            for n, effect in gone[:NAMED]
        ]
        if gone:
            rest = f", and {len(gone) - NAMED} more" if len(gone) > NAMED else ""
            said.append(
                f"Without {camp.name}, {len(gone)} of them are not sure any more or turn: "
                f"{'; '.join(named)}{rest}."
            )
    return said


def _holds(effect: float, without: Cell) -> bool:
    """Say whether an effect is still beyond chance, and of the same sign, without a camp."""
    near = without["effect_low"] if effect > 0 else -without["effect_high"]
    return bool(near > 0)


def comparison_title(comparison: Comparison) -> str:
    """Say what is compared."""
    names = listed([camp.name for camp in comparison.camps])
    if comparison.by == "run":
        return f"{names} compared"
    if comparison.by == "labels":
        return "Labels as in the source and as curated"
    return f"{comparison.by}: {names} compared"


@dataclass(frozen=True)
class MixtureGrid:
    """Effects of mixtures: the mixtures' names, and per column its title and an effect for each."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def mixture_grid(comparison: Comparison, columns: Sequence[int]) -> MixtureGrid | None:
    """Return what mixtures say of some columns; None where there is none to say anything of.

    Two camps are mixed in steps of a quarter, more of them evenly and as they are.
    """
    if not columns or comparison.by == "labels":
        return None
    names = [camp.name for camp in comparison.camps]
    mixed: dict[str, tuple[float, ...]]
    if len(names) == 2:
        steps = [(part, 100 - part) for part in (0, 25, 50, 75, 100)]
        mixed = {f"{a}% {names[0]}": (float(a), float(b)) for a, b in steps}
    else:
        mixed = {"evenly": (1.0,) * len(names), "as they are": comparison.natural_shares()}
    found: dict[int, list[Cell]] = {}
    for shares in mixed.values():
        for row in comparison.mixture(shares, columns).effects.iter_rows(named=True):
            low, high = row["effect_low"], row["effect_high"]
            sure = low is not None and not low <= 0 <= high
            found.setdefault(row["feature"], []).append(row | {"sure": sure})
    return MixtureGrid(
        tuple(mixed), tuple((comparison.columns[n].title, tuple(found[n])) for n in columns)
    )
