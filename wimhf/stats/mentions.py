"""How often a reason speaks of what decided, beside how often any reason does."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats, Ints
from wimhf.stats.inference import effective_clusters, t_bound, two_sided_p, with_q

MIN_PAIRS = 10
"""Pairs that a finding decides, with a reason, before it is asked whether reasons speak of it."""
MIN_MENTIONS = 5.0
"""Mentions seen or to be expected, whichever are more, below which nothing can be told."""
FEW = 10
"""Mentions, or reasons that do not mention, below which their own spread is not trusted."""
MENTION_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "pairs": pl.Int64(), "mentioned": pl.Float64(),
    "shuffled": pl.Float64(), "lift": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "p": pl.Float64(), "q": pl.Float64(), "reason": pl.String(),
}  # fmt: skip
"""Of the pairs that a feature decides the share (0 to 1) whose reason speaks of it, the share that
would if reasons were shuffled, and the difference with its interval."""
Mask = NDArray[np.bool_]


def mention_shares(mentioned: Mask, decided: Mask, stratum: Ints, component: Ints) -> pl.DataFrame:
    """Return how much more often reasons speak of features where these decide (MENTION_COLUMNS).

    The baseline is what shuffling the reasons within strata gives on average, which needs no
    shuffling: the share of the stratum's reasons that speak of it. Errors are clustered by
    component, those of the baseline with them; q over the features.

    Parameters
    ----------
    mentioned, decided
        (n, m) whether a pair's reason speaks of a feature, and whether the preferred response is
        the one that the feature would have preferred.
    stratum
        (n,) numbers of those whose reasons are exchanged: annotators.
    """
    groups = np.unique(component, return_inverse=True)[1].astype(np.int64)
    strata = np.unique(stratum, return_inverse=True)[1].astype(np.int64)
    rows: list[dict[str, float | int | str | None]] = []
    for number, (said, chosen) in enumerate(zip(mentioned.T, decided.T, strict=True)):
        row: dict[str, float | int | str | None] = {"feature": number, "pairs": int(chosen.sum())}
        if chosen.sum() < MIN_PAIRS:
            rows.append(row | {"reason": f"it decides only {chosen.sum()} pairs with a reason"})
            continue
        rows.append(row | _mentioned(said.astype(np.float64), chosen, strata, groups))
    return with_q(pl.DataFrame(rows, schema=MENTION_COLUMNS))


def _mentioned(
    said: Floats, chosen: Mask, strata: Ints, groups: Ints
) -> dict[str, float | str | None]:
    size = np.bincount(strata)
    usual = (np.bincount(strata, said) / size)[strata]
    count = int(chosen.sum())
    share, shuffled = float(said[chosen].mean()), float(usual[chosen].mean())
    found: dict[str, float | str | None] = {
        "mentioned": share, "shuffled": shuffled, "lift": share - shuffled,
    }  # fmt: skip
    if max(share, shuffled) * count < MIN_MENTIONS:
        return found | {"reason": "hardly any reason speaks of it"}
    off = said - usual
    part = (np.bincount(strata, chosen) / size)[strata]
    moved = chosen * (off - (share - shuffled)) - part * off
    summed = np.bincount(groups, moved)
    spread = float(np.square(summed).sum()) * len(summed) / max(len(summed) - 1, 1)
    se = float(np.sqrt(spread / count**2 + _missing(said[chosen], usual[chosen], groups[chosen])))
    ones = np.ones(count)
    clusters = effective_clusters(ones, ones, groups[chosen])
    if se <= 0 or clusters < 2:
        return found | {"reason": "too few independent prompts"}
    reach = t_bound(clusters) * se
    p = float(two_sided_p(np.array([(share - shuffled) / se]), clusters)[0])
    return found | {"low": share - shuffled - reach, "high": share - shuffled + reach, "p": p}


def _missing(said: Floats, usual: Floats, groups: Ints) -> float:
    """Return what the variance of a share lacks where next to none, or all, mention something.

    Then it is taken to vary at least as much as the baseline does.
    """
    count, mentions = len(said), float(said.sum())
    if min(mentions, count - mentions) >= FEW:
        return 0.0
    own = float(np.square(np.bincount(groups, said - said.mean())).sum())
    return max(float((usual * (1 - usual)).sum()) - own, 0.0) / count**2
