"""What predicts the label without anyone reading: length and formatting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Stream, stream
from wimhf.concepts import load_concepts, measure_concepts
from wimhf.data.controls import length_difference
from wimhf.data.health.item import SIDES, Checked, Item, Severity, graded
from wimhf.data.subsets import column_subsets
from wimhf.errors import ConfigError
from wimhf.stats import bootstrap_metrics, fold_numbers, out_of_fold_scores, percentile_interval

FORMATTING = frozenset(
    "uses_list_items uses_headings uses_bold shows_code_blocks shows_inline_code uses_emoji "
    "gives_urls exclaims breaks_lines_often".split()
)
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
    sides = [data.pairs[side].gather(rows).to_list() for side in SIDES]
    length = length_difference(*sides)
    yield _length(data, rows, length, rng)
    yield _formatting(data, rows, sides, rng)


class Auc(NamedTuple):
    """An AUC with its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        value, low, high = (f"{number:.3f}".lstrip("0") for number in self)
        return f"{value} ({low} to {high})"


def _auc(score: Floats, data: Checked, rows: Ints, rng: np.random.Generator) -> Auc | None:
    """Return how well a score predicts the labels; None where it cannot be measured."""
    label = data.label[rows]
    if (label != 0.5).sum() < MIN_DECIDED:
        return None
    component = np.unique(data.component[rows], return_inverse=True)[1].astype(np.int64)
    draws = bootstrap_metrics({"x": score}, label, np.ones(len(rows)), component, DRAWS, rng)
    auc = percentile_interval(draws["x"]["auc"])
    if auc.value is None or auc.low is None or auc.high is None:
        return None
    return Auc(auc.value, auc.low, auc.high)


def _length(data: Checked, rows: Ints, length: Floats, rng: np.random.Generator) -> Item:
    title, auc = "Length alone", _auc(length, data, rows, rng)
    if auc is None:
        return Item("length", title, f"Not measured: fewer than {MIN_DECIDED} decided pairs")
    severity = _severity(max(auc.low - 0.5, 0.5 - auc.high))
    side = "longer" if auc.low > 0.5 else "shorter"
    won = f"The {side} response wins more" if severity != "ok" else "Neither length wins clearly"
    sentence = f"{won}; the AUC of length is {auc}"
    subsets = _subset_aucs(data, rows, length, rng)
    if subsets:
        name, _, far = max(subsets, key=lambda subset: abs(subset[2].value - 0.5))
        sentence += f"; from {len(subsets)} subsets the farthest is {name}: {far}"
    by_subset = [{"subset": name, "pairs": n, "auc": one._asdict()} for name, n, one in subsets]
    return Item(
        "length", title, sentence, severity,
        figures={"auc": auc._asdict(), "by_subset": by_subset},
        advice="read effects with length controlled, as they are by default"
        if severity != "ok" else "",
    )  # fmt: skip


def _subset_aucs(
    data: Checked, rows: Ints, length: Floats, rng: np.random.Generator
) -> list[tuple[str, int, Auc]]:
    """Return name, pairs and AUC of every subset in which it can be measured."""
    if "subset" not in data.pairs.columns:
        return []
    part = data.pairs.select("subset", source_row=pl.int_range(pl.len()))[rows.tolist()]
    try:
        subsets = column_subsets(part, pl.DataFrame({"source_row": [], "row": []}), "subset")
    except ConfigError:  # more values than name groups
        return []
    aucs = []
    for number, name in enumerate(subsets.names):
        inside = subsets.member == number
        auc = _auc(length[inside], data, rows[inside], rng)
        if auc is not None:
            aucs.append((name, int(inside.sum()), auc))
    return aucs


def _formatting(
    data: Checked, rows: Ints, sides: list[list[str]], rng: np.random.Generator
) -> Item:
    title = "Formatting alone"
    label = data.label[rows]
    component = np.unique(data.component[rows], return_inverse=True)[1].astype(np.int64)
    folds = fold_numbers(component, 5, rng)
    if folds is None or (label != 0.5).sum() < MIN_DECIDED:
        return Item("formatting", title, "Not measured: too few decided pairs or prompts")
    concepts = [concept for concept in load_concepts() if concept.id in FORMATTING]
    a, b = (measure_concepts(concepts, side).toarray().astype(np.float64) for side in sides)
    columns = a - b
    columns = np.sign(columns) * np.log1p(np.abs(columns))
    columns = columns[:, columns.any(axis=0)]
    if columns.shape[1] == 0:
        return Item("formatting", title, "The two responses are formatted alike in every pair")
    columns = columns / np.sqrt(np.square(columns).mean(axis=0))
    weight = np.ones(len(rows))
    score = out_of_fold_scores(columns, columns[:, :0], label, weight, component, folds, rng)
    auc = _auc(score, data, rows, rng)
    if auc is None:
        return Item("formatting", title, "Not measured: the interval could not be drawn")
    severity = _severity(auc.low - 0.5)  # out of fold, less than .5 predicts nothing
    return Item(
        "formatting", title,
        f"Lists, headers, bold, code, emoji, links and the like predict with AUC {auc}",
        severity, figures={"auc": auc._asdict()},
        advice="control for it, and read the effects of formatting" if severity != "ok" else "",
        setting=("control", "style") if severity != "ok" else None,
    )  # fmt: skip


def _severity(sure: float) -> Severity:
    """Grade by how far from chance the nearer end of the interval is."""
    return graded(sure, 0.0, 0.05, 0.2)
