"""The annotators: how many labels each gave, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from wimhf.base import Ints, Stream, stream
from wimhf.data.health.item import Checked, Item, Severity
from wimhf.data.votes import pair_votes
from wimhf.stats import Interval, pairwise_agreement, percentile_interval

DRAWS = 500
MIN_SHARED = 20
"""Pairs that an annotator must share with others before they are compared."""
FAR = 0.15
"""Agreement this much below the others' is far."""


def check_annotators(data: Checked) -> Iterator[Item]:
    """Look at who labelled what."""
    if "annotator" not in data.pairs.columns:
        yield Item("annotators", "Annotators", "Not looked at: the source names no annotators")
        return
    labels = data.pairs.with_row_index("row").filter(
        pl.col("annotator").is_not_null() & pl.col("label").is_not_null()
    )
    votes = pair_votes(labels)
    yield _labels_each(labels)
    yield _agreement(data, votes)
    yield _far(labels, votes)


def _labels_each(labels: pl.DataFrame) -> Item:
    counts = labels["annotator"].value_counts(sort=True)["count"].to_numpy()
    if len(counts) == 0:
        return Item("annotators", "Annotators", "No labelled pair names its annotator")
    largest = float(counts[0] / counts.sum())
    few = int((counts < 10).sum())
    sentence = (
        f"{len(counts):,} annotators gave {int(counts.sum()):,} labels, {int(counts[-1]):,} to "
        f"{int(counts[0]):,} each (median {int(np.median(counts)):,})"
    )
    uneven = (largest > 0.5 and len(counts) > 1) or few > len(counts) / 2
    severity: Severity = "note" if uneven else "ok"
    return Item(
        "annotators", "Annotators", sentence, severity,
        figures={"annotators": len(counts), "median": float(np.median(counts)),
                 "fewest": int(counts[-1]), "most": int(counts[0]), "under_10": few},
        advice="" if severity == "ok" else
        "preferences of single annotators are uncertain where labels are few",
    )  # fmt: skip


def _agreement(data: Checked, votes: pl.DataFrame) -> Item:
    title = "Agreement"
    shared = votes.filter(pl.len().over("unit") > 1)
    units = shared["unit"].n_unique()
    if units < MIN_SHARED:
        why = f"Not measured: {units} pairs were judged by two annotators or more"
        return Item("agreement", title, why)
    number = shared["unit"].rank("dense").cast(pl.Int64).to_numpy() - 1
    vote = shared["vote"].to_numpy()
    alpha = krippendorff(number, vote, stream(data.seed, Stream.HEALTH_ANNOTATORS))
    if alpha.low is None:
        return Item("agreement", title, f"Not measured: votes on the {units:,} pairs hardly differ")
    kappa = _mean_kappa(shared)
    severity: Severity = "ok" if alpha.low >= 0.6 else "note" if alpha.low >= 0.4 else "warning"
    interval = f"{alpha.value:.2f} ({alpha.low:.2f} to {alpha.high:.2f})"
    return Item(
        "agreement", title,
        f"Krippendorff's alpha is {interval} on {units:,} pairs that several judged"
        + (f", mean Cohen's kappa of two annotators {kappa:.2f}" if kappa is not None else ""),
        severity, figures={"alpha": alpha.to_dict(), "kappa": kappa, "shared_pairs": units},
        advice="" if severity == "ok" else
        "look at the pairs they disagree on: the question may be unclear, or tastes differ",
    )  # fmt: skip


def krippendorff(unit: Ints, vote: Ints, rng: np.random.Generator) -> Interval:
    """Return Krippendorff's alpha for nominal votes, its interval from resampled units.

    Parameters
    ----------
    unit
        (v,) number of what was judged, from 0; units with one vote do not count.
    vote
        (v,) category from 0.
    """
    counts = np.zeros((int(unit.max()) + 1, int(vote.max()) + 1))
    np.add.at(counts, (unit, vote), 1)
    counts = counts[counts.sum(axis=1) > 1]
    each = counts.sum(axis=1, keepdims=True)
    # within-unit disagreements and the totals by category: all that alpha needs of a unit
    apart = ((each * counts - counts**2).sum(axis=1) / (each[:, 0] - 1))[:, None]
    parts = np.hstack([apart, counts])
    times = rng.multinomial(len(parts), np.full(len(parts), 1 / len(parts)), size=DRAWS)
    totals = np.vstack([np.ones(len(parts)), times]) @ parts
    n = totals[:, 1:].sum(axis=1)
    expected = (n**2 - np.square(totals[:, 1:]).sum(axis=1)) / np.maximum(n - 1, 1)
    alpha = 1 - np.divide(totals[:, 0], expected, out=np.full(len(n), np.nan), where=expected > 0)
    return percentile_interval(alpha)


def _mean_kappa(shared: pl.DataFrame) -> float | None:
    """Return Cohen's kappa averaged over pairs of annotators, by the pairs they share."""
    names = shared["annotator"].value_counts(sort=True)["annotator"].to_list()
    number = {name: at for at, name in enumerate(names)}
    unit = shared["unit"].rank("dense").cast(pl.Int64).to_numpy() - 1
    who = np.array([number[name] for name in shared["annotator"].to_list()], dtype=np.int64)
    table = pairwise_agreement(unit, who, shared["vote"].to_numpy(), unit).drop_nulls("kappa")
    if table.is_empty():
        return None
    return float(np.average(table["kappa"].to_numpy(), weights=table["shared"].to_numpy()))


def _far(labels: pl.DataFrame, votes: pl.DataFrame) -> Item:
    """Find annotators who agree with the others' votes less than others do."""
    title = "Annotators far from the rest"
    rates = _rates(votes)
    if len(rates) < 3:
        why = f"Not looked at: fewer than three annotators share {MIN_SHARED} pairs with others"
        return Item("far_annotators", title, why)
    agreement, shared = rates["agreement"].to_numpy(), rates["pairs"].to_numpy()
    middle = float(np.median(agreement))
    reach = np.maximum(FAR, 3 * np.sqrt(middle * (1 - middle) / shared))
    far = rates.filter(middle - agreement > reach)
    shown = ", ".join(
        f"{name} ({100 * share:.0f} %)"
        for name, share in far.select("annotator", "agreement").head(5).iter_rows()
    )
    rows = labels.filter(pl.col("annotator").is_in(far["annotator"].to_list()))["row"]
    return Item(
        "far_annotators", title,
        f"{len(far)} of {len(rates)} annotators agree with others far less than the median "
        f"({100 * middle:.0f} %)" + (f": {shown}" if len(far) else ""),
        "warning" if len(far) else "ok", len(far), len(rates), "annotators",
        "look at their labels; leave them out or weight them down" if len(far) else "",
        rows=rows.cast(pl.Int64).to_numpy(), figures={"rates": rates.head(50).to_dicts()},
    )  # fmt: skip


def _rates(votes: pl.DataFrame) -> pl.DataFrame:
    """Return each annotator's agreement with the others' votes, the least first."""
    return (
        votes.with_columns(
            others=pl.len().over("unit").cast(pl.Int64) - 1,
            alike=pl.len().over("unit", "vote").cast(pl.Int64) - 1,
        )
        .filter(pl.col("others") > 0).group_by("annotator")
        .agg(pairs=pl.len(), agreement=pl.col("alike").sum() / pl.col("others").sum())
        .filter(pl.col("pairs") >= MIN_SHARED).sort("agreement", "annotator")
    )  # fmt: skip
