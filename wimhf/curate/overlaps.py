"""Where a rule speaks of pairs that another edit speaks of, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wimhf.curate.replay import Change, Recorded


@dataclass(frozen=True)
class Overlap:
    """A change in force that speaks of the same pairs and fields as a rule.

    Attributes
    ----------
    outranks
        True where the rule's word counts less than the edit's (a single edit).
    pairs
        Pairs both speak of; ``differ``: those of which they say different things.
    whole
        True where the rule takes every pair the edit decides.
    """

    edit: Change
    outranks: bool
    pairs: int
    differ: int
    whole: bool


def overlaps(changes: Iterable[Change], recorded: Recorded) -> list[Overlap]:
    """Return the changes that a rule's change meets, rules before single edits."""
    rule = Change("rule", recorded)
    own = set(rule.pair_ids)
    words = {
        name: dict(zip(rule.pair_ids, values, strict=True)) for name, values in rule.values.items()
    }
    met: list[Overlap] = []
    for change in sorted(changes, key=lambda one: one.single):
        if own.isdisjoint(change.pair_ids):
            continue
        both: set[str] = set()
        differ: set[str] = set()
        for name, values in change.values.items():
            mine = words.get(name, {})
            for pair_id, value in zip(change.pair_ids, values, strict=True):
                if pair_id in mine:
                    both.add(pair_id)
                    if mine[pair_id] != value:
                        differ.add(pair_id)
        if both:
            whole = len(both) == len(set(change.pair_ids))
            met.append(Overlap(change, change.single, len(both), len(differ), whole))
    return met
