"""One run's dictionary applied to the vectors of others, so that what it discovered is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Floats32
from wimhf.compare.camps import Column, feature_title
from wimhf.errors import ConfigError
from wimhf.run import DISCOVERED, Run, dictionary_of, difference_of

FAR = 0.99
"""Quantile of the residual norms of a run's own held-out pairs beyond which a pair is outside."""
WARNED = 0.05
"""Share of pairs outside at which a reader is warned: five times what is to be expected."""
SHIFTED = 2.0
"""Factor of active features in a pair at which a reader is warned, too."""
SAME = ("encoder", "revision", "template", "max_tokens")
"""What must be equal for vectors of two runs to mean the same."""


@dataclass(frozen=True)
class Encoded:
    """What the first run's dictionary sees in every run.

    Attributes
    ----------
    columns
        Its discovered features that nobody muted.
    codes
        Per run (n, m) their codes, in described poles.
    notes
        Where a run's pairs lie outside what the dictionary was trained on.
    """

    columns: tuple[Column, ...]
    codes: tuple[Floats32, ...]
    notes: list[str]


def encoded_runs(runs: Sequence[Run], names: Sequence[str]) -> Encoded:
    """Apply the first run's dictionary to all.

    Raises
    ------
    ConfigError
        If the runs' vectors are not of one encoder.
    """
    first = runs[0]
    for run, name in zip(runs[1:], names[1:], strict=True):
        check_encoder(first, names[0], run, name)
    dictionary = dictionary_of(first)
    shown = [
        one for one in first.feature_rows
        if one.kind == DISCOVERED and not one.muted and not one.members
    ]  # fmt: skip
    columns = tuple(
        Column(
            f"feature_{one.feature}", feature_title(one), one.description,
            DISCOVERED, one.feature, one.understood,
        )
        for one in shown
    )  # fmt: skip
    numbers = np.array([one.feature for one in shown], dtype=np.int64)
    poles = np.array([first.poles[number] for number in numbers.tolist()], dtype=np.float32)
    scale = difference_of(first).scale
    codes, seen = [], []
    for run in runs:
        own = difference_of(run)
        values = own.values * np.float32(own.scale / scale)
        found = dictionary.encode(values)
        residual = np.linalg.norm(values - dictionary.decode(found), axis=1)
        seen.append((residual.astype(np.float64), float((found != 0).sum(axis=1).mean())))
        codes.append(np.asarray(found[:, numbers] * poles, dtype=np.float32))
    held_out = (first.pair_table["split"] != "fit").to_numpy()
    far = float(np.quantile(seen[0][0][held_out], FAR))
    return Encoded(columns, tuple(codes), _warnings(names, seen, far))


def check_encoder(first: Run, named: str, run: Run, name: str) -> None:
    """Refuse runs whose vectors are not of one encoder.

    Raises
    ------
    ConfigError
        If they are not.
    """
    one, two = first.facts("embed"), run.facts("embed")
    if any(one.get(key) != two.get(key) for key in SAME):
        raise ConfigError(
            f"the vectors of {named} are of {one.get('encoder')} and those of {name} of "
            f"{two.get('encoder')}, or of other settings, so discovered features mean nothing "
            f"in both; analyze one again with the other's encoder, or compare concepts alone"
        )


def _warnings(names: Sequence[str], seen: Sequence[tuple[Floats, float]], far: float) -> list[str]:
    whose = f"the dictionary of {names[0]}"
    return far_notes(whose, "its own held-out pairs", seen[0][1], names[1:], seen[1:], far)


def far_notes(
    whose: str,
    usual_pairs: str,
    usual: float,
    names: Sequence[str],
    seen: Sequence[tuple[Floats, float]],
    far: float,
) -> list[str]:
    """Warn of runs whose pairs a dictionary does not see as it sees those it knows.

    Parameters
    ----------
    usual
        Features active in a pair of those.
    seen
        Per run the residual norms (n,) of its pairs, and the features active in one.
    far
        The residual norm beyond which a pair is outside.
    """
    notes = []
    for name, (residual, active) in zip(names, seen, strict=True):
        outside = float((residual > far).mean())
        if outside > WARNED or not 1 / SHIFTED < active / max(usual, 1e-9) < SHIFTED:
            notes.append(
                f"{100 * outside:.0f}% of the pairs of {name} lie farther from what {whose} can "
                f"write than 99% of {usual_pairs} do, with {active:.1f} features active in a pair "
                f"against {usual:.1f}; be careful with its discovered features"
            )
    return notes
