"""Curated pairs shaped for the pages: pure functions from the curated pair table to what is shown.

Rows are rows of the pair table throughout, so that codes, maps and similarities fit them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats, Floats32, Ints
from wimhf.curate import Facts
from wimhf.ui.words.figures import shortened

Row = dict[str, Any]
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


# -- which pairs -------------------------------------------------------------------------------


def condition_of(asked: Mapping[str, Any]) -> Row | None:
    """Return what a page asks of pairs as the condition of a rule; None where it asks nothing.

    Parameters
    ----------
    asked
        ``find`` with ``how`` (of ``SEARCHES``) and ``within``, ``feature`` with ``quantile`` and
        ``rewarded``, ``column`` with ``value``; what is absent or empty is not asked.
    """
    parts: list[Row] = []
    find, how = asked.get("find") or "", asked.get("how") or "words"
    if find.strip() and how != "meaning":
        part = {"text" if how == "words" else "regex": find}
        within = asked.get("within") or "any"
        parts.append(part if within == "any" else part | {"within": within})
    if asked.get("feature") is not None:
        part = {"feature": asked["feature"]}
        if asked.get("quantile"):
            part["quantile"] = asked["quantile"]
        if asked.get("rewarded") is not None:
            part["rewarded"] = asked["rewarded"]
        parts.append(part)
    if asked.get("column") and asked.get("value") not in (None, ""):
        parts.append({"column": asked["column"], "equals": asked["value"]})
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
    for asked, known in ((labels, LABELS), (states, STATES)):
        chosen = [known[name].fill_null(False) for name in asked if name in known]
        if chosen:
            keep &= pl.any_horizontal(chosen)
    found = pairs.lazy().with_row_index("row").filter(keep).select("row").collect()
    kept: Ints = found["row"].cast(pl.Int64).to_numpy()
    return kept


def in_box(rows: Ints, places: Floats32, box: Box | None) -> Ints:
    """Return the rows whose places (n, 2) lie within a part of the map."""
    if box is None:
        return rows
    x, y = places[rows, 0], places[rows, 1]
    inside: Ints = rows[(x >= box[0]) & (x <= box[1]) & (y >= box[2]) & (y <= box[3])]
    return inside


def by_likeness(rows: Ints, likeness: Floats32 | None) -> Ints:
    """Return rows with the most alike first; as they are where no likeness (n,) is asked for."""
    if likeness is None:
        return rows
    return rows[np.argsort(-likeness[rows], kind="stable")]


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


def written_box(selection: Mapping[str, Any]) -> str | None:
    """Write a part of the map for the URL, from what was drawn on it."""
    x, y = list(selection.get("x") or []), list(selection.get("y") or [])
    if len(x) != 2 or len(y) != 2 or x[0] == x[1] or y[0] == y[1]:
        return None
    return ",".join(f"{value:.4g}" for value in (*x, *y))


# -- how they are shown --------------------------------------------------------------------------


def label_told(label: float | None) -> str:
    """Say what a label says."""
    if label is None:
        return "no label"
    if label == 0.5:
        return "tie"
    side, sure = ("A", label) if label > 0.5 else ("B", 1 - label)
    return f"{side} preferred" if sure == 1 else f"{side} preferred ({100 * sure:.0f}%)"


def state_told(pair: Mapping[str, Any]) -> str:
    """Say what edits made of a pair; empty where it is as in the source."""
    told = [] if pair["kept"] else ["dropped"]
    if pair["label"] != pair["source_label"]:
        told.append(f"was: {label_told(pair['source_label'])}")
    if pair["weight"] != pair["source_weight"]:
        told.append(f"weight {pair['weight']:g}, was {pair['source_weight']:g}")
    return ", ".join(told)


def shown_table(pairs: pl.DataFrame, rows: Ints, likeness: Floats32 | None = None) -> pl.DataFrame:
    """Return the table of some pairs as it is shown, in the order given."""
    found = [pair_row(pairs, int(row)) for row in rows]
    table: dict[str, list[Any]] = {
        "Prompt": [_end(pair["prompt"]) for pair in found],
        "Response A": [shortened(pair["response_a"], CELL) for pair in found],
        "Response B": [shortened(pair["response_b"], CELL) for pair in found],
        "Label": [label_told(pair["label"]) for pair in found],
        "Edits": [state_told(pair) for pair in found],
    }
    if likeness is not None:
        table = {"Likeness": [float(likeness[row]) for row in rows]} | table
    return pl.DataFrame(table, schema={
        name: pl.Float64 if name == "Likeness" else pl.String for name in table
    })  # fmt: skip


def pair_row(pairs: pl.DataFrame, row: int) -> Row:
    """Return one curated pair."""
    return pairs.row(row, named=True)


def row_of(pairs: pl.DataFrame, pair_id: str | None) -> int | None:
    """Return the row of a pair id; None where the run has no such pair."""
    found = pairs.select((pl.col("pair_id") == pair_id).arg_true().first()).item()
    return None if found is None else int(found)


def _end(prompt: str) -> str:
    """Return the end of a prompt, where the question stands."""
    line = " ".join(prompt[-4 * CELL :].split())
    return line if len(line) <= CELL and len(prompt) <= 4 * CELL else f"…{line[-CELL:]}"


def columns_of(pairs: pl.DataFrame, source_columns: Iterable[str]) -> list[str]:
    """Return the columns by which pairs can be filtered: those of the source that mean something.

    Texts, labels and our own bookkeeping are left out.
    """
    own = {
        "pair_id", "prompt", "response_a", "response_b", "label", "weight", "turns", "swapped",
        "component", "split", "source_label", "source_weight", "kept", "edit", "edited_by",
        "edited_because", "source_row",
    }  # fmt: skip
    names = [*pairs.columns, *sorted(source_columns)]
    return [name for name in dict.fromkeys(names) if name not in own]


def values_of(column: Sequence[Any], most: int = 200) -> list[str]:
    """Return a column's values, the most frequent first."""
    counts = pl.Series("value", [None if v is None else str(v) for v in column], pl.String)
    table = counts.drop_nulls().value_counts(sort=True)
    return table.sort(["count", "value"], descending=[True, False])["value"].head(most).to_list()


