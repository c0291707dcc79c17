"""What predicts the label without anyone reading: length and formatting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Stream, stream
from wimhf.concepts import MEASURES, count_words
from wimhf.data.health.item import Checked, Item
from wimhf.data.subsets import column_subsets
from wimhf.errors import ConfigError
from wimhf.stats import (
    Bounds,
    bootstrap_metrics,
    fold_numbers,
    out_of_fold_scores,
    percentile_interval,
)

FORMATTING = ("lists", "headers", "bold", "code", "emoji", "urls", "exclamations", "paragraphs")
SAMPLE = 20_000
DRAWS = 200
MIN_DECIDED = 30


def check_shortcuts(data: Checked) -> Iterator[Item]:
    """Measure how well length alone and formatting alone predict the label, overall and by subset.

    AUCs are over both orientations of every decided pair; of length directly, of formatting out
    of fold.
    """
    rng = stream(data.seed, Stream.HEALTH_SHORTCUTS)
    rows = np.flatnonzero(~np.isnan(data.label))
    if len(rows) > SAMPLE:
        rows = np.sort(rng.choice(rows, SAMPLE, replace=False))
    length = _difference(data, rows, lambda text: np.log1p(count_words(text)))
    yield _length(data, rows, length, rng)
    yield _formatting(data, rows, rng)


def _difference(data: Checked, rows: Ints, count: Any) -> Floats:
    sides = [data.pairs[side].gather(rows) for side in ("response_a", "response_b")]
    a, b = (np.array([count(text) for text in side], dtype=np.float64) for side in sides)
    lead: Floats = a - b
    return lead


def _auc(score: Floats, data: Checked, rows: Ints, rng: np.random.Generator) -> Bounds | None:
    label = data.label[rows]
    if (label != 0.5).sum() < MIN_DECIDED:
        return None
    component = np.unique(data.component[rows], return_inverse=True)[1].astype(np.int64)
    draws = bootstrap_metrics({"x": score}, label, np.ones(len(rows)), component, DRAWS, rng)
    return percentile_interval(draws["x"]["auc"]).to_dict()


def _length(data: Checked, rows: Ints, length: Floats, rng: np.random.Generator) -> Item:
    title, found = "Length alone", _auc(length, data, rows, rng)
    if found is None or found["low"] is None or found["high"] is None:
        return Item("length", title, f"Not measured: fewer than {MIN_DECIDED} decided pairs")
    severity = _severity(max(found["low"] - 0.5, 0.5 - found["high"]))
    side = "longer" if found["low"] > 0.5 else "shorter"
    won = f"The {side} response wins more" if severity != "ok" else "Neither length wins clearly"
    said = f"{won}; the AUC of length is {_told(found)}"
    by_subset = _by_subset(data, rows, length, rng)
    if by_subset:
        far = max(by_subset, key=lambda one: abs(one["auc"]["value"] - 0.5))
        said += (
            f"; from {len(by_subset)} subsets the farthest is {far['subset']}: {_told(far['auc'])}"
        )
    return Item(
        "length", title, said, severity, figures={"auc": found, "by_subset": by_subset},
        advice="read effects with length controlled, as they are by default"
        if severity != "ok" else "",
    )  # fmt: skip


def _by_subset(
    data: Checked, rows: Ints, length: Floats, rng: np.random.Generator
) -> list[dict[str, Any]]:
    if "subset" not in data.pairs.columns:
        return []
    part = data.pairs.select("subset", source_row=pl.int_range(pl.len()))[rows.tolist()]
    try:
        subsets = column_subsets(part, pl.DataFrame({"source_row": [], "row": []}), "subset")
    except ConfigError:  # more values than name groups
        return []
    found = []
    for number, name in enumerate(subsets.names):
        inside = subsets.member == number
        auc = _auc(length[inside], data, rows[inside], rng)
        if auc is not None and auc["value"] is not None:
            found.append({"subset": name, "pairs": int(inside.sum()), "auc": auc})
    return found


def _formatting(data: Checked, rows: Ints, rng: np.random.Generator) -> Item:
    title = "Formatting alone"
    label = data.label[rows]
    component = np.unique(data.component[rows], return_inverse=True)[1].astype(np.int64)
    folds = fold_numbers(component, 5, rng)
    if folds is None or (label != 0.5).sum() < MIN_DECIDED:
        return Item("formatting", title, "Not measured: too few decided pairs or prompts")
    measures = [m for m in MEASURES if m.name in FORMATTING]
    columns = np.column_stack([_difference(data, rows, m.count) for m in measures])
    columns = np.sign(columns) * np.log1p(np.abs(columns))
    columns = columns[:, columns.any(axis=0)]
    if columns.shape[1] == 0:
        return Item("formatting", title, "The two responses are formatted alike in every pair")
    columns = columns / np.sqrt(np.square(columns).mean(axis=0))
    weight = np.ones(len(rows))
    score = out_of_fold_scores(columns, columns[:, :0], label, weight, component, folds, rng)
    found = _auc(score, data, rows, rng)
    if found is None or found["low"] is None:
        return Item("formatting", title, "Not measured: the interval could not be drawn")
    severity = _severity(found["low"] - 0.5)  # out of fold, less than .5 predicts nothing
    return Item(
        "formatting", title,
        f"Lists, headers, bold, code, emoji, links and the like predict with AUC {_told(found)}",
        severity, figures={"auc": found},
        advice="control for it with --control style, and read the effects of formatting"
        if severity != "ok" else "",
    )  # fmt: skip


def _told(auc: Bounds) -> str:
    value, low, high = (f"{auc[name]:.3f}".lstrip("0") for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _severity(sure: float) -> str:
    """Grade by how far from chance the nearer end of the interval is."""
    return "serious" if sure >= 0.2 else "warning" if sure >= 0.05 else "note" if sure > 0 else "ok"
