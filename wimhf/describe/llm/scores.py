"""Balanced accuracy of a model that is asked about a description, with its interval.

They follow the scores of EleutherAI's delphi (Paulo et al., arXiv 2410.13928) for
features of single texts; here a feature is a difference between two responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from wimhf.base import LLM_SCORES, OFFLINE_SCORES, Floats, Ints, Mask
from wimhf.describe.llm.questions import Texts
from wimhf.stats import Interval, percentile_interval

SCORE_COLUMNS: dict[str, pl.DataType] = {"feature": pl.Int64(), "description": pl.String()} | {
    f"{score}{end}": kind
    for score in (*LLM_SCORES, *OFFLINE_SCORES)
    for end, kind in {
        "": pl.Float64(), "_low": pl.Float64(), "_high": pl.Float64(), "_pairs": pl.Int64(),
        "_asked": pl.Int64(), "_missing": pl.Int64(), "_reason": pl.String(),
    }.items()
}  # fmt: skip
DRAWS = 500
MIN_PAIRS = 5
"""Pairs of a kind below which a score would be an anecdote."""


@dataclass(frozen=True)
class Subject:
    """A description that is scored: of which feature, and in which pole."""

    feature: int
    sentence: str
    pole: int


@dataclass(frozen=True)
class HeldOut:
    """What scores are read off: texts and signed codes (n, m) of all pairs, the test rows.

    ``components`` (n,) are resampled as a whole.
    """

    texts: Texts
    codes: Floats
    test: Ints
    components: Ints


@dataclass(frozen=True)
class Score:
    """A balanced accuracy.

    Attributes
    ----------
    accuracy
        Mean of the shares that are right of both kinds; .5 is guessing.
    pairs
        Held-out pairs that were asked about.
    asked, missing
        Answers, and those that failed or were not understood.
    reason
        Why there is no accuracy, if there is none.
    """

    accuracy: Interval = field(default_factory=lambda: Interval(None, None, None))
    pairs: int = 0
    asked: int = 0
    missing: int = 0
    reason: str | None = None

    def columns(self, name: str) -> dict[str, object]:
        """Return the numbers under the names that a score has in SCORE_COLUMNS."""
        return {
            name: self.accuracy.value, f"{name}_low": self.accuracy.low,
            f"{name}_high": self.accuracy.high, f"{name}_pairs": self.pairs,
            f"{name}_asked": self.asked, f"{name}_missing": self.missing,
            f"{name}_reason": self.reason,
        }  # fmt: skip


def score_table(subjects: Sequence[Subject], scores: Mapping[str, Sequence[Score]]) -> pl.DataFrame:
    """Return one row per subject (SCORE_COLUMNS) with its scores by their name."""
    rows: list[dict[str, object]] = []
    for place, one in enumerate(subjects):
        row: dict[str, object] = {"feature": one.feature, "description": one.sentence}
        for name, own in scores.items():
            row |= own[place].columns(name)
        rows.append(row)
    return pl.DataFrame(rows, schema=SCORE_COLUMNS)


def scored(right: Floats, kind: Mask, rows: Ints, held: HeldOut, rng: np.random.Generator) -> Score:
    """Return the balanced accuracy of answers.

    Parameters
    ----------
    right
        (a,) 1 for a right answer, 0 for a wrong one, .5 for a tie, NaN where there is none.
    kind
        (a,) which of two kinds of question each answers; both weigh the same.
    rows
        (a,) the pair each is about.
    """
    heard = np.isfinite(right)
    score = Score(pairs=len(np.unique(rows)), asked=len(right), missing=int((~heard).sum()))
    if not (heard & kind).any() or not (heard & ~kind).any():
        return replace(score, reason="no answer was understood")
    draws = balanced_accuracies(right[heard], kind[heard], held.components[rows[heard]], rng)
    return replace(score, accuracy=percentile_interval(draws))


def balanced_accuracies(
    right: Floats, kind: Mask, components: Ints, rng: np.random.Generator
) -> Floats:
    """Return (1 + DRAWS,) the balanced accuracy and those of resampled components."""
    _, group = np.unique(components, return_inverse=True)
    columns = (right * kind, right * ~kind, kind.astype(float), (~kind).astype(float))
    sums = np.stack([np.bincount(group, weights=column) for column in columns], axis=1)
    picked = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWS)
    totals = np.concatenate([np.ones((1, len(sums))), picked]) @ sums
    known = (totals[:, 2:] > 0).all(axis=1)
    out = np.full(len(totals), np.nan)
    out[known] = (totals[known, :2] / totals[known, 2:]).mean(axis=1)
    return out
