"""Counting the bank in a source: how often each concept tells the two sides apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Event, Floats, Ints, Progress, ReadConfig, silent
from wimhf.concepts import (
    Asked,
    Concept,
    ConceptColumns,
    concept_columns,
    joined_columns,
    load_concepts,
)
from wimhf.data import asked_of, pair_components, read_pairs
from wimhf.run import MANIFEST, Run, open_run
from wimhf.stats import Bounds, share_interval

NOTHING: Bounds = {"value": None, "low": None, "high": None}


@dataclass(frozen=True)
class ConceptCount:
    """How often a concept is there.

    Attributes
    ----------
    pairs, share
        Pairs whose sides a concept of the response tells apart, or in which a concept of the
        prompt holds, and their share of all pairs.
    labelled
        Of these, the pairs with a label.
    wins
        Share of the labelled ones in which the side with more wins (a tie is half a win), with
        its interval; None where there are none, and for concepts of the prompt.
    """

    concept: Concept
    pairs: int
    share: float
    labelled: int = 0
    wins: Bounds = field(default_factory=lambda: NOTHING)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts and what the concept is called as plain JSON types."""
        one = self.concept
        row: dict[str, Any] = {
            "id": one.id, "area": one.area, "title": one.title, "reads": one.reads,
            "more": one.more, "pairs": self.pairs, "share": self.share,
        }  # fmt: skip
        return row if one.reads in ("prompt", "conversation") else row | {
            "labelled": self.labelled, "wins": self.wins,
        }  # fmt: skip


@dataclass(frozen=True)
class SourceCounts:
    """What the bank finds in a source; both lists by falling share.

    Attributes
    ----------
    n, n_labelled
        Pairs, and those with a label.
    responses, prompts
        Concepts of the response and of the prompt.
    """

    n: int
    n_labelled: int
    responses: tuple[ConceptCount, ...]
    prompts: tuple[ConceptCount, ...]

    def only(self, ids: Collection[str] | None = None, top: int | None = None) -> SourceCounts:
        """Return the counts of some concepts, and of either kind the most frequent so many."""

        def kept(counts: tuple[ConceptCount, ...]) -> tuple[ConceptCount, ...]:
            return tuple(one for one in counts if ids is None or one.concept.id in ids)[:top]

        return replace(self, responses=kept(self.responses), prompts=kept(self.prompts))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "pairs": self.n, "labelled": self.n_labelled,
            "concepts": [one.to_dict() for one in self.responses],
            "prompts": [one.to_dict() for one in self.prompts],
        }  # fmt: skip


def count_concepts(
    source: str | Path | Sequence[str | Path],
    bank: Sequence[Concept] | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> SourceCounts:
    """Count every concept in a source or in the pairs of a run, without any model.

    Parameters
    ----------
    source
        A file, a folder, a glob, hf:owner/name[:config][:split], several of them, or a run folder.
    bank
        The concepts; by default the packaged ones, for a run those it was made with.
    settings
        Settings of reading: format, columns, limit, label.

    Raises
    ------
    InputError
        If it cannot be read as pairs.
    """
    names = [source] if isinstance(source, (str, Path)) else list(source)
    run = _run(names)
    if run is None:
        pairs, component, own = _read(names, progress, settings)
    else:
        pairs, own = run.pair_table, run.bank
        component = pairs["component"].to_numpy()
    responses = pairs["response_a"].to_list(), pairs["response_b"].to_list()
    progress(Event("concepts", message=f"counting what responses do in {len(pairs):,} pairs"))
    found = concept_columns(bank or own, Asked(*asked_of(pairs)), responses, progress)
    for one in () if run is None else run.learned_concepts:
        if one.values is not None:
            found = joined_columns(found, [one.concept], [one.values])
    return _counts(found, pairs, component)


def _run(names: Sequence[str | Path]) -> Run | None:
    """Return the run that a source is; None where it is none."""
    is_run = len(names) == 1 and (Path(names[0]).expanduser() / MANIFEST).is_file()
    return open_run(names[0]) if is_run else None


def _read(
    names: Sequence[str | Path], progress: Progress, settings: dict[str, Any]
) -> tuple[pl.DataFrame, Ints, tuple[Concept, ...]]:
    first, *also = map(str, names)
    config = asdict(ReadConfig()) | settings | {"source": first, "also": tuple(also)}
    found = read_pairs(ReadConfig(**config), progress)
    return found.pairs, pair_components(found.pairs)[0], load_concepts()


def _counts(found: ConceptColumns, pairs: pl.DataFrame, component: Ints) -> SourceCounts:
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    weight = pairs["weight"].cast(pl.Float64).to_numpy()
    n = max(len(pairs), 1)
    responses = []
    for place, concept in enumerate(found.concepts):
        column = found.odd[:, [place]].toarray()[:, 0]
        labelled, wins = _wins(column, label, weight, component)
        active = int(np.count_nonzero(column))
        responses.append(ConceptCount(concept, active, active / n, labelled, wins))
    held = np.asarray(found.held.sum(axis=0)).ravel()
    prompts = [
        ConceptCount(concept, int(count), float(count) / n)
        for concept, count in zip(found.prompts, held.tolist(), strict=True)
    ]
    used = int((np.isfinite(label) & (weight > 0)).sum())
    return SourceCounts(len(pairs), used, _sorted(responses), _sorted(prompts))


def _wins(column: Floats, label: Floats, weight: Floats, component: Ints) -> tuple[int, Bounds]:
    """Return in how many labelled pairs a column is active, and how often its side wins there."""
    rows = np.flatnonzero((column != 0) & np.isfinite(label) & (weight > 0))
    won = np.where(column[rows] > 0, label[rows], 1 - label[rows])
    return len(rows), share_interval(won, weight[rows], component[rows])


def _sorted(counts: Sequence[ConceptCount]) -> tuple[ConceptCount, ...]:
    return tuple(sorted(counts, key=lambda one: -one.pairs))
