"""What rules would change, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Mask, Progress, silent
from wimhf.curate.replay import Overlap, change, overlaps
from wimhf.curate.rules.rule import Rule
from wimhf.curate.state import State, support
from wimhf.errors import EditError
from wimhf.run import Edit
from wimhf.stats import Effects, Labels, state_effects, untouched_auc

EXAMPLES = 3
FIELDS = ("label", "weight", "kept")
PLANNED = 10**9
"""The number of the first edit that is only planned: beyond all that are in the log."""


@dataclass(frozen=True)
class Matched:
    """What one rule selects.

    Attributes
    ----------
    recorded
        What its edit would record: pair ids, old and new values.
    overlaps
        Edits in force, and earlier rules of the same file, that speak of the same pairs.
    selected, held
        Pairs it selects, and those of them that single edits hold.
    """

    rule: Rule
    recorded: dict[str, Any]
    overlaps: list[Overlap]
    selected: int
    held: int


@dataclass(frozen=True)
class Preview:
    """What rules would change.

    Attributes
    ----------
    matched
        Per rule what it selects.
    touched
        Pairs whose label, weight or presence would change: pair_id, before and after of each, and
        ``support``, the chance models that never saw the pair give its new label (of a pair that
        is tied, weighed or dropped: that its label is wrong).
    examples
        The three of them most and the three least supported, with their texts.
    effects
        Per feature the effect before and after, with intervals, and q.
    auc
        Out of fold on the pairs that no rule could reach, whatever their labels: before, after,
        difference; a reason where there are none.
    length, balance
        The effect of length, and how labels are shared out: before and after.
    alerts
        Before and after.
    """

    matched: list[Matched]
    touched: pl.DataFrame
    examples: pl.DataFrame
    effects: pl.DataFrame
    auc: dict[str, Any]
    length: dict[str, Any]
    balance: dict[str, Any]
    alerts: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        rules = [
            {
                "rule": one.rule.to_dict(), "selected": one.selected, "held": one.held,
                "overlaps": [told_overlap(overlap) for overlap in one.overlaps],
            }
            for one in self.matched
        ]  # fmt: skip
        return {
            "rules": rules, "touched": len(self.touched),
            "pair_ids": self.touched["pair_id"].to_list(),
            "examples": self.examples.to_dicts(), "effects": self.effects.to_dicts(),
            "auc": self.auc, "length": self.length, "balance": self.balance, "alerts": self.alerts,
        }  # fmt: skip


def told_overlap(overlap: Overlap) -> dict[str, Any]:
    """Return an overlap as plain JSON types: with an edit, or with an earlier rule of the file."""
    edit = overlap.edit
    planned = edit.number >= PLANNED
    return {
        "edit": None if planned else edit.number,
        "rule": (edit.data["rule"].get("name") or edit.number - PLANNED + 1) if planned else None,
        "what": told_edit(edit),
        "outranks": overlap.outranks, "pairs": overlap.pairs, "differ": overlap.differ,
    }  # fmt: skip


def told_edit(edit: Edit) -> str:
    """Say in a few words what an edit is."""
    data = edit.data
    if edit.kind == "rule":
        rule = data["rule"]
        return str(rule.get("name") or f"{_told(rule['then'])} where {_told(rule['when'])}")
    if edit.kind == "pairs":
        return f"{_told(data['action'])}, pair by pair"
    if edit.kind == "feature":
        said = [SAID[key](value) for key, value in data["new"].items() if key in SAID]
        return f"feature {data['feature']}: {', '.join(said)}"
    if edit.kind in ("undo", "redo"):
        return f"{edit.kind} edit {data['of']}"
    if edit.kind == "return":
        return f"return to checkpoint {data['name']}"
    return f"{edit.kind} {data.get('name') or data.get('decision', '')}".strip()


def _switched(on: str) -> Callable[[Any], str]:
    return lambda value: on if value else f"not {on} any more"


SAID: dict[str, Callable[[Any], str]] = {
    "description": lambda value: f"named “{value}”" if value else "its own name again",
    "note": lambda value: f"note “{value}”" if value else "without a note",
    "muted": _switched("muted"), "pinned": _switched("pinned"),
    "flipped": lambda value: "described by its other pole" if value else "its own pole again",
    "merged_into": lambda value: "taken out" if value is None else f"merged into feature {value}",
}  # fmt: skip
"""What people say of a feature, in words."""


def _told(written: Any) -> str:
    if isinstance(written, dict):
        return ", ".join(f"{key} = {_told(value)}" for key, value in written.items())
    if isinstance(written, list):
        return "; ".join(_told(one) for one in written[:4]) + ("; ..." if len(written) > 4 else "")
    return str(written).lower() if isinstance(written, bool) else str(written)


def match(state: State, rules: Sequence[Rule], *, anyway: bool = False) -> list[Matched]:
    """Return what rules select, in their order.

    Raises
    ------
    EditError
        If a rule selects nothing, everything or what is so already, or takes back the whole of
        another rule; ``anyway`` allows the latter three.
    """
    found: list[Matched] = []
    planned: list[Edit] = []
    for number, rule in enumerate(rules, start=1):
        name = rule.name or (f"rule {number}" if len(rules) > 1 else "the rule")
        one = _matched(state, rule, planned, name, anyway=anyway)
        found.append(one)
        planned.append(planned_edit(rule, one.recorded, len(planned)))
    return found


def planned_edit(rule: Rule, recorded: dict[str, Any], place: int) -> Edit:
    """Return the edit a rule would become, numbered after all that are in the log."""
    data = {"rule": rule.to_dict()} | recorded
    return Edit(PLANNED + place, "", "", "rule", rule.why, data)


def _matched(state: State, rule: Rule, planned: list[Edit], name: str, *, anyway: bool) -> Matched:
    facts = state.facts
    chosen = rule.selected(facts)
    count, n = int(chosen.sum()), len(chosen)
    if count == 0:
        raise EditError(f"{name} matches none of the {n:,} pairs; widen its condition")
    if count == n and not anyway:
        raise EditError(
            f"{name} matches all {n:,} pairs; narrow its condition, or allow it with --anyway"
        )
    rows = np.flatnonzero(chosen).tolist()
    now = state.after(planned).pairs
    recorded = change(now, rows, rule.values(facts, chosen))
    met = overlaps([*state.changes, *planned], recorded)
    against = [
        one for one in met
        if one.edit.kind == "rule" and one.whole and one.differ == one.pairs
    ]  # fmt: skip
    if against and rule.then.kind != "restore" and not anyway:
        first = against[0]
        which = f"edit {first.edit.number}" if first.edit.number < PLANNED else "an earlier rule"
        raise EditError(
            f"{name} contradicts {which} ({told_edit(first.edit)}): it says otherwise of all its "
            f"{first.pairs:,} pairs; undo that one first, or allow it with --anyway"
        )
    single = {p for one in met if one.outranks for p in one.edit.data["pair_ids"]}
    held = len(single & set(recorded["pair_ids"]))
    if not anyway and _changes_nothing(state, planned, rule, recorded):
        raise EditError(f"{name} matches {count:,} pairs and changes none: they are so already")
    return Matched(rule, recorded, met, count, held)


def _changes_nothing(
    state: State, planned: list[Edit], rule: Rule, recorded: dict[str, Any]
) -> bool:
    before = state.after(planned).pairs
    after = state.after([*planned, planned_edit(rule, recorded, len(planned))]).pairs
    return before.select(FIELDS).equals(after.select(FIELDS))


def preview(
    state: State,
    rules: Sequence[Rule],
    *,
    anyway: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Preview:
    """Return what rules would change; nothing is written."""
    matched = match(state, rules, anyway=anyway)
    planned = [planned_edit(one.rule, one.recorded, i) for i, one in enumerate(matched)]
    after = state.after(planned).pairs
    return _foreseen(state, matched, after, state.reached(planned), seed, progress)


def _foreseen(
    state: State,
    matched: list[Matched],
    after: pl.DataFrame,
    reached: Mask,
    seed: int,
    progress: Progress,
) -> Preview:
    before = state.replayed.pairs
    moved = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in FIELDS)
    both = before.with_columns(after[name].alias(f"{name}_after") for name in FIELDS)
    changed = both.select(moved).to_series().to_numpy()
    numbers, measured = state.columns
    was, becomes = Labels.of(before), Labels.of(after)
    effects_before = state.effects(progress)
    effects_after = state_effects(measured, numbers, becomes, progress)
    touched = _touched(state, both, changed)
    return Preview(
        matched=matched,
        touched=touched.drop("prompt", "response_a", "response_b"),
        examples=pl.concat([touched.head(EXAMPLES), touched.tail(EXAMPLES)]).unique(
            "pair_id", maintain_order=True
        ),
        effects=compared_effects(state, effects_before, effects_after),
        auc=untouched_auc(measured, was, becomes, reached | changed, seed),
        length={"before": effects_before.length, "after": effects_after.length},
        balance={"before": effects_before.balance, "after": effects_after.balance},
        alerts={"before": state.alerts(effects_before), "after": state.alerts(effects_after)},
    )


def _touched(state: State, both: pl.DataFrame, changed: np.ndarray[Any, Any]) -> pl.DataFrame:
    """Return the pairs that change, the best supported first."""
    old = both["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    new = both["label_after"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    kept = both["kept_after"].to_numpy()
    same = (old == new) | (np.isnan(old) & np.isnan(new))
    right = support(state, np.where(same, old, new))
    # a tie, a weight or a drop says nothing but that the label is in doubt
    value = np.where(same | ~kept | (new == 0.5), 1 - support(state, old), right)
    names = [name for one in FIELDS for name in (one, f"{one}_after")]
    part = both.with_columns(pl.Series("support", value, nan_to_null=True)).filter(
        pl.Series(changed)
    )
    chosen = part.select("pair_id", "prompt", "response_a", "response_b", *names, "support")
    return chosen.sort("support", descending=True, nulls_last=True, maintain_order=True)


def compared_effects(state: State, before: Effects, after: Effects) -> pl.DataFrame:
    """Return every feature's effect before and after, those that move most first."""
    names = state.run.features.select("feature", "description", "short", "author", "understood")
    kept = ("effect", "effect_low", "effect_high", "q", "effect_reason")
    sides = [
        one.features.select("feature", *(pl.col(name).alias(f"{name}_{when}") for name in kept))
        for one, when in ((before, "before"), (after, "after"))
    ]
    table = names.join(sides[0], on="feature").join(sides[1], on="feature")
    moved = (pl.col("effect_after") - pl.col("effect_before")).alias("moved")
    return table.with_columns(moved).sort(pl.col("moved").abs(), descending=True, nulls_last=True)