# -- charts --------------------------------------------------------------------------------------


def map_rows(
    rows: Ints, places: Floats32, colour: Sequence[Any] | NDArray[Any],
    most: int = POINTS,
) -> pl.DataFrame:  # fmt: skip
    """Return points of the map, evenly taken from the rows where they are too many to draw.

    Parameters
    ----------
    colour
        (n,) what each pair's point is coloured by.
    """
    step = max(1, -(-len(rows) // most))
    chosen = rows[::step]
    return pl.DataFrame({
        "row": chosen, "x": places[chosen, 0].astype(float), "y": places[chosen, 1].astype(float),
        "colour": [colour[row] for row in chosen],
    })  # fmt: skip


def code_bars(codes: Floats, features: Sequence[Row], label: float | None) -> list[Row]:
    """Return a pair's features, the strongest first, for a bar chart.

    Parameters
    ----------
    codes
        (m,) the pair's codes, each in its described pole, in units of the feature's RMS.
    features
        (m,) their rows.
    label
        The pair's label: it tells which response is the preferred one.
    """
    found = []
    for code, feature in zip(codes, features, strict=True):
        if code == 0:
            continue
        side = "A" if code > 0 else "B"
        found.append({
            "feature": feature["feature"], "name": feature["label"], "size": abs(float(code)),
            "towards": float(code), "side": f"response {side} has more of it",
            "rewarded": _verdict(code, label),
        })  # fmt: skip
    return sorted(found, key=lambda one: -one["size"])


def _verdict(code: float, label: float | None) -> str:
    if label is None or label == 0.5:
        return "no winner"
    return "preferred" if (code > 0) == (label > 0.5) else "other"


def codes_of(facts: Facts, numbers: Sequence[int], row: int) -> Floats:
    """Return a pair's code of each feature (m,), in its described pole and units of its RMS."""
    found = np.zeros(len(numbers))
    for place, number in enumerate(numbers):
        code = facts.code(number)
        if code[row]:
            found[place] = code[row] / np.sqrt(np.square(code).mean())
    return found


def label_word(label: float | None) -> str:
    """Return which of ``LABELS`` a label is."""
    if label is None:
        return "no label"
    return "tie" if label == 0.5 else "A preferred" if label > 0.5 else "B preferred"
