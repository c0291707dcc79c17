"""A comparison: what every camp rewards, how far they are apart, and what a mixture would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from wimhf.base import Floats32, Ints
from wimhf.compare.camps import CampFacts, Column, Gathered
from wimhf.errors import ConfigError
from wimhf.run import RATED_COLUMNS
from wimhf.stats import Distance, mixed_effects, with_q

LEVEL = 0.05
CAMPS = ("camp", "first", "second")
"""Columns of tables that hold the number of a camp."""
EFFECTS = (
    "prevalence", "n_active", "win_rate", "effect", "effect_low", "effect_high", "p", "q",
    "effect_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Between:
    """The distance of two camps, by their numbers."""

    first: int
    second: int
    measured: Distance


@dataclass(frozen=True)
class Mixture:
    """What a mixture of the camps rewards.

    Attributes
    ----------
    shares
        Of the weight of all pairs, one per camp, summing to 1.
    effects
        ``feature`` (number of the column), effect, effect_low, effect_high, p, q, effect_reason.
    """

    shares: tuple[float, ...]
    effects: pl.DataFrame


@dataclass(frozen=True)
class Comparison:
    """What camps reward, side by side.

    Attributes
    ----------
    effects
        One row per column and camp: ``feature`` and ``camp`` (numbers), and EFFECTS; effects in
        points, q over the columns of a camp.
    gaps
        Per column and two camps the effect of the first less that of the second:
        ``stats.GAP_COLUMNS``.
    conflicts
        Per column ``stats.CONFLICT_COLUMNS``.
    notes
        What a reader must know: what was left out, which data are the same.
    models
        Of labels before and after curation the ratings of the models that pairs name
        (``run.RATED_COLUMNS``); empty elsewhere.
    """

    gathered: Gathered
    effects: pl.DataFrame
    gaps: pl.DataFrame
    conflicts: pl.DataFrame
    distances: tuple[Between, ...]
    notes: tuple[str, ...] = ()
    models: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RATED_COLUMNS))

    @property
    def by(self) -> str:
        """``run``, ``labels``, or the column whose groups are compared."""
        return self.gathered.by

    @property
    def camps(self) -> tuple[CampFacts, ...]:
        """The camps, by their numbers."""
        return self.gathered.facts

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, by their numbers."""
        return self.gathered.columns

    def members(self, camp: int) -> Ints:
        """Return the rows of a camp's pairs in its run."""
        return self.gathered.members[camp]

    def codes(self, camp: int, number: int) -> Floats32 | None:
        """Return (n,) a run's codes of a discovered column; None of any other column."""
        first = len(self.columns) - (self.gathered.codes[0].shape[1] if self.gathered.codes else 0)
        if number < first or not self.gathered.codes:
            return None
        return self.gathered.codes[camp][:, number - first]

    def number(self, column: str) -> int | None:
        """Return the number of the column of that id."""
        return next((i for i, one in enumerate(self.columns) if one.id == column), None)

    def natural_shares(self) -> tuple[float, ...]:
        """Return the shares that the camps have by their labelled pairs."""
        total = sum(one.labelled for one in self.camps)
        return tuple(one.labelled / total for one in self.camps)

    def shares_with(self, first: float) -> tuple[float, ...]:
        """Return shares of which the first camp has ``first``; the others share the rest evenly."""
        rest = len(self.camps) - 1
        return (first, *([(1 - first) / rest] * rest))

    def mixture(
        self, shares: Sequence[float] | None = None, columns: Sequence[int] | None = None
    ) -> Mixture:
        """Return what a mixture rewards; by default as the camps are, all pairs together.

        Parameters
        ----------
        shares
            One per camp, in any unit.
        columns
            Numbers of the columns wanted.

        Raises
        ------
        ConfigError
            If shares are not one per camp, negative, or all 0.
        """
        given = self.natural_shares() if shares is None else tuple(map(float, shares))
        sensible = all(0 <= share < np.inf for share in given) and sum(given) > 0
        if len(given) != len(self.camps) or not sensible:
            raise ConfigError(
                f"shares {', '.join(f'{s:g}' for s in given)} do not say how {len(self.camps)} are "
                "mixed; give one number per part, none of them negative and one at least above 0"
            )
        numbers = np.arange(len(self.columns)) if columns is None else np.array(columns, dtype=int)
        table = mixed_effects(self.gathered.camps, given, numbers)
        named = table.with_columns(pl.Series("feature", numbers))
        wanted = ("effect", "effect_low", "effect_high", "p", "effect_reason")
        total = sum(given)
        return Mixture(
            tuple(share / total for share in given), with_q(named.select("feature", *wanted))
        )

    def left_out(self, mixture: Mixture, columns: Sequence[int]) -> pl.DataFrame:
        """Return what a mixture says of some columns without one of its camps after the other.

        Returns
        -------
        DataFrame
            ``camp`` (the number of the one left out), and what ``Mixture.effects`` has; empty of
            two camps, where the other alone is left.
        """
        tables = []
        for camp, share in enumerate(mixture.shares):
            if share > 0 and len(self.camps) > 2 and share < 1:
                rest = [0.0 if at == camp else one for at, one in enumerate(mixture.shares)]
                effects = self.mixture(rest, columns).effects
                tables.append(effects.with_columns(pl.lit(camp, dtype=pl.Int64).alias("camp")))
        if not tables:
            return mixture.effects.clear().with_columns(pl.lit(0, dtype=pl.Int64).alias("camp"))
        return pl.concat(tables)

    def contested(self) -> list[int]:
        """Return the columns that one camp rewards or penalises, and another does otherwise.

        Those in conflict first, then those whose effects differ, by the size of the surest gap.
        """
        by_column = self.gaps.sort("q").group_by("feature", maintain_order=True)
        surest = by_column.agg(pl.col("q").first(), pl.col("gap").abs().first().alias("size"))
        table = self.conflicts.join(surest, on="feature", how="left")
        chosen = table.filter(pl.col("conflict") | (pl.col("q") < LEVEL))
        order = chosen.sort("conflict", "size", descending=True, nulls_last=True)
        return [int(number) for number in order["feature"]]

    def cancelled(self, mixture: Mixture) -> list[int]:
        """Return the columns in conflict of which a mixture says nothing beyond chance."""
        silent = mixture.effects.filter(pl.col("q").is_null() | (pl.col("q") >= LEVEL))
        opposed = self.conflicts.filter("conflict")["feature"]
        return [int(n) for n in silent["feature"] if n in set(opposed)]

    def to_dict(self, mixture: Mixture | None = None) -> dict[str, object]:
        """Return everything as plain JSON types, columns by their ids and camps by their names.

        Parameters
        ----------
        mixture
            The one that is told of; by default as the camps are.
        """
        ids = {number: one.id for number, one in enumerate(self.columns)}
        names = [one.name for one in self.camps]

        def named(table: pl.DataFrame) -> list[dict[str, object]]:
            return [
                {k: ids[v] if k == "feature" else names[v] if k in CAMPS else v
                 for k, v in row.items()}
                for row in table.iter_rows(named=True)
            ]  # fmt: skip

        mixture = mixture or self.mixture()
        return {
            "by": self.by, "camps": [vars(one) for one in self.camps],
            "columns": [vars(one) for one in self.columns], "effects": named(self.effects),
            "gaps": named(self.gaps), "conflicts": named(self.conflicts),
            "distances": [
                {"first": names[one.first], "second": names[one.second]} | vars(one.measured)
                for one in self.distances
            ],
            "mixture": {
                "shares": dict(zip(names, mixture.shares, strict=True)),
                "effects": named(mixture.effects),
                "cancelled": [ids[number] for number in self.cancelled(mixture)],
            },
            "models": self.models.to_dicts(), "notes": list(self.notes),
        }  # fmt: skip
