"""Kinds of prompt: how behaviour moved where something is asked for, beside where it is not."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats, Ints, Stream, stream
from wimhf.data import MIN_PAIRS
from wimhf.run import ASKED, Run
from wimhf.stats import predicted_share, shift_contrasts, with_q

MOST_KINDS = 20
KIND_COLUMNS: dict[str, pl.DataType] = {
    "kind": pl.String(), "pairs": pl.Int64(), "explained": pl.Float64(),
    "explained_low": pl.Float64(), "explained_high": pl.Float64(),
}  # fmt: skip
"""What is asked for, in how many pairs, and R2 of the shifts there on the predicted ones."""
BY_KIND_COLUMNS: dict[str, pl.DataType] = {
    "kind": pl.String(), "id": pl.String(), "title": pl.String(), "there": pl.Float64(),
    "elsewhere": pl.Float64(), "difference": pl.Float64(), "low": pl.Float64(),
    "high": pl.Float64(), "p": pl.Float64(), "q": pl.Float64(),
}  # fmt: skip
"""Shifts in points of the pairs of a kind and of the others; q over all kinds and concepts."""


def prompt_kinds(run: Run, rows: Ints) -> dict[str, NDArray[np.bool_]]:
    """Return the kinds of prompt of some pairs: by a description, (n,) which pairs it holds in.

    What the bank finds in prompts, and the subsets by which the run was divided; those that at
    least 50 pairs are of and 50 are not, the most even ones.
    """
    n = len(run.pair_table)
    found: dict[str, NDArray[np.bool_]] = {}
    asked = run.table(ASKED)
    for number, (concept, _) in enumerate(run.concepts.asked):
        member = np.zeros(n, dtype=np.bool_)
        member[asked.filter(pl.col("concept") == number)["pair"].to_numpy()] = True
        found[f"the prompt {concept.more}"] = member[rows]
    saved = run.folder.read_json("subsets.json")
    subset = run.table("subsets.parquet")["subset"].to_numpy()
    for number, name in enumerate(saved["names"]):
        said = {"asked": f"the prompt {name}", "prompts": f"the prompt is of the kind {name}"}
        named = said.get(saved["by"], f"{saved['by']} is {name}")
        found.setdefault(named, (subset == number)[rows])
    smaller = {name: int(min(own.sum(), len(own) - own.sum())) for name, own in found.items()}
    kept = sorted((name for name in found if smaller[name] >= MIN_PAIRS), key=lambda k: -smaller[k])
    return {name: found[name] for name in kept[:MOST_KINDS]}


def shifts_by_kind(
    run: Run, rows: Ints, known: pl.DataFrame, leads: Floats, predicted: Floats
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return KIND_COLUMNS and BY_KIND_COLUMNS of the pairs of two models.

    Parameters
    ----------
    rows
        (n,) the pairs' rows in the run.
    known
        ``id`` and ``title`` of the concepts (m,).
    leads
        (n, m) as in ``stats.observed_shifts``.
    predicted
        (m,) shifts that preferences predict.
    """
    component = run.pair_table["component"].to_numpy()[rows]
    kinds, tables = [], []
    for kind, inside in prompt_kinds(run, rows).items():
        rng = stream(run.config.seed, Stream.COMPARISON)
        share = predicted_share(predicted, leads[inside], component[inside], rng)
        kinds.append({
            "kind": kind, "pairs": int(inside.sum()), "explained": share["value"],
            "explained_low": share["low"], "explained_high": share["high"],
        })  # fmt: skip
        difference, reach, p = shift_contrasts(leads, inside, component)
        tables.append(known.select("id", "title").with_columns(
            pl.lit(kind).alias("kind"),
            pl.Series("there", 100 * leads[inside].mean(axis=0)),
            pl.Series("elsewhere", 100 * leads[~inside].mean(axis=0)),
            pl.Series("difference", difference), pl.Series("low", difference - reach),
            pl.Series("high", difference + reach), pl.Series("p", p),
        ))  # fmt: skip
    if not tables:
        return pl.DataFrame(schema=KIND_COLUMNS), pl.DataFrame(schema=BY_KIND_COLUMNS)
    together = with_q(pl.concat(tables)).select(list(BY_KIND_COLUMNS))
    return pl.DataFrame(kinds, schema=KIND_COLUMNS), together
