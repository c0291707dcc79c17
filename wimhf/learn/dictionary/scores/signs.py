"""How well a signed column tells which side has more of a concept: F1 adapted to signs.

A hit is a pair in which both name the same side; a column that names the other side, or a side
where there is none, is wrong.
"""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats, Floats32, Mask


def signed_f1(said: Floats | Floats32, truth: Floats | Floats32) -> float:
    """Return F1 = 2 hits / (pairs where a side is named + pairs where there is one).

    Parameters
    ----------
    said, truth
        (n,) of which only signs are read; 0 is neither side.
    """
    named = float(np.count_nonzero(said) + np.count_nonzero(truth))
    hits = float((np.sign(said) * np.sign(truth) > 0).sum())
    return 2 * hits / named if named else 0.0


def best_bound(said: Floats | Floats32, truth: Floats | Floats32) -> float:
    """Return the size from which a column names a side so that its F1 is largest."""
    size = np.abs(said)
    order = np.argsort(-size, kind="stable")
    hits = np.cumsum((np.sign(said) * np.sign(truth) > 0)[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + np.count_nonzero(truth))
    # equal sizes are named together or not at all
    last = np.append(np.diff(size[order]) != 0, True) & (size[order] > 0)
    if not last.any():
        return np.inf
    return float(size[order][np.argmax(np.where(last, f1, -1.0))])


def bounded(said: Floats, bound: float) -> Floats:
    """Return a column (n,) in which sizes below a bound are 0."""
    return np.where(np.abs(said) >= bound, said, 0.0)


def best_single(
    codes: Floats32, truth: Floats | Floats32, fit: Mask, test: Mask
) -> tuple[int, float]:
    """Return the one feature that tells a concept best on the fitting pairs, and its F1 on test.

    Its pole and the size from which it counts are of the fitting pairs, too.

    Parameters
    ----------
    codes, truth
        (n, m) and (n,).
    fit, test
        (n,) which pairs.
    """
    best = (-1.0, 0, 1.0, np.inf)
    for feature in range(codes.shape[1]):
        own = codes[fit, feature]
        pole = 1.0 if float(own @ np.sign(truth[fit])) >= 0 else -1.0
        bound = best_bound(pole * own, truth[fit])
        found = signed_f1(bounded(pole * own, bound), truth[fit])
        if found > best[0]:
            best = (found, feature, pole, bound)
    _, feature, pole, bound = best
    return feature, signed_f1(bounded(pole * codes[test, feature], bound), truth[test])
