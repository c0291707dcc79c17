"""What a model trained on the curated labels would prefer, on pairs the user names.

The relabelling experiment of arXiv 2510.26202 as one call: a probe is fitted to the source's
labels and another to the curated ones, on the same embeddings, and both judge held-out pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import polars as pl

from wimhf.base import Event, Floats, Floats32, Ints, Progress, ReadConfig, silent
from wimhf.curate.replay import Change
from wimhf.curate.state import State
from wimhf.data import pair_components, read_pairs
from wimhf.errors import EditError
from wimhf.learn import Encoder
from wimhf.run import differences, encoder_of, new_differences
from wimhf.stats import (
    RIDGE,
    ComparedAuc,
    HeldOut,
    Labels,
    Preferred,
    compare_states,
    fit_probe,
    preferences_of,
)


class Evaluation(TypedDict):
    """What probes of the source's and of the curated labels prefer: see ``evaluate``."""

    source: str
    held_out: Preferred
    left_out: dict[str, int]
    general: ComparedAuc


def evaluate(
    state: State,
    source: ReadConfig,
    after: pl.DataFrame,
    planned: Sequence[Change] = (),
    encoder: Encoder | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Compare what probes of the source's and of curated labels prefer on held-out pairs.

    Parameters
    ----------
    source
        Pairs whose labels are what should be preferred, in any format that can be read.
    after
        The run's curated pairs.
    planned
        Rules that are taken as applied in them.
    encoder
        Your own, where the run was made with one.

    Returns
    -------
    Evaluation
        ``held_out``: per probe how often it prefers the labelled side, with intervals, and the
        difference; ``general``: out-of-fold AUC of either on the pairs that no edit could reach;
        ``left_out``: held-out pairs that stand in the run, too, by prompt or as they are.

    Raises
    ------
    EditError
        If nothing of the source is held out, or no edit is in force.
    """
    run = state.run
    held, left_out = _held_out(run.pair_table, source, progress)
    before, becomes = Labels.of(state.source), Labels.of(after)
    _check_decided(before, "the source")
    _check_decided(becomes, "the edits")
    train, component = differences(run), run.pair_table["component"].to_numpy()
    progress(Event("evaluate", message=f"embedding {len(held):,} held-out pairs"))
    new = new_differences(run, held, encoder_of(run, encoder), progress)
    progress(Event("evaluate", message="training a probe before and after"))
    seed = run.config.seed
    fitted = {
        name: fit_probe(train, labels, component, seed)
        for name, labels in (("before", before), ("after", becomes))
    }
    judged = preferences_of(fitted, _judges(held, new, run.config.split.group))
    reached = state.reached(planned)

    def design(rows: Ints) -> tuple[Floats, Ints]:
        columns = train[rows].astype(np.float64)
        size = float(np.sqrt(np.square(columns).mean())) or 1.0
        return columns / size, np.full(columns.shape[1], RIDGE)

    return {
        "source": source.source,
        "held_out": judged,
        "left_out": left_out,
        "general": compare_states(design, before, becomes, reached, component, seed),
    }


def _check_decided(labels: Labels, name: str) -> None:
    if not (labels.used & (labels.label != 0.5)).any():
        raise EditError(f"no pair has a decided label after {name}; there is nothing to train on")


def _judges(pairs: pl.DataFrame, differences: Floats32, group: str) -> HeldOut:
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    component, _ = pair_components(pairs, group)
    return HeldOut(differences, label, pairs["weight"].to_numpy(), component)


def _held_out(
    pairs: pl.DataFrame, source: ReadConfig, progress: Progress
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Read held-out pairs and leave out those whose prompt or responses the run was trained on."""
    found = read_pairs(source, progress).pairs
    decided = found.filter(pl.col("label").is_not_null() & (pl.col("label") != 0.5))
    texts = pl.concat([pairs["response_a"], pairs["response_b"]])
    known = decided.select(
        prompt=pl.col("prompt").is_in(pairs["prompt"].implode()) & (pl.col("prompt") != ""),
        same=pl.all_horizontal(pl.col("response_a", "response_b").is_in(texts.implode())),
    )
    seen = known["prompt"] | known["same"]
    kept = decided.filter(~seen)
    if kept.is_empty():
        raise EditError(
            f"{source.source} holds no decided pair that the run was not made from: "
            f"{len(found):,} pairs, {len(decided):,} decided, {int(seen.sum()):,} with a prompt or "
            "responses of the run; give pairs that were kept apart"
        )
    return kept, {"undecided": len(found) - len(decided), "in the run, too": int(seen.sum())}
