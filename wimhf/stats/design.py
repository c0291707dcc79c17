"""The labelled pairs: what the statistics are computed from, odd throughout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from wimhf.base import Floats, Floats32, Ints, Mask, side_by_side

AnyFloats = TypeVar("AnyFloats", Floats, Floats32)
CAPPED_AT = 0.95
"""Quantile of a column's active sizes at which larger ones count."""
DEPENDENT = 1e-6
"""Share of a control's squares that earlier ones must leave for it to say anything of its own."""
TOGETHER, MANY = 64, 2**24
"""Columns that are copied at a time, and values from which several copies are made at once."""
LENGTH_BASIS = ("length", "length, root", "length, capped", "length, first words")
"""Names of the columns by which length is held, the log ratio first."""


@dataclass(frozen=True)
class Measured:
    """What is known of every pair before the labels are looked at; all columns are odd.

    Attributes
    ----------
    codes, differences
        (n, m) columns of features of either kind, and the (n, d) differences of the embeddings.
    concept, named
        (m,) whether a column is a concept, and whether its words are defined or proven; None where
        none is a concept, and where all have names.
    group
        (m,) number of the group of columns that say nearly the same; None where each is alone.
    length
        (n,) length difference, always a baseline, and a control if it is among the controls.
    controls
        What is held constant.
    scores
        Per name (n,) leads of A in scores that others gave, such as a reward model's.
    component
        (n,) connected components: clusters of the errors, whole in every fold and resample.
    listed_first
        (n,) 1 where A is the source's first response, -1 where B is, 0 where the order means
        nothing; None where it never does.
    subsets
        Groups of pairs whose effects are compared.
    asked
        (n, q) what prompts are like, which columns are multiplied with; None for no such models.
    """

    codes: Floats32
    differences: Floats32
    length: Floats
    controls: Controls
    scores: dict[str, Floats]
    component: Ints
    listed_first: NDArray[np.int8] | None = None
    subsets: Subsets | None = None
    concept: Mask | None = None
    named: Mask | None = None
    group: Ints | None = None
    asked: Floats | None = None

    @cached_property
    def caps(self) -> Floats32:
        """Where sizes of each column (m,) are cut: see ``caps``."""
        return caps(self.codes)


@dataclass(frozen=True)
class Labelled:
    """The labelled pairs, all columns odd and of RMS 1.

    Attributes
    ----------
    codes, dense
        (n, m) capped codes and (n, d) differences.
    length
        (n, k) the log length difference first; no column where lengths never differ. What else
        of length is held stands beside it.
    controls
        (n, c) what is held constant.
    controls_name
        How the controls are called in the names of models.
    scores
        Per name (n, 1) scores of others.
    concept
        (m,) which columns are concepts.
    asked
        (n, q) what prompts are like, if columns are to be multiplied with it.
    """

    codes: Floats
    dense: Floats32
    length: Floats
    controls: Floats
    controls_name: str
    scores: dict[str, Floats]
    label: Floats
    weight: Floats
    component: Ints
    concept: Mask
    asked: Floats | None = None

    def rows(self, used: Ints) -> Labelled:
        """Return some of the pairs; columns keep their scale."""
        return replace(
            self,
            codes=self.codes[used],
            dense=self.dense[used],
            length=self.length[used],
            controls=self.controls[used],
            scores={name: score[used] for name, score in self.scores.items()},
            label=self.label[used],
            weight=self.weight[used],
            component=np.unique(self.component[used], return_inverse=True)[1].astype(np.int64),
            asked=None if self.asked is None else self.asked[used],
        )


def labelled_pairs(measured: Measured, label: Floats, weight: Floats, used: Ints) -> Labelled:
    """Return the pairs that are used, with columns of RMS 1."""
    controls = measured.controls.telling(used)
    names = held_names(controls.names)
    held_length = _unit(controls.length[used])
    _, cluster = np.unique(measured.component[used], return_inverse=True)
    return Labelled(
        codes=unit_codes(measured.codes, used, measured.caps),
        dense=measured.differences if len(used) == len(label) else measured.differences[used],
        length=held_length if held_length.any() else _varying(measured.length[used]),
        controls=_unit(controls.columns[used]),
        controls_name=names[0] if len(names) == 1 else "controls" if names else "",
        scores={
            name: _unit(score[used, None])
            for name, score in measured.scores.items()
            if score[used].any()
        },
        label=label[used],
        weight=weight[used] / weight[used].mean(),
        component=cluster.astype(np.int64),
        concept=(
            np.zeros(measured.codes.shape[1], dtype=bool)
            if measured.concept is None
            else measured.concept
        ),
        asked=None if measured.asked is None else measured.asked[used],
    )


def capped(codes: AnyFloats) -> AnyFloats:
    """Return codes (n, m) whose sizes are cut at ``caps``, so that no few pairs carry an effect."""
    most = caps(codes)
    return np.clip(codes, -most, most)


