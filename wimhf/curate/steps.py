"""Steps through the edit log of a run: undo, redo, checkpoints, history."""

from __future__ import annotations

import polars as pl

from wimhf.curate.preview import told_edit
from wimhf.run import Edit, Run, redo, return_to, set_checkpoint, undo

HISTORY_COLUMNS: dict[str, pl.DataType] = {
    "edit": pl.Int64(), "time": pl.String(), "who": pl.String(), "kind": pl.String(),
    "what": pl.String(), "why": pl.String(), "pairs": pl.Int64(), "in_force": pl.Boolean(),
}  # fmt: skip


class Steps:
    """What can be done with the edits themselves, signed by whoever does it."""

    def __init__(self, run: Run, who: str | None = None) -> None:
        self.run, self.who = run, who

    def undo(self, number: int | None = None, why: str = "") -> Edit:
        """Undo the last step in force, or the one of that number."""
        return undo(self.run.edits, number, who=self.who, why=why)

    def redo(self, number: int | None = None, why: str = "") -> Edit:
        """Take an undone step again."""
        return redo(self.run.edits, number, who=self.who, why=why)

    def checkpoint(self, name: str, why: str = "") -> Edit:
        """Give the present state a name."""
        return set_checkpoint(self.run.edits, name, who=self.who, why=why)

    def return_to(self, name: str, why: str = "") -> Edit:
        """Go back to a named state, as one step that can be undone."""
        return return_to(self.run.edits, name, who=self.who, why=why)

    @property
    def checkpoints(self) -> list[str]:
        """The names of all checkpoints, oldest first."""
        return list(self.run.history.checkpoints)

    @property
    def history(self) -> pl.DataFrame:
        """Every edit, oldest first: when, who, what, why, how many pairs, whether in force."""
        in_force = self.run.history.numbers
        rows = [
            (
                edit.number, edit.time, edit.who, edit.kind, told_edit(edit), edit.why,
                len(edit.data.get("pair_ids", [])), edit.number in in_force,
            )
            for edit in self.run.edits.edits()
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=HISTORY_COLUMNS, orient="row")
