"""Which pairs a target gets: those it can hold, with a count and a reason for all others."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from wimhf.data.export.target import SHAPED_MARGIN, Chosen, Target
from wimhf.data.export.targets import TARGETS
from wimhf.data.export.weighting import COLUMN, WAYS
from wimhf.errors import ExportError

ACTING = tuple(way for way in WAYS if way != COLUMN)
TIES = ("leave out", "refuse")
REASON = "_reason"
DROPPED, UNLABELLED, TIE, WEIGHTLESS = "dropped", "unlabelled", "tie", "weight 0"


@dataclass(frozen=True)
class Selection:
    """The pairs to write and what became of the others.

    Attributes
    ----------
    left_out
        Pairs that are not written, by reason; with the written ones they are all pairs.
    rounded
        Written pairs whose label was a fraction and became its likelier winner.
    """

    chosen: Chosen
    left_out: dict[str, int] = field(default_factory=dict)
    rounded: int = 0
    warnings: tuple[str, ...] = ()


def selected(
    pairs: pl.DataFrame, target: Target, ties: str, extra: tuple[str, ...], *, drop_weights: bool
) -> Selection:
    """Take the pairs that a target can hold.

    Raises
    ------
    ExportError
        If nothing is left, ties are not wanted left out, or weights would be lost.
    """
    _check(pairs, ties, extra)
    pairs = _explained(pairs, target)
    counts = dict(pairs.drop_nulls(REASON).group_by(REASON).len().sort(REASON).iter_rows())
    if counts.get(TIE) and ties == "refuse":
        raise ExportError(
            f"{target.name} cannot hold the {counts[TIE]:,} ties among these pairs; "
            f"{_holders('ties')} can, or let ties be left out"
        )
    held = pairs.filter(pl.col(REASON).is_null()).drop(REASON)
    if held.is_empty():
        why = ", ".join(f"{count:,} {why}" for why, count in counts.items()) or "there are none"
        raise ExportError(
            f"nothing is left to write as {target.name}: {why}; "
            f"{_holders('ties')} hold ties, native also pairs without a label"
        )
    rounded = 0
    if not target.fractions:
        label = pl.col("label")
        rounded = held.filter(~label.is_in([0.0, 0.5, 1.0])).height
        winner = pl.when(label == 0.5).then(0.5).otherwise((label > 0.5) * 1.0)
        held = held.with_columns(winner.alias("label"))
    weighted = _weighted(held, target, drop_weights=drop_weights)
    margins, warnings = _margins(held, target)
    if weighted and target.ignores:
        warnings += (f"{target.ignores}; weights act where they {' or '.join(ACTING)} pairs",)
    chosen = Chosen(held, weighted, margins, extra)
    twice = [c.name for c in target.columns if c.name in extra and c.written(chosen)]
    if twice:
        raise ExportError(f"{target.name} has a column {', '.join(twice)} of its own; leave it out")
    return Selection(chosen, counts, rounded, warnings)


def _check(pairs: pl.DataFrame, ties: str, extra: tuple[str, ...]) -> None:
    if ties not in TIES:
        raise ExportError(f"ties={ties!r} is unknown; use {' or '.join(map(repr, TIES))}")
    missing = [name for name in extra if name not in pairs.columns]
    if missing:
        raise ExportError(
            f"the pairs have no column {', '.join(missing)}; they have {', '.join(pairs.columns)}"
        )


def _explained(pairs: pl.DataFrame, target: Target) -> pl.DataFrame:
    """Return the pairs with why each is left out; null where it is not."""
    if "kept" not in pairs.columns:
        pairs = pairs.with_columns(kept=pl.lit(True))
    label, nothing = pl.col("label"), pl.lit(None, pl.String)
    reason = pl.coalesce(
        pl.when(~pl.col("kept")).then(pl.lit(DROPPED)),
        pl.when(label.is_null()).then(nothing if target.unlabelled else pl.lit(UNLABELLED)),
        pl.when(pl.col("weight") == 0).then(nothing if target.zero_weights else pl.lit(WEIGHTLESS)),
        pl.when(label == 0.5).then(nothing if target.ties else pl.lit(TIE)),
    )
    pairs = pairs.with_columns(label.cast(pl.Float64), reason.alias(REASON))
    unheld = target.unheld(pairs)
    more = pl.col("pair_id").replace_strict(unheld, default=None, return_dtype=pl.String)
    return pairs.with_columns(pl.coalesce(REASON, more).alias(REASON)) if unheld else pairs


def _weighted(pairs: pl.DataFrame, target: Target, *, drop_weights: bool) -> bool:
    differ = pairs["weight"].n_unique() > 1
    if differ and not target.weights and not drop_weights:
        raise ExportError(
            f"{target.name} cannot hold weights, and these pairs' differ; {_holders('weights')} "
            "can, or let them act (weights=duplicate) or drop them"
        )
    return differ and target.weights and not drop_weights


def _margins(pairs: pl.DataFrame, target: Target) -> tuple[bool, tuple[str, ...]]:
    """Say whether every margin is known, and warn where only some are."""
    if SHAPED_MARGIN in pairs.columns:
        if not target.margins:
            raise ExportError(
                f"{target.name} holds no margin; {_holders('margins')} do, or leave margin=shaped "
                "out"
            )
        return True, ()
    if not target.strength or "strength" not in pairs.columns:
        return False, ()
    unknown = pairs["strength"].null_count()
    if unknown in (0, pairs.height) or target.family == "native":
        return unknown == 0, ()
    return False, (
        f"{unknown:,} of {pairs.height:,} pairs have no strength, so no margin is written",
    )


def _holders(what: str) -> str:
    return ", ".join(target.name for target in TARGETS if getattr(target, what))
