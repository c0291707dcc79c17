"""What the kinds of dictionary are given, and what they give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from wimhf.base import Floats, Floats32, Ints, rows_of
from wimhf.errors import EstimationError
from wimhf.learn.dictionary.protocol import Dictionary

MIN_PAIRS = 20
"""Fewer fitting pairs than this teach no direction at all."""


@dataclass(frozen=True)
class PairData:
    """One split's pairs: their differences, and what some kinds need besides.

    Attributes
    ----------
    differences
        (n, d) e(A) - e(B), divided by the run's scale.
    a, b
        (n, d) single responses' vectors in the same scale, so that ``a - b`` are the differences;
        snmf learns from them.
    prompt
        (n,) number of each pair's prompt: responses to one prompt share a mean.
    target
        (n, e) differences by a second, stronger encoder, in a scale of their own; a transcoder
        writes them.
    concepts
        (n, c) odd concept columns; supervised has one direction for each.
    label, weight, component
        (n,) labels (NaN where there is none), weights and components; a transcoder without
        ``target`` fits a probe to them. None: every label weighs the same, every pair stands alone.
    """

    differences: Floats32
    a: Floats32 | None = None
    b: Floats32 | None = None
    prompt: Ints | None = None
    target: Floats32 | None = None
    concepts: Floats | Floats32 | None = None
    label: Floats | None = None
    weight: Floats | None = None
    component: Ints | None = None

    def __post_init__(self) -> None:
        if self.differences.ndim != 2:
            raise EstimationError(
                f"differences have shape {self.differences.shape}; give (n, d), a row for each pair"
            )
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and len(value) != len(self):
                raise EstimationError(
                    f"{one.name} has {len(value)} rows and there are {len(self)} pairs; "
                    "give one row for each pair"
                )

    def __len__(self) -> int:
        return len(self.differences)

    def at(self, rows: Ints | NDArray[np.bool_]) -> PairData:
        """Return some of the pairs, with all that is known of them."""
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{k: rows_of(v, rows) for k, v in known.items() if v is not None})


@dataclass(frozen=True)
class KindData:
    """What a dictionary is trained on.

    Attributes
    ----------
    fit
        Pairs that set the weights.
    select
        Pairs that choose the checkpoint and calibrate the threshold.
    concept_ids
        The concepts of the columns ``concepts``.
    """

    fit: PairData
    select: PairData
    concept_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.fit) < MIN_PAIRS or len(self.select) < 2:
            raise EstimationError(
                f"{len(self.fit)} pairs to fit are too few for a dictionary; "
                f"at least {MIN_PAIRS} are needed"
            )

    @classmethod
    def of_differences(cls, fit: Floats32, select: Floats32) -> KindData:
        """Return data that hold nothing but differences (n, d)."""
        return cls(PairData(fit), PairData(select))


@dataclass(frozen=True)
class Trained:
    """A trained dictionary of any kind and how its training went.

    Attributes
    ----------
    dictionary
        The best restart's, by variance explained on the select pairs.
    k
        Mean active features that were asked for.
    history
        One entry per check of that restart.
    restarts
        Per seed: seed, the kept step and the variance explained on the select pairs.
    stability
        (m,) mean |cosine| with the matched features of the other seeds; None with one seed.
    figures
        What is worth knowing of this kind alone, as JSON types.
    """

    dictionary: Dictionary
    k: int
    steps: int
    device: str
    history: list[dict[str, float]] = field(default_factory=list)
    restarts: list[dict[str, float]] = field(default_factory=list)
    stability: Floats | None = None
    figures: Mapping[str, object] = field(default_factory=dict)
