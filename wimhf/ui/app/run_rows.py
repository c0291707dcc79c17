"""Tables shaped for the pages: pure functions of a run's tables, no arithmetic in pages.

Pages that show no text load none: what is needed of ``codes.parquet`` and ``pairs.parquet`` is
scanned by column, and texts are fetched for the few pairs that are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import polars as pl

from wimhf.errors import RunError
from wimhf.run import Run

Row = dict[str, Any]
CHIPS = ("significant", "understood", "concern", "rewarded", "penalised")
"""Filters of the feature table; several narrow it together."""
SORTS = {
    "strongest first": lambda row: -abs(row["effect"] or 0),
    "most rewarded": lambda row: -(row["effect"] or 0),
    "most penalised": lambda row: row["effect"] or 0,
    "surest (q)": lambda row: 1.0 if row["q"] is None else row["q"],
    "most prevalent": lambda row: -row["prevalence"],
    "best understood": lambda row: -(row["fidelity"] or -1),
    "number": lambda row: row["feature"],
}
MARGINS = ("length", "position", "contradictions")
"""Checks that belong beside the alerts even where they are only worth knowing."""


# -- features ----------------------------------------------------------------------------------


def concerned(preference: Row) -> dict[int, Row]:
    """Return the alerts of a run by feature."""
    return {alert["feature"]: alert for alert in preference.get("alerts", ())}


def filtered(
    rows: Sequence[Row], show: Collection[str], find: str, sort: str, concerns: Collection[int]
) -> list[Row]:
    """Return the feature rows that pass all filters, in order, muted ones last.

    Parameters
    ----------
    show
        Some of ``CHIPS``.
    find
        Words that must all occur in the description or be the number; case is ignored.
    sort
        One of ``SORTS``; anything else keeps the order.
    concerns
        Features with an alert.
    """
    words = find.casefold().split()
    kept = [
        row
        for row in rows
        if all(_passes(row, chip, concerns) for chip in show)
        and all(_found(row, word) for word in words)
    ]
    kept = sorted(kept, key=SORTS[sort]) if sort in SORTS else kept
    return sorted(kept, key=lambda row: bool(row.get("muted")))


def _passes(row: Row, chip: str, concerns: Collection[int]) -> bool:
    verdict = row["verdict"]
    passes = {
        "significant": verdict in ("rewarded", "punished"),
        "understood": bool(row["understood"]),
        "concern": row["feature"] in concerns,
        "rewarded": verdict == "rewarded",
        "penalised": verdict == "punished",
    }
    return bool(passes.get(chip, True))


def _found(row: Row, word: str) -> bool:
    text = f"{row['label']} {row.get('short') or ''}".casefold()
    return word in text or word.lstrip("#") == str(row["feature"])


VERDICTS = {
    "rewarded": "▲ rewarded", "punished": "▼ penalised", "unclear": "○ no clear effect",
    "unknown": "– no estimate",
}  # fmt: skip


def feature_frame(rows: Sequence[Row], concerns: Collection[int]) -> pl.DataFrame:
    """Return the feature table as it is shown, one row per feature."""
    return pl.DataFrame(
        {
            "No.": [row["feature"] for row in rows],
            "The side with more of it …": [
                ("⚠ " if row["feature"] in concerns else "") + row["label"] for row in rows
            ],
            "Labels": [VERDICTS[row["verdict"]] for row in rows],
            "Effect": [row["effect"] for row in rows],
            "95% interval": [
                "" if row["effect_low"] is None
                else f"{row['effect_low']:+.0f} to {row['effect_high']:+.0f}".replace("-", "−")
                for row in rows
            ],
            "Raw": [raw_effect(row) for row in rows],
            "q": [row["q"] for row in rows],
            "Prevalence": [100 * row["prevalence"] for row in rows],
            "Fidelity": [row["fidelity"] for row in rows],
            "Stability": [row["stability"] for row in rows],
            "Selected": [
                None if row["selection_frequency"] is None else 100 * row["selection_frequency"]
                for row in rows
            ],
        },
        schema_overrides={
            name: pl.Float64
            for name in ("Effect", "Raw", "q", "Prevalence", "Fidelity", "Stability", "Selected")
        },
    )  # fmt: skip


def raw_effect(row: Row) -> float | None:
    """Return the effect in points with nothing held: what the win rate says by itself."""
    return None if row["win_rate"] is None else 2 * (row["win_rate"] - 50)


def measured(rows: Sequence[Row], count: int) -> list[Row]:
    """Return the understood features that tell apart the most pairs."""
    understood = [row for row in rows if row["understood"]]
    return sorted(understood, key=lambda row: (-row["prevalence"], row["feature"]))[:count]


def neighbours(rows: Sequence[Row], feature: int) -> tuple[int | None, int | None]:
    """Return the features before and behind one in the order of the table."""
    order = [row["feature"] for row in rows]
    if feature not in order:
        return None, None
    at = order.index(feature)
    return order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None


def subset_rows(run: Run, feature: int) -> list[Row]:
    """Return a feature's effects within subsets, those that could be estimated first."""
    table = run.subset_effects.filter(pl.col("feature") == feature)
    return sorted(table.to_dicts(), key=lambda row: row["effect"] is None)


