"""The labels: how many, how they are spread, and whether they follow the order or a score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from scipy.special import expit

from wimhf.data.health.item import Checked, Item, Severity, amount, at_least, finding, graded
from wimhf.errors import EstimationError
from wimhf.stats import cluster_logit, effective_clusters, t_bound

MIN_PROMPTS = 10.0
FEW = 500
"""Labelled pairs below which little can be found."""
FEW_DECIDED = 10
"""Decided pairs below which one side may win them all by chance."""


def check_labels(data: Checked) -> Iterator[Item]:
    """Look at the labels."""
    yield _left_out(data)
    yield _labelled(data)
    yield _ties(data)
    yield _balance(data)
    yield _position(data)
    yield _scores(data)


def _left_out(data: Checked) -> Item:
    rows, reasons = data.rejects["source_row"].n_unique(), _counts(data.rejects["reason"])
    top = ", ".join(f"{reason} ({count:,})" for reason, count in [*reasons.items()][:4])
    severity = graded(rows / max(data.n_rows, 1), 0.0, 0.02, 0.2)
    return Item(
        "left_out", "Rows left out",
        f"{amount(rows, data.n_rows, 'rows')} were left out" + (f": {top}" if top else ""),
        severity, rows, data.n_rows, "rows",
        "a run keeps every one in rejects.parquet, with its reason" if rows else "",
        figures={"reasons": reasons},
    )  # fmt: skip


def _counts(reasons: pl.Series) -> dict[str, int]:
    table = reasons.value_counts(sort=True)
    return {str(reason): int(count) for reason, count in table.iter_rows()}


def _labelled(data: Checked) -> Item:
    missing = np.isnan(data.label)
    item = finding(
        "unlabelled", "Labels", missing, len(data.pairs), (0.0, 0.5, 1.0), "have no label",
        "if a column holds labels, name it", ("map", "label=COLUMN"),
    )  # fmt: skip
    known = len(missing) - int(missing.sum())
    if 0 < known < FEW:
        severity = at_least(item.severity, "note")
        advice = item.advice or "label more: with so few only large effects can be told from chance"
        sentence = f"{item.said}; only {known:,} have one"
        return replace(item, said=sentence, severity=severity, advice=advice)
    return item


def _ties(data: Checked) -> Item:
    known = int((~np.isnan(data.label)).sum())
    fractional = int((~np.isnan(data.label) & ~np.isin(data.label, (0.0, 0.5, 1.0))).sum())
    item = finding(
        "ties", "Ties", data.label == 0.5, known, (0.0, 0.6, 0.95), "are ties",
        "a tie is half a win for each side here; trainers that cannot hold ties will drop them",
        fractional=fractional,
    )  # fmt: skip
    more = f"; {fractional:,} labels are fractions" if fractional else ""
    return replace(item, said=item.said + more)


def _balance(data: Checked) -> Item:
    decided = data.first[~np.isnan(data.first) & (data.first != 0.5)]
    if len(decided) == 0:
        return Item("balance", "Balance of sides", "Not measured: no label is decided")
    if data.sides_drawn:
        why = "The source lists the preferred response apart; sides were drawn by a hash"
        return Item("balance", "Balance of sides", why)
    wins = int((decided > 0.5).sum())
    rarer = min(wins, len(decided) - wins) / len(decided)
    severity: Severity = "serious" if rarer == 0 else "warning" if rarer < 0.2 else "ok"
    if len(decided) < FEW_DECIDED:
        severity = "ok"
    return Item(
        "balance", "Balance of sides",
        f"The first listed response wins {100 * wins / len(decided):.0f} % of {len(decided):,} "
        "decided pairs",
        severity, wins, len(decided),
        advice="" if severity == "ok" else
        "if one of them is always the chosen one, read the file as chosen and rejected",
        setting=None if severity == "ok" else ("format", "trl"),
    )  # fmt: skip


def _position(data: Checked) -> Item:
    title, first = "Position bias", data.first
    known = ~np.isnan(first)
    if data.sides_drawn:
        return Item("position", title, "Not measured: the source's order of responses is the label")
    if not known.any() or (first[known] == first[known][0]).all():
        return Item("position", title, "Not measured: the labels do not differ")
    ones, component = np.ones((int(known.sum()), 1)), data.component[known]
    prompts = effective_clusters(ones[:, 0], ones[:, 0], component)
    try:
        fit = cluster_logit(ones, first[known], ones[:, 0], component)
        if prompts < MIN_PROMPTS:
            raise EstimationError(f"as if only {prompts:.0f} independent prompts")
    except EstimationError as error:
        return Item("position", title, f"Not measured: {error}")
    reach = t_bound(prompts) * float(np.sqrt(fit.covariance[0, 0]))
    value, low, high = (100 * float(expit(fit.beta[0] + z)) for z in (0.0, -reach, reach))
    size = max(low - 50, 50 - high)  # by the end of the interval that is nearer to chance
    clear, severity = size > 0, graded(size, 0, 5, 15)
    sentence = (
        f"The first listed response wins {value:.1f} % (95 % interval {low:.1f} to {high:.1f})"
    )
    advice = "exchange the responses at random before training, and ask judges in both orders"
    model = _always_first(data)
    if clear and model is not None:
        severity, advice = "note", "this may be how good that model is, not where it stands"
        sentence += f"; it is {model}'s in every pair"
    return Item(
        "position", title, sentence, severity, advice=advice if clear else "",
        figures={"first_wins": value, "low": low, "high": high},
    )  # fmt: skip


def _always_first(data: Checked) -> str | None:
    """Return the model whose response is listed first in every pair, if one is."""
    if not {"model_a", "model_b"} <= set(data.pairs.columns):
        return None
    first = pl.when("swapped").then("model_b").otherwise("model_a")
    models = data.pairs.select(first.alias("model"))["model"].unique()
    return str(models[0]) if len(models) == 1 and models[0] is not None else None


def _scores(data: Checked) -> Item:
    title = "Scores against labels"
    if "strength" not in data.pairs.columns:
        return Item("score_conflicts", title, "Not looked at: the source has no scores")
    lead = data.pairs["strength"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    decided = ~np.isnan(lead) & ~np.isnan(data.label) & (data.label != 0.5)
    return finding(
        "score_conflicts", title, decided & (lead < 0), int(decided.sum()), (0.0, 0.01, 0.1),
        "with a score prefer the response that scores lower",
        "decide which of the two is right, the label or the score",
        equal=int((decided & (lead == 0)).sum()),
    )  # fmt: skip
