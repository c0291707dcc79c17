"""What rules would change, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar

import numpy as np
import polars as pl

from wimhf.base import Mask, Progress, meanwhile, silent
from wimhf.curate.overlaps import Overlap, overlaps
from wimhf.curate.replay import FIELDS, Change, Recorded
from wimhf.curate.rule_checks import RuleChecked, written_checked
from wimhf.curate.rules.rule import Rule
from wimhf.curate.state import State
from wimhf.curate.wording import edit_words, overlap_record
from wimhf.errors import EditError
from wimhf.run import Alert
from wimhf.stats import (
    Balance,
    ComparedAuc,
    Effects,
    EffectSummary,
    Labels,
    state_effects,
    untouched_auc,
)

EXAMPLES = 3
Of = TypeVar("Of")


class Compared(TypedDict, Generic[Of]):
    """The same figure before and after."""

    before: Of
    after: Of


@dataclass(frozen=True)
class Matched:
    """What one rule selects.

    Attributes
    ----------
    written
        The rule as it is recorded, with concepts by their ids.
    recorded
        What its edit would record: pair ids, old and new values.
    overlaps
        Edits in force, and earlier rules of the same file, that speak of the same pairs.
    selected, held
        Pairs it selects, and those of them that single edits hold.
    checked
        What people said of its pairs, if they were asked.
    """

    rule: Rule
    written: dict[str, object]
    recorded: Recorded
    overlaps: list[Overlap]
    selected: int
    held: int
    checked: RuleChecked | None


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
    auc: ComparedAuc
    length: Compared[EffectSummary]
    balance: Compared[Balance]
    alerts: Compared[list[Alert]]

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain JSON types."""
        rules = [
            {
                "rule": one.written, "selected": one.selected, "held": one.held,
                "overlaps": [overlap_record(overlap) for overlap in one.overlaps],
                "checked": None if one.checked is None else one.checked.to_dict(),
            }
            for one in self.matched
        ]  # fmt: skip
        return {
            "rules": rules, "touched": len(self.touched),
            "pair_ids": self.touched["pair_id"].to_list(),
            "examples": self.examples.to_dicts(), "effects": self.effects.to_dicts(),
            "auc": self.auc, "length": self.length, "balance": self.balance, "alerts": self.alerts,
        }  # fmt: skip


def match(state: State, rules: Sequence[Rule], *, anyway: bool = False) -> list[Matched]:
    """Return what rules select, in their order.

    Raises
    ------
    EditError
        If a rule selects nothing, everything or what is so already, or takes back the whole of
        another rule; ``anyway`` allows the latter three.
    """
    matched: list[Matched] = []
    for number, rule in enumerate(rules, start=1):
        name = rule.name or (f"rule {number}" if len(rules) > 1 else "the rule")
        matched.append(_matched(state, rule, planned_changes(matched), name, anyway=anyway))
    return matched


def planned_changes(matched: Sequence[Matched]) -> list[Change]:
    """Return what rules would say of pairs, were they applied."""
    return [
        Change("rule", {"rule": one.written} | dict(one.recorded), why=one.rule.why, place=place)
        for place, one in enumerate(matched, start=1)
    ]


def _matched(
    state: State, rule: Rule, planned: list[Change], name: str, *, anyway: bool
) -> Matched:
    facts = state.facts
    chosen = rule.selected(facts)
    count, n = int(chosen.sum()), len(chosen)
    if count == 0:
        raise EditError(f"{name} matches none of the {n:,} pairs; widen its condition")
    if count == n and not anyway:
        raise EditError(
            f"{name} matches all {n:,} pairs; narrow its condition, or allow it with --anyway"
        )
    before = state.after(planned)
    recorded = before.record(np.flatnonzero(chosen).tolist(), rule.values(facts, chosen))
    met = overlaps([*state.changes, *planned], recorded)
    single = {p for one in met if one.outranks for p in one.edit.pair_ids}
    selected = Change("rule", recorded).pair_ids
    held = len(single.intersection(selected))
    written = facts.lasting(rule.to_dict())
    checked = written_checked(state.run, written, selected)
    one = Matched(rule, written, recorded, met, count, held, checked)
    if not anyway:
        _check_contradiction(one, name)
        after = state.after([*planned, *planned_changes([one])])
        if not before.differs(after).any():
            raise EditError(f"{name} matches {count:,} pairs and changes none: they are so already")
    return one


def _check_contradiction(matched: Matched, name: str) -> None:
    """Refuse a rule that says otherwise of all that another rule says."""
    against = next(
        (met for met in matched.overlaps
         if not met.outranks and met.whole and met.differ == met.pairs), None,
    )  # fmt: skip
    if against is None or matched.rule.then.kind == "restore":
        return
    number = against.edit.number
    which = "an earlier rule" if number is None else f"edit {number}"
    raise EditError(
        f"{name} contradicts {which} ({edit_words(against.edit)}): it says otherwise of all its "
        f"{against.pairs:,} pairs; undo that one first, or allow it with --anyway"
    )


def preview(
    state: State,
    rules: Sequence[Rule],
    *,
    anyway: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Preview:
    """Return what rules would change; nothing is written."""
    with meanwhile(lambda: state.columns[1].caps):  # a session's first preview lays them out
        matched = match(state, rules, anyway=anyway)
    planned = planned_changes(matched)
    before, after = state.curated, state.after(planned)
    changed = before.differs(after)
    numbers, measured = state.columns
    was, becomes = Labels.of(before.pairs), Labels.of(after.pairs)
    old = state.effects(progress)
    reached = state.reached(planned) | changed
    with meanwhile(lambda: untouched_auc(measured, was, becomes, reached, seed)) as auc:
        new = state_effects(measured, numbers, becomes, state.sample, progress)
        touched = _touched(state, before.pairs, after.pairs, changed)
    examples = pl.concat([touched.head(EXAMPLES), touched.tail(EXAMPLES)])
    return Preview(
        matched=matched,
        touched=touched.drop("prompt", "response_a", "response_b"),
        examples=examples.unique("pair_id", maintain_order=True),
        effects=compared_effects(state, old, new),
        auc=auc.result(),
        length={"before": old.length, "after": new.length},
        balance={"before": old.balance, "after": new.balance},
        alerts={"before": state.alerts(old), "after": state.alerts(new)},
    )


def _touched(
    state: State, before: pl.DataFrame, after: pl.DataFrame, changed: Mask
) -> pl.DataFrame:
    """Return the pairs that change, the best supported first."""
    both = before.with_columns(after[name].alias(f"{name}_after") for name in FIELDS)
    old = both["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    new = both["label_after"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    kept = both["kept_after"].to_numpy()
    same = (old == new) | (np.isnan(old) & np.isnan(new))
    right = state.support(np.where(same, old, new))
    # a tie, a weight or a drop says nothing but that the label is in doubt
    value = np.where(same | ~kept | (new == 0.5), 1 - state.support(old), right)
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
