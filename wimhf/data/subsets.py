"""Subsets of the pairs, by a column or by what their prompts are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Floats32, Ints
from wimhf.data.dates import months
from wimhf.data.source_rows import Json, SourceRows
from wimhf.errors import ConfigError
from wimhf.stats import Subsets, no_subsets

MIN_PAIRS = 50
"""A subset with fewer pairs is left out: no effect could be told apart from chance in it."""
MOST = 12
"""Subsets that are compared, the largest."""
MOST_VALUES = 500
"""A column with more distinct values does not name groups."""
CLUSTER_PROMPTS = 300
"""Prompts per cluster that decide how many clusters are made."""
FITTED = 20_000
"""Prompts that place the cluster centres; the others join the nearest."""


def column_subsets(pairs: pl.DataFrame, source_rows: pl.DataFrame, name: str) -> Subsets:
    """Divide pairs by a column of the pair table or of the source.

    Dates and timestamps are grouped by month, see ``months``, and stand in the order of time.

    Raises
    ------
    ConfigError
        If there is no such column, or it does not name groups.
    """
    values = _pair_values(pairs, name)
    if values is None:
        values = _source_values(pairs, source_rows, name)
    dated = months(name, values)
    if dated is None:
        return value_subsets(values, name)
    found = value_subsets(dated, name)
    order = sorted(range(len(found.names)), key=lambda at: found.names[at])
    place = {number: at for at, number in enumerate(order)} | {-1: -1}
    member = np.array([place[number] for number in found.member.tolist()], dtype=np.int64)
    notes = [*found.notes, f"{name} holds dates, so pairs are grouped by month"]
    return replace(found, names=[found.names[at] for at in order], member=member, notes=notes)


def value_subsets(values: Sequence[str | None], name: str, called: str = "") -> Subsets:
    """Divide pairs by a value of each (n,), None where it has none.

    Parameters
    ----------
    called
        What the values are, in the plural, where ``name`` is no column of the data.

    Raises
    ------
    ConfigError
        If there are too many values to name groups.
    """
    counts = Counter(value for value in values if value is not None)
    if len(counts) > MOST_VALUES:
        raise ConfigError(
            f"column {name!r} has {len(counts):,} distinct values; give one that names groups "
            f"(at most {MOST_VALUES})"
        )
    kept = [v for v, n in sorted(counts.items(), key=lambda c: (-c[1], c[0])) if n >= MIN_PAIRS]
    kept, notes = kept[:MOST], []
    called = called or f"values of {name}"
    if len(counts) > len(kept):
        notes.append(
            f"{len(counts) - len(kept):,} of {len(counts):,} {called} are left out: "
            f"fewer than {MIN_PAIRS} pairs, or not among the {MOST} largest"
        )
    if len(kept) < 2:
        reason = f"fewer than two {called} have {MIN_PAIRS} pairs"
        return no_subsets(len(values), reason, name)
    number = {value: i for i, value in enumerate(kept)}
    member = np.array([number.get(v, -1) if v is not None else -1 for v in values], dtype=np.int64)
    return Subsets(name, kept, member, notes=notes)


def _pair_values(pairs: pl.DataFrame, name: str) -> list[str | None] | None:
    if name not in ("subset", "annotator", "model_a", "model_b") or name not in pairs.columns:
        return None
    values: list[str | None] = pairs[name].cast(pl.String).to_list()
    return values


def _source_values(pairs: pl.DataFrame, source_rows: pl.DataFrame, name: str) -> list[str | None]:
    source = SourceRows(source_rows)
    groups = {row: _group(value) for row, value in source.values(name).items()}
    if all(group is None for group in groups.values()):
        raise ConfigError(
            f"{name!r} is no column of groups; give prompts, none, or one of: "
            f"{', '.join(sorted(source.names)[:20])}"
        )
    return [groups.get(row) for row in pairs["source_row"].to_list()]


def _group(value: Json) -> str | None:
    if value is None or isinstance(value, (list, dict)) or value == "":
        return None
    return str(value)


def cluster_prompts(vectors: Floats32, count: int | None, rng: np.random.Generator) -> Ints:
    """Return the k-means cluster (u,) of every prompt, the largest cluster first.

    Parameters
    ----------
    vectors
        (u, d) embeddings of unique prompts.
    count
        Clusters; None makes one for every 300 prompts, between 2 and 8.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    n = len(vectors)
    count = count or int(np.clip(n // CLUSTER_PROMPTS, 2, 8))
    fitted = vectors if n <= FITTED else vectors[np.sort(rng.choice(n, FITTED, replace=False))]
    model = KMeans(count, n_init=4, random_state=int(rng.integers(2**31)))
    with threadpool_limits(1):  # sums in a fixed order, so that a repeated run has the same bytes
        cluster = model.fit(fitted).predict(vectors)
    order = np.argsort(-np.bincount(cluster, minlength=count), kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    ranked: Ints = rank[cluster]
    return ranked