# -- the data ----------------------------------------------------------------------------------


def health_items(health: Row) -> tuple[list[Row], list[Row]]:
    """Return the findings about the data that need a look, the worst first, and the others."""
    items = [item for group in health["groups"].values() for item in group]
    rank = {"serious": 0, "warning": 1, "note": 2, "ok": 3}
    items.sort(key=lambda item: rank[item["severity"]])
    open_ = [
        item
        for item in items
        if rank[item["severity"]] < 2 or (item["severity"] == "note" and item["id"] in MARGINS)
    ]
    return open_, [item for item in items if item not in open_]


def label_rows(run: Run) -> list[Row]:
    """Return how many pairs have which label, for a chart."""
    label = pl.col("label")
    kinds = {
        "A preferred": label == 1, "B preferred": label == 0, "tie": label == 0.5,
        "graded towards A": label.is_between(0.5, 1, closed="none"),
        "graded towards B": label.is_between(0, 0.5, closed="none"),
        "no label": label.is_null(),
    }  # fmt: skip
    counts = scan(run, "pairs.parquet").select(
        *(kind.fill_null(name == "no label").sum().alias(name) for name, kind in kinds.items())
    )
    found = counts.collect().row(0, named=True)
    total = max(sum(found.values()), 1)
    return [
        {"label": name, "pairs": count, "share": count / total}
        for name, count in found.items()
        if count
    ]


def length_rows(run: Run, bins: int = 24) -> list[Row]:
    """Return how long preferred and other responses are: shares by length in characters.

    Bins are even in the logarithm; pairs without a decided label are left out.
    """
    lengths = (
        scan(run, "pairs.parquet")
        .filter(pl.col("label").is_not_null() & (pl.col("label") != 0.5))
        .select(
            a=pl.col("response_a").str.len_chars(), b=pl.col("response_b").str.len_chars(),
            first=pl.col("label") > 0.5,
        )
        .collect()
    )  # fmt: skip
    if lengths.is_empty():
        return []
    a, b, first = (lengths[name].to_numpy() for name in ("a", "b", "first"))
    sides = {"preferred": np.where(first, a, b), "other": np.where(first, b, a)}
    top = max(int(a.max()), int(b.max()), 10)
    edges = np.unique(np.geomspace(1, top + 1, bins + 1).round().astype(int))
    rows: list[Row] = []
    for name, values in sides.items():
        counts, _ = np.histogram(np.maximum(values, 1), edges)
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
            rows.append({
                "response": name, "low": int(low), "high": int(high), "pairs": int(count),
                "share": float(count / len(values)),
            })  # fmt: skip
    return rows


def scan(run: Run, name: str) -> pl.LazyFrame:
    """Return one of the run's Parquet files, of which only what is asked for is read.

    Raises
    ------
    RunError
        If the run has not come that far.
    """
    path = run.path / name
    if not path.is_file():
        raise RunError(
            f"{run.path} has no {name}: the analysis has not come that far; "
            "run the same `wimhf analyze` again to finish it"
        )
    return pl.scan_parquet(path, glob=False)
