"""What a model trained on several data sets would be told, as a function of their shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints
from wimhf.stats.contrasts import Camp, camp_effects, replace_controls
from wimhf.stats.design import Controls, Labelled, independent


def mixed_effects(
    camps: Sequence[Camp], shares: Sequence[float], columns: Ints | None = None
) -> pl.DataFrame:
    """Return the effects of a mixture of camps, by reweighting (``effects.EFFECT_COLUMNS``).

    With a share of 1 they are those of that camp.

    Parameters
    ----------
    shares
        Of the weight of all pairs, one per camp; they need not sum to 1.
    columns
        Numbers of the columns wanted; all by default. The result's ``feature`` is the place among
        them.
    """
    used = [(_only(camp, columns), share) for camp, share in zip(camps, shares, strict=True)]
    used = [(camp, share) for camp, share in used if share > 0]
    if len(used) == 1:
        return camp_effects(used[0][0])
    return camp_effects(pooled_camp([camp for camp, _ in used], [share for _, share in used]))


def _only(camp: Camp, columns: Ints | None) -> Camp:
    if columns is None:
        return camp
    data = Labelled(
        **{**vars(camp.data), "codes": camp.data.codes[:, columns],
           "concept": camp.data.concept[columns]}
    )  # fmt: skip
    return Camp(data, camp.unit[columns], camp.held, camp.cluster)


def pooled_camp(camps: Sequence[Camp], shares: Sequence[float]) -> Camp:
    """Return camps as one, weighted by their shares; a control that one lacks is 0 there."""
    raw = np.concatenate([camp.data.codes * camp.unit for camp in camps])
    unit = np.sqrt(np.square(raw).mean(axis=0))
    parts = [
        share * s.data.weight / s.data.weight.sum() for s, share in zip(camps, shares, strict=True)
    ]
    weight = np.concatenate(parts)
    held = _held(camps)
    cluster = np.concatenate([camp.cluster for camp in camps])
    n = len(weight)
    data = Labelled(
        codes=raw / np.where(unit > 0, unit, 1.0), dense=np.empty((n, 0), np.float32),
        length=np.empty((n, 0)), controls=np.empty((n, 0)), controls_name="controls", scores={},
        label=np.concatenate([camp.data.label for camp in camps]), weight=weight / weight.mean(),
        component=np.unique(cluster, return_inverse=True)[1].astype(np.int64),
        concept=camps[0].data.concept,
    )  # fmt: skip
    return Camp(replace_controls(data, held.columns), unit, held, cluster)


def _held(camps: Sequence[Camp]) -> Controls:
    """Return the controls of all camps together."""
    names = list(dict.fromkeys(name for camp in camps for name in camp.held.names))
    columns = np.concatenate([_laid_out(camp, names) for camp in camps])
    kept = independent(columns)
    return Controls([n for n, one in zip(names, kept, strict=True) if one], columns[:, kept])


def _laid_out(camp: Camp, names: list[str]) -> Floats:
    columns = np.zeros((len(camp.cluster), len(names)))
    for name, column in zip(camp.held.names, camp.held.columns.T, strict=True):
        columns[:, names.index(name)] = column
    return columns
