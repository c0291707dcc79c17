"""Curated pairs shaped for the pages: pure functions from the curated pair table to what is shown.

Rows are rows of the pair table throughout, so that codes, maps and similarities fit them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NotRequired, TypedDict, cast

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Ints
from wimhf.ui.words.figures import ending, shortened
from wimhf.ui.words.labels import EditedPair, edit_state, label_words

Box = tuple[float, float, float, float]
"""Part of the map: x from and to, y from and to."""
SHOWN = 25
"""Pairs on a page of the table."""
POINTS = 3_000
"""Pairs drawn on the map at most."""
CELL = 96
"""Characters of a text in the table."""
SEARCHES = ("words", "regex", "meaning")
PLACES = {
    "anywhere": "any", "in the prompt": "prompt", "in a response": "responses",
    "in both responses": "both", "in the preferred one": "preferred", "in the other": "other",
}  # fmt: skip
REWARDED: dict[str, bool | None] = {
    "either way": None, "more of it preferred": True, "less of it preferred": False,
}  # fmt: skip
LABELS = {
    "A preferred": pl.col("label") > 0.5, "B preferred": pl.col("label") < 0.5,
    "tie": pl.col("label") == 0.5, "no label": pl.col("label").is_null(),
}  # fmt: skip
_DROPPED = ~pl.col("kept")
_RELABELLED = pl.col("label").ne_missing(pl.col("source_label"))
_WEIGHED = pl.col("weight").ne_missing(pl.col("source_weight"))
STATES = {
    "as in the source": ~(_DROPPED | _RELABELLED | _WEIGHED), "relabelled": _RELABELLED,
    "reweighted": _WEIGHED, "dropped": _DROPPED,
}  # fmt: skip
_BOOKKEEPING = {
    "pair_id", "prompt", "response_a", "response_b", "label", "weight", "turns", "swapped",
    "component", "split", "source_label", "source_weight", "kept", "edit", "edited_by",
    "edited_because", "source_row",
}  # fmt: skip
"""Columns of the curated table that are texts, labels or our own."""


class CuratedPair(EditedPair):
    """A pair of the curated table."""

    pair_id: str
    prompt: str
    response_a: str
    response_b: str
    source_row: NotRequired[int]
    turns: NotRequired[str | None]
    edited_by: NotRequired[str | None]
    edited_because: NotRequired[str | None]


class Asked(TypedDict, total=False):
    """What a page asks of pairs; what is absent or empty is not asked.

    ``find`` goes with ``how`` (of ``SEARCHES``) and ``within``, ``feature`` with ``quantile`` and
    ``rewarded``, ``column`` with ``value``; ``health`` is a finding about the data; ``labels`` and
    ``states`` are names of ``LABELS`` and ``STATES``, of which one must hold.
    """

    find: str
    how: str | None
    within: str
    feature: int | None
    quantile: float
    rewarded: bool | None
    column: str
    value: str | None
    health: str | None
    labels: list[str]
    states: list[str]


# -- which pairs -------------------------------------------------------------------------------


def condition_of(asked: Asked) -> dict[str, object] | None:
    """Return what a page asks of pairs as the condition of a rule; None where it asks nothing."""
    parts: list[dict[str, object]] = []
    find, how = asked.get("find") or "", asked.get("how") or "words"
    if find.strip() and how != "meaning":
        within = asked.get("within") or "any"
        parts.append({"text" if how == "words" else "regex": find})
        parts[-1] |= {} if within == "any" else {"within": within}
    if asked.get("feature") is not None:
        parts.append({"feature": asked["feature"]})
        parts[-1] |= {"quantile": asked["quantile"]} if asked.get("quantile") else {}
        rewarded = asked.get("rewarded")
        parts[-1] |= {} if rewarded is None else {"rewarded": rewarded}
    if asked.get("column") and asked.get("value") not in (None, ""):
        parts.append({"column": asked["column"], "equals": asked["value"]})
    if asked.get("health"):
        parts.append({"health": asked["health"]})
    return None if not parts else parts[0] if len(parts) == 1 else {"all": parts}


def rows_of(
    pairs: pl.DataFrame,
    selected: Collection[str] | None,
    labels: Sequence[str] = (),
    states: Sequence[str] = (),
) -> Ints:
    """Return the rows of the pairs that pass, in the table's order.

    Parameters
    ----------
    selected
        Their pair ids; None is all.
    labels, states
        Some of ``LABELS`` and of ``STATES``, of which one must hold; none asks nothing.
    """
    keep = pl.lit(True)
    if selected is not None:
        keep &= pl.col("pair_id").is_in(pl.Series(list(selected), dtype=pl.String).implode())
    for names, conditions in ((labels, LABELS), (states, STATES)):
        chosen = [conditions[name].fill_null(False) for name in names if name in conditions]
        if chosen:
            keep &= pl.any_horizontal(chosen)
    chosen_rows = pairs.with_row_index("row").filter(keep)["row"]
    rows: Ints = chosen_rows.cast(pl.Int64).to_numpy()
    return rows


def in_box(rows: Ints, places: Floats32, box: Box | None) -> Ints:
    """Return the rows whose places (n, 2) lie within a part of the map."""
    if box is None:
        return rows
    x, y = places[rows, 0], places[rows, 1]
    inside: Ints = rows[(x >= box[0]) & (x <= box[1]) & (y >= box[2]) & (y <= box[3])]
    return inside


def by_size(rows: Ints, size: Floats | Floats32 | None) -> Ints:
    """Return rows with the largest first; as they are where no size (n,) is asked for."""
    if size is None:
        return rows
    return rows[np.argsort(-size[rows], kind="stable")]


def next_to(rows: Ints, row: int) -> tuple[int | None, int | None]:
    """Return the rows before and behind one in a list of rows; None where there is none."""
    places = np.flatnonzero(rows == row)
    if not len(places):
        return None, None
    at = int(places[0])
    before = int(rows[at - 1]) if at else None
    return before, int(rows[at + 1]) if at + 1 < len(rows) else None


def box_of(written: str | None) -> Box | None:
    """Read a part of the map as the URL writes it: four numbers; None where it is not that."""
    try:
        ends = [float(number) for number in (written or "").split(",")]
    except ValueError:
        return None
    if len(ends) != 4 or not all(math.isfinite(end) for end in ends):
        return None
    (left, right), (low, high) = sorted(ends[:2]), sorted(ends[2:])
    return left, right, low, high


def written_box(selection: Mapping[str, Sequence[float] | None]) -> str | None:
    """Write a part of the map for the URL, from what was drawn on it."""
    x, y = list(selection.get("x") or []), list(selection.get("y") or [])
    if len(x) != 2 or len(y) != 2 or x[0] == x[1] or y[0] == y[1]:
        return None
    return ",".join(f"{value:.4g}" for value in (*x, *y))


# -- how they are shown --------------------------------------------------------------------------


def shown_table(
    pairs: pl.DataFrame,
    rows: Ints,
    likeness: Floats32 | None = None,
    code: Floats | None = None,
) -> pl.DataFrame:
    """Return the table of some pairs as it is shown, in the order given.

    Parameters
    ----------
    likeness
        (n,) how near every pair is to what is searched for.
    code
        (n,) a feature's code, in its described pole: its size and side are shown.
    """
    shown = [pair_row(pairs, int(row)) for row in rows]
    table = {
        "Prompt": [ending(pair["prompt"], CELL) for pair in shown],
        "Response A": [shortened(pair["response_a"], CELL) for pair in shown],
        "Response B": [shortened(pair["response_b"], CELL) for pair in shown],
        "Label": [label_words(pair["label"]) for pair in shown],
        "Edits": [edit_state(pair) for pair in shown],
    }
    columns = [pl.Series(name, cells, pl.String) for name, cells in table.items()]
    if code is not None:
        own = code[rows]
        columns.insert(0, pl.Series("More of it", [_more(value) for value in own], pl.String))
        columns.insert(0, pl.Series("Activation", np.abs(own), pl.Float64))
    if likeness is not None:
        columns.insert(0, pl.Series("Likeness", likeness[rows], pl.Float64))
    return pl.DataFrame(columns)


def _more(code: float) -> str:
    return "A" if code > 0 else "B" if code < 0 else "neither"


def pair_row(pairs: pl.DataFrame, row: int) -> CuratedPair:
    """Return one curated pair."""
    return cast("CuratedPair", pairs.row(row, named=True))


def row_of(pairs: pl.DataFrame, pair_id: str | None) -> int | None:
    """Return the row of a pair id; None where the run has no such pair."""
    row = pairs.select(pl.col("pair_id").eq_missing(pair_id).arg_true().first()).item()
    return None if row is None else int(row)


def columns_of(pairs: pl.DataFrame, source_columns: Iterable[str]) -> list[str]:
    """Return the columns by which pairs can be filtered: those of the source that mean something.

    Texts, labels and our own bookkeeping are left out.
    """
    names = dict.fromkeys([*pairs.columns, *sorted(source_columns)])
    return [name for name in names if name not in _BOOKKEEPING]


def values_of(column: Sequence[object], most: int = 200) -> list[str]:
    """Return a column's values, the most frequent first."""
    counts = pl.Series("value", [None if v is None else str(v) for v in column], pl.String)
    table = counts.drop_nulls().value_counts(sort=True)
    return table.sort(["count", "value"], descending=[True, False])["value"].head(most).to_list()


def map_rows(
    rows: Ints, places: Floats32, colour: Sequence[str], most: int = POINTS
) -> pl.DataFrame:
    """Return points of the map, evenly taken from the rows where they are too many to draw.

    Parameters
    ----------
    colour
        (n,) in words what each pair's point is coloured by.
    """
    step = max(1, -(-len(rows) // most))
    chosen = rows[::step]
    return pl.DataFrame({
        "row": chosen, "x": places[chosen, 0].astype(float), "y": places[chosen, 1].astype(float),
        "colour": [colour[row] for row in chosen],
    })  # fmt: skip
