"""Edits in words: one home for what history, previews and the change card say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, cast

import polars as pl

from wimhf.curate.overlaps import Overlap
from wimhf.curate.rule_checks import RuleChecked
from wimhf.curate.rules.reasons import written_words
from wimhf.run import Run


class Worded(Protocol):
    """What is put into words: an edit, or a rule that may become one."""

    @property
    def kind(self) -> str:
        """Rule, pairs, feature, undo, ..."""

    @property
    def data(self) -> Mapping[str, object]:
        """What is particular to the kind."""


def edit_words(edit: Worded) -> str:
    """Say in a few words what an edit is."""
    data = edit.data
    if edit.kind == "rule":
        rule = cast("Mapping[str, object]", data["rule"])
        return str(
            rule.get("name") or f"{written_words(rule['then'])} where {written_words(rule['when'])}"
        )
    if edit.kind == "pairs":
        return f"{written_words(data['action'])}, pair by pair"
    if edit.kind == "feature":
        return f"feature {data['feature']}: {', '.join(feature_words(data['new']))}"
    if edit.kind in ("undo", "redo"):
        return f"{edit.kind} edit {data['of']}"
    if edit.kind == "return":
        return f"return to checkpoint {data['name']}"
    return f"{edit.kind} {data.get('name') or data.get('decision', '')}".strip()


def _switched(on: str) -> Callable[[object], str]:
    return lambda value: on if value else f"not {on} any more"


WORDS: dict[str, Callable[[object], str]] = {
    "description": lambda value: f"named “{value}”" if value else "its own name again",
    "note": lambda value: f"note “{value}”" if value else "without a note",
    "muted": _switched("muted"), "pinned": _switched("pinned"),
    "flipped": lambda value: "described by its other pole" if value else "its own pole again",
    "merged_into": lambda value: "taken out" if value is None else f"merged into feature {value}",
}  # fmt: skip


def feature_words(new: object) -> list[str]:
    """Say what people say of a feature, part by part."""
    if not isinstance(new, Mapping):
        return []
    return [WORDS[key](value) for key, value in new.items() if key in WORDS]


def overlap_record(overlap: Overlap) -> dict[str, object]:
    """Return an overlap as plain JSON types: with an edit, or with an earlier ``rule`` of the file.

    The rule is its name or number; ``edit`` is null then.
    """
    other = overlap.edit
    rule = (other.rule.get("name") or other.place) if other.number is None else None
    return {
        "edit": other.number, "rule": rule, "what": edit_words(other),
        "outranks": overlap.outranks, "pairs": overlap.pairs, "differ": overlap.differ,
    }  # fmt: skip


def checked_words(checked: RuleChecked | None) -> str:
    """Say what people found of a rule's pairs; empty where nobody looked."""
    if checked is None:
        return ""
    return (
        f"checked by hand: {checked.hits} of {checked.asked} pairs, at least "
        f"{100 * checked.low:.0f} % truly fit ({checked.reason})"
    )


HISTORY_COLUMNS: dict[str, pl.DataType] = {
    "edit": pl.Int64(), "time": pl.String(), "who": pl.String(), "kind": pl.String(),
    "what": pl.String(), "why": pl.String(), "pairs": pl.Int64(), "in_force": pl.Boolean(),
}  # fmt: skip


def history_table(run: Run) -> pl.DataFrame:
    """Return every edit, oldest first (HISTORY_COLUMNS)."""
    in_force = run.history.numbers
    rows = [
        (
            edit.number, edit.time, edit.who, edit.kind, edit_words(edit), edit.why,
            len(edit.pair_ids), edit.number in in_force,
        )
        for edit in run.log.edits()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=HISTORY_COLUMNS, orient="row")
