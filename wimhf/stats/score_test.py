"""Does a column add to the controls? Cluster-robust score tests of many columns at once.

Only the model of the controls is fitted (Rao 1948; for clusters Boos 1992), so that a test holds
where a column separates the labels, and hundreds of columns cost little more than one.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import expit

from wimhf.base import Floats, Ints
from wimhf.stats.gram import gram
from wimhf.stats.logit import RidgeLogit

BLOCK = 2**22
"""Values of columns looked at together."""


def robust_scores(
    columns: Floats, controls: Floats, label: Floats, weight: Floats, component: Ints
) -> Floats:
    """Return a z (p,) per column; positive where the labels prefer the side with more.

    The column's score in the model of the controls alone, over its clustered error; 0 where
    nothing varies. Nearly normal if the column adds nothing, and cautious with few clusters.

    Parameters
    ----------
    columns, controls
        (n, p) and (n, c), odd.
    """
    clusters = np.unique(component, return_inverse=True)[1]
    chance = np.full(len(label), 0.5)
    if controls.shape[1]:
        model = RidgeLogit(controls, label, weight)
        chance = expit(controls @ model.fit(np.full(controls.shape[1], 1e-9)))
    curve = weight * chance * (1 - chance)
    curved = gram(controls, curve)
    turn = np.linalg.pinv(curved, hermitian=True) if controls.shape[1] else curved
    error = weight * (label - chance)
    # error by cluster: summing is a sparse product
    place = (clusters, np.arange(len(label)))
    summing = sparse.csr_array(
        (error, place), shape=(int(clusters.max(initial=-1)) + 1, len(label))
    )
    z = np.zeros(columns.shape[1])
    width = max(1, BLOCK // max(len(label), 1))
    for start in range(0, columns.shape[1], width):
        block = columns[:, start : start + width]
        own = block - controls @ (turn @ (controls.T @ (block * curve[:, None])))
        summed = summing @ own
        size = np.sqrt(np.square(summed).sum(axis=0))
        z[start : start + width] = np.divide(
            summed.sum(axis=0), size, out=np.zeros(block.shape[1]), where=size > 1e-12
        )
    return z
