"""Strings that give the label away: on one side in nearly all pairs, whatever they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Ints, Mask
from wimhf.data.health.item import SIDES, Checked, Item, groups_of, independent
from wimhf.data.health.marker_search import END, MANY, NEARLY, START, Marker, find_markers
from wimhf.data.health.texts import PRIVATE

LEAST = 20
"""Decided pairs of different prompts below which chance could put a word on one side."""
SUBSETS = 24
"""Subsets that are searched, the largest."""
TOLD = 4
"""Strings that a sentence tells; the figures hold all."""
SHOWN = 60
"""Characters of a string that are shown."""
PLACES = {START: "starts", END: "ends"}


@dataclass(frozen=True)
class Found:
    """A marker with the pairs behind it.

    Attributes
    ----------
    rows
        Of the pair table, where it is on its side alone.
    with_it, against
        Pairs in which the responses of its side have it, and those of the other.
    """

    marker: Marker
    subset: str | None
    rows: Ints
    with_it: int
    against: int
    decided: int

    def __str__(self) -> str:
        marker = self.marker
        side = "preferred" if marker.won else "other"
        verb = f"{PLACES[marker.place]} with" if marker.place in PLACES else "holds"
        where = f" of subset {self.subset}" if self.subset is not None else ""
        return (
            f"the {side} response {verb} {shown(marker.text)} in {self.with_it:,} of "
            f"{self.decided:,} decided pairs{where}, the "
            f"{'other' if marker.won else 'preferred'} one in {self.against:,}"
        )

    def figures(self) -> dict[str, object]:
        """Return it as plain JSON types."""
        side = "preferred" if self.marker.won else "other"
        return {
            "string": shown(self.marker.text), "place": self.marker.place, "side": side,
            "subset": self.subset, "with": self.with_it, "against": self.against,
            "decided": self.decided,
        }  # fmt: skip


def shown(text: str) -> str:
    """Return a string so that everything in it can be seen; private data are not repeated."""
    if any(re.search(pattern, text) for pattern in PRIVATE.values()):
        return "a string that looks like personal data"
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    seen = "".join(c if c == " " or c.isprintable() else ascii(c)[1:-1] for c in short)
    spaces = f" ({len(text)} spaces)" if len(text) > 1 else " (a space)"
    return f"“{seen}”" + (spaces if not text.strip(" ") else "")


def check_markers(data: Checked) -> Iterator[Item]:
    """Search for strings that are on one side in nearly all pairs, of all and of a subset."""
    title, table = "Strings that give the label away", _decided(data.pairs)
    if _independent(table).height < LEAST:
        said = f"Not looked for: fewer than {LEAST} decided pairs of different prompts"
        yield Item("markers", title, said)
        return
    found = _found(table, None)
    known = {(one.marker.text, one.marker.won) for one in found}
    for name, part in _subsets(table):
        new = [f for f in _found(part, name) if (f.marker.text, f.marker.won) not in known]
        found += new
    if not found:
        said = f"No string is on one side alone in nearly all of {table.height:,} decided pairs"
        yield Item("markers", title, said)
        return
    rows = np.unique(np.concatenate([one.rows for one in found]))
    yield Item(
        "markers", title, _said(found), "serious", len(rows), table.height,
        advice="take it out of both responses, or give it to both: a model learns to look for it "
        "and for nothing else", rows=rows, figures={"found": [one.figures() for one in found]},
    )  # fmt: skip


def _said(found: list[Found]) -> str:
    told = "; ".join(map(str, found[:TOLD]))
    more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return told[0].upper() + told[1:] + more


def _decided(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return row, winner, loser, subset and prompt of decided pairs, ordered by their ids."""
    won = pl.col("label") > 0.5
    a, b = SIDES
    return (
        pairs.with_row_index("row")
        .filter(pl.col("label").is_not_null() & (pl.col("label") != 0.5))
        .sort("pair_id")
        .select(
            pl.col("row").cast(pl.Int64),
            winner=pl.when(won).then(a).otherwise(b),
            loser=pl.when(won).then(b).otherwise(a),
            subset=groups_of(pairs), prompt=independent(),
        )
    )  # fmt: skip


def _independent(table: pl.DataFrame) -> pl.DataFrame:
    """Return one pair of every prompt."""
    return table.unique("prompt", keep="first", maintain_order=True)


def _subsets(table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    counts = table.drop_nulls("subset").group_by("subset").len()
    largest = counts.filter(pl.col("len") >= LEAST).sort(
        ["len", "subset"], descending=[True, False]
    )
    if len(counts) > 1:
        for name in largest["subset"].head(SUBSETS):
            part = table.filter(pl.col("subset") == name)
            if _independent(part).height >= LEAST:
                yield str(name), part


def _found(table: pl.DataFrame, subset: str | None) -> list[Found]:
    """Search in a sample, and count in all of it."""
    sample = _independent(table).head(MANY)
    counted = [
        _counted(marker, table, subset)
        for marker in find_markers(sample.select("winner", "loser").rows())
    ]
    return [one for one in counted if len(one.rows) >= NEARLY * one.decided]


def _counted(marker: Marker, table: pl.DataFrame, subset: str | None) -> Found:
    winner, loser = (_has(marker, table[name]) for name in ("winner", "loser"))
    own, other = (winner, loser) if marker.won else (loser, winner)
    rows: Ints = np.sort(table["row"].to_numpy()[own & ~other])
    return Found(marker, subset, rows, int(own.sum()), int(other.sum()), table.height)


def _has(marker: Marker, texts: pl.Series) -> Mask:
    if marker.place == START:
        found = texts.str.starts_with(marker.text)
    elif marker.place == END:
        found = texts.str.ends_with(marker.text)
    else:
        found = texts.str.contains(marker.text, literal=True)
    mask: Mask = found.to_numpy()
    return mask
