"""The annotators' own reasons: whether they speak of what their labels reward."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Ints
from wimhf.concepts import Concept, speaks_of
from wimhf.data import SourceRows
from wimhf.errors import ConfigError
from wimhf.run.annotators import numbered_annotators
from wimhf.stats import MENTION_COLUMNS, mention_shares

if TYPE_CHECKING:
    from wimhf.run.feature import Feature
    from wimhf.run.run import Run

NAMES = frozenset(
    "explanation explanations reason reasons reasoning rationale rationales feedback comment "
    "comments justification justifications critique remark remarks".split()
)
"""Words of which a column of reasons has one in its name."""
SIDED = frozenset("a b 1 2 chosen rejected response prompt model system output answer".split())
"""Words of columns that speak of one response, or are not the annotator's."""
SOURCE = "source.parquet"
LOOKED_AT = 1_000
"""Source rows by which a column is judged to hold reasons."""
LEAST_TEXTS, LEAST_DISTINCT, LEAST_WORDS = 20, 5, 2.0
"""Texts, distinct ones, and words of an average one that a column found by its name has."""


@dataclass(frozen=True)
class Reasons:
    """What the annotators' reasons say of the findings.

    Attributes
    ----------
    columns
        The columns of the source that were read.
    pairs
        Labelled pairs with a reason.
    within
        Whether reasons are shuffled within annotators; else over all pairs.
    findings
        One row per finding: ``stats.MENTION_COLUMNS`` with id, description and effect.
    """

    columns: tuple[str, ...]
    pairs: int
    within: bool
    findings: pl.DataFrame


def reason_columns(run: Run) -> list[str]:
    """Return the columns of a run's source that by their names hold reasons for labels."""
    if not (run.path / SOURCE).exists():
        return []
    rows = SourceRows(run.folder.read_table(SOURCE).head(LOOKED_AT))
    found = []
    for name in sorted(rows.names - set(run.config.read.columns.values())):
        words = set(re.findall(r"[a-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
        if words & NAMES and not words & SIDED and _speaks(rows.values(name).values()):
            found.append(name)
    return found


def _speaks(values: Iterable[object]) -> bool:
    texts = [one for one in values if isinstance(one, str) and one.strip()]
    if len(texts) < LEAST_TEXTS or len(set(texts)) < LEAST_DISTINCT:
        return False
    return float(np.mean([len(text.split()) for text in texts])) >= LEAST_WORDS


def reasons_of(run: Run, columns: Sequence[str] | None = None) -> Reasons | None:
    """Return whether annotators' reasons speak of what their labels reward.

    Of every finding the pairs count in which its feature is active and the preferred response is
    the one that the finding would have preferred. A reason speaks of it if its concept is found in
    the reason, or any word of its name; the baseline is reasons shuffled within annotators, or
    over all pairs where the source names none.

    Parameters
    ----------
    columns
        Columns of the source; by default those whose names say so. None is returned where there
        are none.

    Raises
    ------
    ConfigError
        If a column is not there or holds no text.
    """
    wanted = reason_columns(run) if columns is None else list(columns)
    if not wanted:
        return None
    texts = _texts(run, wanted)
    pairs = run.pair_table
    label = pairs["label"].cast(pl.Float64).fill_null(0.5).to_numpy()
    kept = np.array([bool(text) for text in texts]) & (label != 0.5)
    rows = np.flatnonzero(kept & (pairs["weight"].to_numpy() > 0))
    findings = sorted(
        (one for one in run.feature_rows if one.finding is not None and not one.muted),
        key=lambda one: one.finding or 0,
    )
    if len(rows) == 0 or not findings:
        return Reasons(tuple(wanted), len(rows), within=False, findings=_named([], None))
    decided = np.stack([
        run.sparse_codes.together(run.poles, one.whole)[rows] * np.sign(one.effect or 0.0)
        * (label[rows] - 0.5) > 0
        for one in findings
    ], axis=1)  # fmt: skip
    spoken = _spoken(run, findings, [texts[row] for row in rows.tolist()])
    who, within = _strata(pairs, rows)
    table = mention_shares(spoken, decided, who, pairs["component"].to_numpy()[rows])
    return Reasons(tuple(wanted), len(rows), within=within, findings=_named(findings, table))


def _texts(run: Run, columns: Sequence[str]) -> list[str]:
    """Return (n,) the reasons for every pair's label, those of several columns together."""
    source, rows = SourceRows(run.folder.read_table(SOURCE)), run.pair_table["source_row"]
    parts = []
    for name in columns:
        values = source.column(name, rows)
        if not any(isinstance(value, str) and value.strip() for value in values):
            raise ConfigError(
                f"{run.path} has no texts in a column {name!r} of its source; it has "
                f"{', '.join(sorted(source.names)[:20])}"
            )
        parts.append([value.strip() if isinstance(value, str) else "" for value in values])
    return ["\n".join(filter(None, own)) for own in zip(*parts, strict=True)]


def _spoken(run: Run, findings: Sequence[Feature], texts: Sequence[str]) -> NDArray[np.bool_]:
    known: dict[str, Concept] = {one.concept.id: one.concept for one in run.concepts.features}
    names = [" ".join(filter(None, (one.short, one.description))) for one in findings]
    concepts = [known.get(one.id) if one.id else None for one in findings]
    return speaks_of(names, concepts, texts)


def _strata(pairs: pl.DataFrame, rows: Ints) -> tuple[Ints, bool]:
    who, people = numbered_annotators(pairs)
    own = who[rows]
    return own, len(people) > 0 and bool((own >= 0).any())


def _named(findings: Sequence[Feature], table: pl.DataFrame | None) -> pl.DataFrame:
    numbers = [one.feature for one in findings]
    base = pl.DataFrame(schema=MENTION_COLUMNS) if table is None else table
    return base.with_columns(
        pl.Series("feature", numbers, dtype=pl.Int64),
        pl.Series("id", [one.id for one in findings], dtype=pl.String),
        pl.Series("description", [one.description for one in findings], dtype=pl.String),
        pl.Series("effect", [one.effect for one in findings], dtype=pl.Float64),
    )