def caps(codes: AnyFloats) -> AnyFloats:
    """Return per column (m,) the 95th percentile of its sizes in all pairs where it is active.

    Infinite where it never is. Labels have no say, nor has the choice of sides.
    """

    def most(at: int) -> list[float]:
        block = np.ascontiguousarray(codes[:, at : at + TOGETHER].T)  # a column is walked at once
        sizes = (np.abs(column[column != 0]) for column in block)
        return [np.quantile(size, CAPPED_AT) if len(size) else np.inf for size in sizes]

    starts = range(0, codes.shape[1], TOGETHER)
    each = side_by_side if codes.size >= MANY else map
    return np.array([one for block in each(most, starts) for one in block], dtype=codes.dtype)


def unit_codes(codes: Floats32, used: Ints, most: Floats32) -> Floats:
    """Return the codes of the pairs that are used, cut at ``most`` (m,), of RMS 1.

    What is large is made once.
    """
    out = (codes if len(used) == len(codes) else codes[used]).astype(np.float64)
    np.clip(out, -most, most, out=out)
    rms = rms_of(out)
    out /= np.where(rms > 0, rms, 1.0)
    return out


def code_rms(codes: Floats32, used: Ints) -> Floats:
    """Return the root mean square (m,) of the capped codes of the pairs that are used."""
    blocks = [codes[:, at : at + TOGETHER] for at in range(0, codes.shape[1], TOGETHER)]
    return np.concatenate([np.empty(0), *(rms_of(capped(block)[used]) for block in blocks)])


def rms_of(columns: Floats | Floats32) -> Floats:
    """Return the root mean square (m,) of columns (n, m), of which few are copied at a time."""
    blocks = [columns[:, at : at + TOGETHER] for at in range(0, columns.shape[1], TOGETHER)]
    means = [np.square(block, dtype=np.float64).mean(axis=0) for block in blocks]
    rms: Floats = np.sqrt(np.concatenate([np.empty(0), *means]))
    return rms


def _unit(columns: Floats) -> Floats:
    rms = rms_of(columns)
    scaled: Floats = columns / np.where(rms > 0, rms, 1.0)
    return scaled


def _varying(column: Floats) -> Floats:
    """Return a column (n, 1) of RMS 1, or none (n, 0) where it is 0 throughout."""
    return _unit(column[:, None]) if column.any() else np.empty((len(column), 0))


@dataclass(frozen=True)
class Controls:
    """Odd columns (n, c) and their names; ``notes`` say what was asked for and left out."""

    names: list[str]
    columns: Floats
    notes: list[str] = field(default_factory=list)

    def telling(self, used: Ints | None = None) -> Controls:
        """Return those that say anything of some pairs (rows, all by default) of their own.

        What is constant there, or a sum of those before it, is left out, and the notes say so.
        """
        columns = self.columns if used is None else self.columns[used]
        kept = independent(columns)
        names = [name for name, one in zip(self.names, kept, strict=True) if one]
        varying = [name for name, one in zip(self.names, columns.T, strict=True) if one.any()]
        notes = [
            f"{held} says nothing beside the controls before it" if held in held_names(varying)
            else f"{held} is the same on both sides of every pair"
            for held in held_names(self.names) if held not in held_names(names)
        ]  # fmt: skip
        return Controls(names, self.columns[:, kept], [*self.notes, *notes])

    @property
    def length(self) -> Floats:
        """The columns (n, k) that hold length, if any."""
        return self.columns[:, [name in LENGTH_BASIS for name in self.names]]


def independent(columns: Floats) -> Mask:
    """Return which columns (c,) of (n, c) are no sum of those before them."""
    kept = np.zeros(columns.shape[1], dtype=bool)
    for place, column in enumerate(columns.T):
        before = columns[:, kept]
        rest = column - before @ np.linalg.lstsq(before, column)[0]
        kept[place] = np.square(rest).sum() > DEPENDENT * np.square(column).sum()
    return kept


def held_names(columns: Iterable[str]) -> list[str]:
    """Return what is held by control columns of these names: length has several."""
    return list(dict.fromkeys("length" if n in LENGTH_BASIS else n for n in columns))


@dataclass(frozen=True)
class Subsets:
    """Groups of pairs within which effects are measured.

    Attributes
    ----------
    by
        What they come from: a column's name or ``prompts``.
    names
        In words, largest first.
    member
        (n,) number of each pair's subset, -1 where it is in none.
    reason
        Why there are none, where there are fewer than two.
    notes
        What was left out.
    """

    by: str
    names: list[str]
    member: Ints
    reason: str | None = None
    notes: list[str] = field(default_factory=list)


def no_subsets(n: int, reason: str, by: str = "") -> Subsets:
    """Return the subsets of n pairs that are not divided."""
    return Subsets(by, [], np.full(n, -1, dtype=np.int64), reason)
