"""The annotators: how many labels each gave, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.health.base import Checked, Item
from wimhf.stats import Interval, percentile_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
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
    votes = _votes(data)
    yield _labels_each(votes)
    yield _agreement(data, votes)
    yield _far(data, votes)


def _votes(data: Checked) -> pl.DataFrame:
    """Return one row per label: what was judged, by whom, and which text won (0 for a tie)."""
    low = pl.col("response_a") <= pl.col("response_b")
    toward = pl.when(low).then("label").otherwise(1 - pl.col("label"))
    return (
        data.pairs.with_row_index("row")
        .filter(
            pl.col("annotator").is_not_null()
            & pl.col("label").is_not_null()
            & (pl.col("response_a") != pl.col("response_b"))
        )
        .select(
            "row", "annotator", unit=pl.col("pair_id").str.head(16),
            vote=toward.sub(0.5).sign().cast(pl.Int64) + 1,
        )
        .unique(["unit", "annotator"], keep="first", maintain_order=True)
    )  # fmt: skip


def _labels_each(votes: pl.DataFrame) -> Item:
    counts = votes["annotator"].value_counts(sort=True)["count"].to_numpy()
    if len(counts) == 0:
        return Item("annotators", "Annotators", "No labelled pair names its annotator")
    largest = float(counts[0] / counts.sum())
    few = int((counts < 10).sum())
    said = (
        f"{len(counts):,} annotators gave {int(counts.sum()):,} labels, {int(counts[-1]):,} to "
        f"{int(counts[0]):,} each (median {int(np.median(counts)):,})"
    )
    severity = "note" if (largest > 0.5 and len(counts) > 1) or few > len(counts) / 2 else "ok"
    return Item(
        "annotators", "Annotators", said, severity,
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
        said = f"Not measured: {units} pairs were judged by two annotators or more"
        return Item("agreement", title, said)
    number = shared["unit"].rank("dense").cast(pl.Int64).to_numpy() - 1
    vote = shared["vote"].to_numpy()
    alpha = krippendorff(number, vote, np.random.default_rng([data.seed, 13]))
    kappa = _mean_kappa(shared)
    low = alpha.low if alpha.low is not None else 0.0
    severity = "ok" if low >= 0.6 else "note" if low >= 0.4 else "warning"
    told = (
        f"{alpha.value:.2f} ({alpha.low:.2f} to {alpha.high:.2f})" if alpha.low is not None else "-"
    )
    return Item(
        "agreement", title,
        f"Krippendorff's alpha is {told} on {units:,} pairs that several judged"
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
    from sklearn.metrics import cohen_kappa_score

    names = shared["annotator"].value_counts(sort=True).head(30)["annotator"].to_list()
    wide = shared.filter(pl.col("annotator").is_in(names)).pivot(
        "annotator", index="unit", values="vote"
    )
    kappas, weights = [], []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            both = wide.select(one, other).drop_nulls()
            if len(both) < MIN_SHARED or both[one].n_unique() + both[other].n_unique() < 3:
                continue
            kappas.append(float(cohen_kappa_score(both[one], both[other])))
            weights.append(len(both))
    return float(np.average(kappas, weights=weights)) if kappas else None


def _far(data: Checked, votes: pl.DataFrame) -> Item:
    """Find annotators who agree with the others' votes less than others do."""
    title = "Annotators far from the rest"
    joined = votes.join(votes, on="unit", suffix="_other").filter(
        pl.col("annotator") != pl.col("annotator_other")
    )
    rates: list[dict[str, Any]] = []
    for (name,), part in joined.group_by("annotator", maintain_order=True):
        units = part["unit"].n_unique()
        if units >= MIN_SHARED:
            agree = float(np.mean(part["vote"].to_numpy() == part["vote_other"].to_numpy()))
            rates.append({"annotator": str(name), "pairs": units, "agreement": agree})
    if len(rates) < 3:
        said = f"Not looked at: fewer than three annotators share {MIN_SHARED} pairs with others"
        return Item("far_annotators", title, said)
    middle = float(np.median([rate["agreement"] for rate in rates]))
    far = [
        rate for rate in rates
        if middle - rate["agreement"]
        > max(FAR, 3 * np.sqrt(middle * (1 - middle) / rate["pairs"]))
    ]  # fmt: skip
    names = {rate["annotator"] for rate in far}
    rows = votes.filter(pl.col("annotator").is_in(list(names)))["row"].cast(pl.Int64).to_numpy()
    shown = ", ".join(f"{r['annotator']} ({100 * r['agreement']:.0f} %)" for r in far[:5])
    return Item(
        "far_annotators", title,
        f"{len(far)} of {len(rates)} annotators agree with others far less than the median "
        f"({100 * middle:.0f} %)" + (f": {shown}" if far else ""),
        "warning" if far else "ok", len(far), len(rates), "annotators",
        "look at their labels; leave them out or weight them down" if far else "",
        rows=np.sort(rows), figures={"rates": sorted(rates, key=lambda r: r["agreement"])[:50]},
    )  # fmt: skip
