"""How the data stand: as the source has them, or as the edits in force leave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from wimhf.base import Progress, silent
from wimhf.curate.state import State
from wimhf.data import is_changed
from wimhf.run import AuditRow, Feature, Run
from wimhf.stats import EFFECTS, Effects

FLAGGED = "health_pairs.parquet"
NOT_MEASURED_ANEW: dict[str, Any] = dict.fromkeys((
    "raw_effect", "shrunk", "shrunk_low", "shrunk_high", "joint_effect", "joint_low", "joint_high",
    "suppressed", "heterogeneity_p", "heterogeneity_q", "flip_p", "flip_q", "flips",
))  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Numbers of one state of a run's data.

    Attributes
    ----------
    curated
        Whether they are of the curated data; else of the source.
    pairs, dropped, changed
        Pairs that are in, that edits took out, and that are not as the source has them.
    labelled, ties
        Pairs with a label, and those of them that are ties.
    flagged
        Per check of the data, how many pairs it found and how many of them are in as they were.
    features
        The features, with what the labels of this state reward.
    audit
        What they do with every concern; empty in a run of before there was an audit.
    touched
        Ids of the pairs that are not as the source has them.
    """

    curated: bool
    pairs: int
    dropped: int
    changed: int
    labelled: int
    ties: int
    flagged: Mapping[str, tuple[int, int]]
    features: tuple[Feature, ...]
    audit: list[AuditRow]
    touched: frozenset[str] = frozenset()


def source_standing(run: Run) -> Standing:
    """Return how the data stand in the source, as the analysis measured it."""
    summary = run.preference
    n = int(run.facts("read")["n_pairs"])
    counts = {name: (count, count) for name, count in _flagged(run).group_by("item").len().rows()}
    return Standing(
        curated=False, pairs=n, dropped=0, changed=0, labelled=summary["n_labelled"],
        ties=summary["n_ties"], flagged=counts, features=run.feature_rows,
        audit=run.audit if run.concepts.counted else [],
    )  # fmt: skip


def curated_standing(state: State, progress: Progress = silent) -> Standing:
    """Return how the data stand after the edits in force; every effect is measured anew.

    Which features say the same, and which speak for findings, stays as the analysis found it.
    """
    run, pairs, effects = state.run, state.curated.pairs, state.effects(progress)
    as_it_was = pairs.select(was=~is_changed()).to_series()
    rows = _flagged(run).with_columns(left=as_it_was.gather(_flagged(run)["pair"]))
    counts = rows.group_by("item").agg(pl.len().alias("all"), pl.col("left").sum())
    return Standing(
        curated=True, pairs=int(pairs["kept"].sum()), dropped=int((~pairs["kept"]).sum()),
        changed=int((~as_it_was).sum()), labelled=effects.balance["labelled"],
        ties=effects.balance["ties"],
        flagged={name: (found, left) for name, found, left in counts.rows()},
        features=_measured(run, effects), audit=state.audit(effects),
        touched=frozenset(pairs["pair_id"].filter(~as_it_was)),
    )  # fmt: skip


def _flagged(run: Run) -> pl.DataFrame:
    """Return which check found which pair: none in a run of before that was kept."""
    if not (run.path / FLAGGED).is_file():
        return pl.DataFrame(schema={"item": pl.String, "pair": pl.Int64})
    return run.table(FLAGGED)


def _measured(run: Run, effects: Effects) -> tuple[Feature, ...]:
    """Return the features with effects of another state; muted ones are not measured anew."""
    rows = {row["feature"]: row for row in effects.features.iter_rows(named=True)}
    names = (*EFFECTS, "q")
    return tuple(
        replace(feature, **{name: rows[feature.feature][name] for name in names},
                **NOT_MEASURED_ANEW)
        if feature.feature in rows else feature
        for feature in run.feature_rows
    )  # fmt: skip


def flagged_pairs(run: Run, check: str, count: int) -> pl.DataFrame:
    """Return the first pairs that a check of the data found, as the source has them."""
    rows = _flagged(run).filter(pl.col("item") == check)["pair"].head(count)
    return run.pair_table[rows.to_list()]
