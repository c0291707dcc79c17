"""What every dictionary of a comparison is given: the same pairs, splits, vectors and concepts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from wimhf.base import Config, Floats, Floats32, Ints, Progress
from wimhf.data import control_columns, length_difference
from wimhf.describe import Known, PairWords
from wimhf.errors import EstimationError
from wimhf.learn import Encoder, Judged, KindData, PairData, base_scores, concept_probes
from wimhf.pipeline.plan import STAGES, do_all
from wimhf.pipeline.stages.context import StageContext
from wimhf.run import Run, create_run, difference_of
from wimhf.stats import Labelled, Measured, fold_numbers, labelled_pairs

NEEDED = ("read", "concepts", "embed")
"""Stages that a comparison needs; no dictionary is among them."""
FOLDS = 5


@dataclass(frozen=True)
class BenchPairs:
    """Pairs of a source, split as an analysis splits them.

    Attributes
    ----------
    run
        Where what was read, counted and embedded is kept; the analysis itself is not done.
    given
        What dictionaries learn from.
    judged
        What they are judged on: every pair's differences, the splits, concept probes.
    scale
        By which the differences were divided.
    known, words
        What names are made of.
    labels
        None where labels say nothing.
    """

    run: Run
    given: KindData
    judged: Judged
    scale: float
    known: Known
    words: PairWords
    labels: BenchLabels | None

    @property
    def key(self) -> str:
        """A hash of everything that was read, counted and embedded."""
        decides = self.run.manifest.output_hashes(*NEEDED)
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class BenchLabels:
    """The labelled pairs, and how they are held out.

    Attributes
    ----------
    measured, label, weight
        Of every pair.
    concepts
        (n, c) concept columns.
    used
        Rows that have a label.
    folds
        (used,) of the pairs that no dictionary was fitted on; -1 for those that it was.
    """

    measured: Measured
    label: Floats
    weight: Floats
    concepts: Floats32
    used: Ints
    folds: Ints

    @property
    def judged(self) -> Ints:
        """Which of the used rows are predicted by models that did not see them."""
        return np.flatnonzero(self.folds >= 0)

    def with_codes(self, codes: Floats32) -> Labelled:
        """Return the labelled pairs with codes (n, m) for features."""
        own = replace(self.measured, codes=codes)
        return labelled_pairs(own, self.label, self.weight, self.used)

    @cached_property
    def bank(self) -> Floats:
        """The concepts' columns (used, c), capped and of RMS 1 as features are."""
        return self.with_codes(self.concepts).codes

    @cached_property
    def base(self) -> dict[str, Floats]:
        """Scores (used,) that no dictionary changes."""
        data = self.with_codes(self.measured.codes)
        return base_scores(data, self.bank, self.folds, np.random.default_rng(0))


def read_bench(
    sources: Sequence[str],
    folder: Path,
    config: Config,
    progress: Progress,
    encoder: Encoder | None = None,
) -> BenchPairs:
    """Read, count and embed a source, or take what is in the folder already.

    Raises
    ------
    WimhfError
        As an analysis does.
    """
    first, *also = sources
    read = replace(config.read, source=first, also=tuple(also))
    config = replace(config, read=read)
    run = create_run(folder, config)
    run.lock.take()
    try:
        kept = tuple(name for name in STAGES if name not in NEEDED)
        do_all(StageContext(run, config, progress, encoder), kept)
    finally:
        run.lock.release()
    return _of_run(run, config)


def _of_run(run: Run, config: Config) -> BenchPairs:
    pairs, split = run.pair_table, run.pair_table["split"].to_numpy()
    parts = {name: split == name for name in ("fit", "select", "test")}
    measured = difference_of(run)
    concepts, odd = run.concept_columns()
    features = sum(not one.concept.learned for one in run.concepts.features)
    bank = odd[:, :features].toarray().astype(np.float32)
    size = np.sqrt(np.square(bank[parts["fit"]], dtype=np.float64).mean(axis=0))
    bank /= np.where(size > 0, size, 1.0).astype(np.float32)
    ids = tuple(concept.id for concept in concepts[:features])
    component = pairs["component"].to_numpy().astype(np.int64)
    label = pairs["label"].to_numpy().astype(np.float64)
    rows, vectors = run.folder.read_table("pair_texts.parquet"), _vectors(run, measured.scale)
    whole = PairData(
        measured.values, vectors[rows["text_a"].to_numpy()], vectors[rows["text_b"].to_numpy()],
        pairs["prompt"].rank("dense").to_numpy().astype(np.int64),
        concepts=bank, label=label, weight=_weight(pairs), component=component,
    )  # fmt: skip
    probes = concept_probes(measured.values, bank, parts["fit"], parts["test"])
    return BenchPairs(
        run=run,
        given=KindData(whole.at(parts["fit"]), whole.at(parts["select"]), ids),
        judged=Judged(measured.values, parts["fit"], parts["test"], probes),
        scale=measured.scale,
        known=Known(concepts, odd),
        words=PairWords((pairs["response_a"], pairs["response_b"])),
        labels=_labels(run, config, whole),
    )


def _vectors(run: Run, scale: float) -> Floats32:
    """Return the vectors of single texts (t, d) in the scale of the differences."""
    return np.asarray(run.folder.read_array("embeddings.npy") / np.float32(scale))


def _labels(run: Run, config: Config, data: PairData) -> BenchLabels | None:
    """Return the labelled pairs; None where labels say nothing."""
    pairs = run.pair_table
    label, weight = pairs["label"].to_numpy().astype(np.float64), _weight(pairs)
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    held = (pairs["split"] != "fit").to_numpy()[used]
    if not (label[used][held] != 0.5).any():
        return None
    component = pairs["component"].to_numpy().astype(np.int64)
    inside = np.unique(component[used][held], return_inverse=True)[1].astype(np.int64)
    dealt = fold_numbers(inside, FOLDS, np.random.default_rng(config.seed))
    if dealt is None:
        raise EstimationError(
            f"the pairs held out are of fewer than {FOLDS} independent prompts; give more pairs"
        )
    folds = np.full(len(used), -1, dtype=np.int64)
    folds[held] = dealt
    rows = run.folder.read_table("source.parquet")
    measured = Measured(
        codes=np.empty((len(pairs), 0), dtype=np.float32),
        differences=data.differences,
        length=length_difference(pairs["response_a"], pairs["response_b"]),
        controls=control_columns(pairs, rows, config.preference.controls),
        scores={},
        component=component,
    )
    return BenchLabels(
        measured, label, weight, np.asarray(data.concepts, dtype=np.float32), used, folds
    )


def _weight(pairs: pl.DataFrame) -> Floats:
    return pairs["weight"].to_numpy().astype(np.float64)
