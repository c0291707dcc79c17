"""Subsets in which one thing decides nearly everything, also where the whole looks balanced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import bdtrc

from wimhf.base import Floats, Ints
from wimhf.concepts import load_concepts, measure_concepts, words_of
from wimhf.data.health.item import SIDES, Checked, Item, groups_of, independent
from wimhf.data.health.shortcuts import FORMATTING
from wimhf.stats import auc

LEAST = 20
"""Decided pairs of different prompts that a subset needs."""
MOST = 400
"""Decided pairs of a subset that are looked at."""
TOTAL = 20_000
"""Decided pairs that are looked at of all subsets."""
NEARLY = 0.9
"""Share of a subset's pairs that a thing has to decide."""
CHANCE = 0.01
"""Chance of any finding where nothing decides: shared out over all that is looked at."""
TOLD = 4
LONGER, FIRST = "length", "first listed"


@dataclass(frozen=True)
class Decider:
    """A thing that decides nearly all of a subset.

    Attributes
    ----------
    cue
        ``length``, ``first listed`` or the id of a concept.
    more
        Whether the side with more of it wins.
    won, decided
        Pairs that it explains, and pairs looked at.
    auc
        Of length, over both orientations.
    """

    subset: str
    cue: str
    words: str
    more: bool
    won: int
    decided: int
    auc: float | None = None

    def __str__(self) -> str:
        known = "" if self.auc is None else f" (AUC of length {_points(self.auc)})"
        return f"in {self.subset} {self.words} {self.won:,} of {self.decided:,} pairs{known}"

    def figures(self) -> dict[str, object]:
        """Return it as plain JSON types."""
        return {
            "subset": self.subset, "cue": self.cue, "more_wins": self.more, "won": self.won,
            "pairs": self.decided, "auc": self.auc,
        }  # fmt: skip


@dataclass(frozen=True)
class Cue:
    """Something that one side has more of.

    Attributes
    ----------
    lead
        (n,) above 0 where A has more of it.
    more, less
        What is said where the side with more, or with less, wins.
    """

    name: str
    lead: Floats
    more: str
    less: str


def check_degenerate(data: Checked) -> Iterator[Item]:
    """Look in every subset whether length, a mark of formatting or the order decides it."""
    title = "Degenerate subsets"
    names, rows, member = _members(data)
    if len(names) < 2:
        said = f"Not looked for: fewer than two subsets with {LEAST} decided pairs"
        yield Item("degenerate_subsets", title, said)
        return
    label, cues = data.label[rows], _cues(data, rows)
    share = CHANCE / (2 * len(cues) * len(names))
    prompt = data.pairs.select(of=independent())["of"].gather(rows).rank("dense").to_numpy()
    found = []
    for cue in cues:
        if _decides(np.sign(cue.lead) * np.sign(label - 0.5)):
            continue  # it decides the whole, which is told elsewhere
        for number, name in enumerate(names):
            inside = np.flatnonzero(member == number)
            found += _decider(cue, name, inside, label, prompt, share)
    behind = np.isin(member, [names.index(one.subset) for one in found])
    yield _item(title, names, found, rows[behind])


def _item(title: str, names: list[str], found: list[Decider], rows: Ints) -> Item:
    if not found:
        said = f"In none of {len(names)} subsets does length, a mark or the order decide nearly all"
        return Item("degenerate_subsets", title, said, count=0, of=len(names), unit="subsets")
    guilty = list(dict.fromkeys(one.subset for one in found))
    told = "; ".join(map(str, found[:TOLD]))
    more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return Item(
        "degenerate_subsets", title,
        f"One thing decides nearly all of {len(guilty)} of {len(names)} subsets: {told}{more}",
        "warning", len(guilty), len(names), "subsets",
        "look at these subsets by themselves: they teach that one thing, and subsets that point "
        "in opposite directions hide it from every figure of the whole",
        rows=np.sort(rows), figures={"found": [one.figures() for one in found]},
    )  # fmt: skip


def _members(data: Checked) -> tuple[list[str], Ints, Ints]:
    """Return the subsets, and the decided rows that are looked at with the subset of each."""
    table = (
        data.pairs.with_row_index("row")
        .with_columns(subset=groups_of(data.pairs))
        .filter(
            pl.col("label").is_not_null(), pl.col("label") != 0.5, pl.col("subset").is_not_null()
        )
        .sort("pair_id")  # the order of hashes: a draw that the order of rows does not change
        .select(pl.col("row").cast(pl.Int64), "subset")
    )
    counts = table.group_by("subset").len().filter(pl.col("len") >= LEAST)
    names = counts.sort(-pl.col("len").cast(pl.Int64), "subset")["subset"].head(TOTAL // LEAST)
    each = max(LEAST, min(MOST, TOTAL // max(len(names), 1)))
    kept = table.filter(pl.col("subset").is_in(names.to_list())).filter(
        pl.int_range(pl.len()).over("subset") < each
    )
    number = {name: i for i, name in enumerate(names)}
    member = np.array([number[name] for name in kept["subset"]], dtype=np.int64)
    return names.to_list(), kept["row"].to_numpy(), member


def _cues(data: Checked, rows: Ints) -> list[Cue]:
    """Return what may decide: length, marks of formatting, and the order where it has a meaning."""
    sides = [data.pairs[side].gather(rows).to_list() for side in SIDES]
    words = [np.log1p(words_of(side)) for side in sides]
    cues = [Cue(LONGER, words[0] - words[1], "the longer response wins",
                "the shorter response wins")]  # fmt: skip
    concepts = [one for one in load_concepts() if one.id in FORMATTING]
    a, b = (measure_concepts(concepts, side).toarray().astype(np.float64) for side in sides)
    cues += [
        Cue(one.id, lead, f"the response that, more than the other, {one.more} wins",
            f"the response that, less than the other, {one.more} wins")
        for one, lead in zip(concepts, (a - b).T, strict=True)
    ]  # fmt: skip
    if not data.sides_drawn:
        first = np.where(data.pairs["swapped"].gather(rows).to_numpy(), -1.0, 1.0)
        cues.append(Cue(FIRST, first, "the first listed response wins",
                        "the second listed response wins"))  # fmt: skip
    return cues


def _decides(won: Floats) -> bool:
    return len(won) > 0 and max((won > 0).mean(), (won < 0).mean()) >= NEARLY


def _decider(
    cue: Cue, name: str, inside: Ints, label: Floats, prompt: Ints, chance: float
) -> list[Decider]:
    """Return what a cue decides of a subset, if it decides nearly all, beyond chance."""
    won = np.sign(cue.lead[inside]) * np.sign(label[inside] - 0.5)
    if not _decides(won) or _chance(won, prompt[inside]) > chance:
        return []
    more = bool((won > 0).sum() > (won < 0).sum())
    found = int((won > 0).sum() if more else (won < 0).sum())
    known = None
    if cue.name == LONGER:
        known = float(auc(cue.lead[inside], label[inside], np.ones(len(inside))))
    words = cue.more if more else cue.less
    return [Decider(name, cue.name, words, more, found, len(won), known)]


def _chance(won: Floats, prompt: Ints) -> float:
    """Return the chance that coins would win so often: one coin a prompt."""
    _, groups = np.unique(prompt, return_inverse=True)
    votes = np.bincount(groups, weights=won)
    up, down = int((votes > 0).sum()), int((votes < 0).sum())
    if up + down < LEAST:
        return 1.0
    return float(bdtrc(max(up, down) - 1, up + down, 0.5))


def _points(value: float) -> str:
    return f"{value:.3f}" if value >= 1 else f"{value:.3f}".lstrip("0")
