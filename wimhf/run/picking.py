"""Which of two responses a run's labels would pick, and by which findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from wimhf.base import Floats
from wimhf.data import TEXT_CONTROLS, control_columns
from wimhf.run.feature import Feature
from wimhf.run.run import Run
from wimhf.stats import reasons, share_interval

NEAREST, FEWEST = 400, 50
"""Pairs on which models are as sure, at most, and those without which nothing is said."""
SAMPLE = 20_000
"""Pairs of the run by which a new pair's controls are scaled."""


@dataclass(frozen=True)
class Part:
    """What speaks for a side.

    Attributes
    ----------
    name
        A feature's description or a control's name; empty where its words are not proven.
    finding
        Whether it is one.
    more_side
        The response that has more of it; empty of several together.
    toward_a
        Log odds that it adds for A.
    """

    name: str
    finding: bool
    more_side: str
    toward_a: float


@dataclass(frozen=True)
class Picked:
    """Which of two responses the run's labels would pick.

    Attributes
    ----------
    side
        The response that models of these labels expect to be preferred; empty where they see no
        difference.
    odds
        Log odds that A is preferred, by the model of every fold.
    share, low, high
        How often labels of the run are the expected ones where models that never saw them lean as
        much, 0 to 1, with a 95 % interval (Wilson's, clustered); None where too few are known.
    pairs
        Pairs of the run that this share is of.
    parts
        What speaks for either side, the strongest first, the nameless last.
    """

    side: str
    odds: tuple[float, ...]
    share: float | None
    low: float | None
    high: float | None
    pairs: int
    parts: tuple[Part, ...]

    @property
    def sure(self) -> bool:
        """Whether the expected side is surely preferred more often than not."""
        return self.low is not None and self.low > 0.5

    def to_dict(self) -> dict[str, object]:
        """Return it as plain JSON types."""
        return asdict(self) | {
            "odds": list(self.odds), "parts": [asdict(part) for part in self.parts],
            "sure": self.sure,
        }  # fmt: skip


def picked(
    run: Run, pair: pl.DataFrame, active: Mapping[int, float], shown: Mapping[int, float]
) -> Picked | None:
    """Return which side the source's labels would pick; None where they predict nothing.

    Parameters
    ----------
    pair
        A pair table of one row.
    active
        Codes by the numbers of single features, as the dictionary and the bank give them.
    shown
        Codes of the features that are shown, in their described poles.
    """
    weights = run.table("prediction_weights.parquet")
    folds = weights["fold"].unique().sort().to_list()
    if not folds:
        return None
    controls = _controls(run, pair)
    odds, sums = [], dict[tuple[int | None, str | None], float]()
    for fold in folds:
        said = reasons(0.0, fold, active, controls, weights)  # against B, that is for A
        odds.append(sum(one.against for one in said))
        for one in said:
            key = one.feature, one.control
            sums[key] = sums.get(key, 0.0) + one.against / len(folds)
    mean = float(np.mean(odds))
    share, low, high, pairs = _as_sure(run, abs(mean))
    side = "" if abs(mean) < 1e-9 else "A" if mean > 0 else "B"
    return Picked(side, tuple(odds), share, low, high, pairs, _parts(run, sums, controls, shown))


def _controls(run: Run, pair: pl.DataFrame) -> dict[str, float]:
    """Return a new pair's controls, in the scale of the run's."""
    wanted = tuple(name for name in run.config.preference.controls if name in TEXT_CONTROLS)
    texts = ["prompt", "response_a", "response_b"]
    pairs = run.pair_table.select(texts)
    some = pairs.gather_every(max(len(pairs) // SAMPLE, 1))
    found = control_columns(pl.concat([some, pair.select(texts)]), pl.DataFrame(), wanted)
    return dict(zip(found.names, found.columns[-1].tolist(), strict=True))


def _as_sure(run: Run, size: float) -> tuple[float | None, float | None, float | None, int]:
    """Return how often labels are the expected ones where models lean as much, and of how many."""
    predicted, pairs = run.table("predictions.parquet"), run.pair_table
    rows = predicted["pair"]
    label = pairs["label"].cast(pl.Float64).gather(rows).fill_null(0.5).to_numpy()
    odds = predicted["features"].to_numpy()
    known = np.flatnonzero((label != 0.5) & (odds != 0))
    if len(known) < FEWEST:
        return None, None, None, 0
    near = np.argsort(np.abs(np.abs(odds[known]) - size), kind="stable")
    kept = known[near[: min(NEAREST, max(FEWEST, len(known) // 10))]]
    won: Floats = np.where(odds > 0, label, 1 - label)[kept]
    weight, component = pairs["weight"].to_numpy(), pairs["component"].to_numpy()
    place = rows.to_numpy()[kept]
    found = share_interval(won, weight[place], component[place])
    return found["value"], found["low"], found["high"], len(kept)


def _parts(
    run: Run,
    sums: Mapping[tuple[int | None, str | None], float],
    controls: Mapping[str, float],
    shown: Mapping[int, float],
) -> tuple[Part, ...]:
    """Return what is added by every finding, named feature and control, and by all the rest."""
    speaks = _speakers(run.feature_rows, shown)
    added: dict[Feature | str, float] = {}
    rest = 0.0
    for (number, control), toward in sums.items():
        who: Feature | str | None = control
        if number is not None:
            who = speaks.get(number)
        if who is None:
            rest += toward
        else:
            added[who] = added.get(who, 0.0) + toward
    parts = [_part(who, toward, controls, shown) for who, toward in added.items()]
    parts.sort(key=lambda part: -abs(part.toward_a))
    return (*parts, Part("", False, "", rest)) if rest else tuple(parts)


def _speakers(features: Sequence[Feature], shown: Mapping[int, float]) -> dict[int, Feature]:
    """Return per single feature the one in whose name it counts: its group's finding if active."""
    named = [one for one in features if one.understood and not one.muted and one.feature in shown]
    heads: dict[int | None, Feature] = {
        one.group: one for one in named if one.finding is not None and one.group is not None
    }
    return {number: heads.get(one.group, one) for one in named for number in one.whole}


def _part(
    who: Feature | str, toward: float, controls: Mapping[str, float], shown: Mapping[int, float]
) -> Part:
    if isinstance(who, Feature):
        name, size, finding = who.description or "", shown[who.feature], who.finding is not None
    else:
        name, size, finding = who, controls.get(who, 0.0), False
    return Part(name, finding, "A" if size > 0 else "B" if size < 0 else "", toward)
