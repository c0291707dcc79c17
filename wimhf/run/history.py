"""What an edit log amounts to: which edits are in force, undo and redo, named checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wimhf.errors import EditError, RunError
from wimhf.run.edit import Edit
from wimhf.run.log import EditLog

CHANGES = ("rule", "pairs", "feature", "decision")
STEPS = (*CHANGES, "return")


@dataclass(frozen=True)
class History:
    """What the log amounts to.

    Attributes
    ----------
    active
        Edits in force, oldest first.
    undoable, redoable
        Numbers of the steps that can be taken back, and taken again; the next one last.
    checkpoints
        Per name the numbers of the edits in force when it was set.
    """

    active: tuple[Edit, ...]
    undoable: tuple[int, ...]
    redoable: tuple[int, ...]
    checkpoints: dict[str, frozenset[int]]

    @property
    def numbers(self) -> frozenset[int]:
        """Return the numbers of the edits in force: what a state is known by."""
        return frozenset(edit.number for edit in self.active)


def replayed(edits: Sequence[Edit]) -> History:
    """Return what a log amounts to; the same log always amounts to the same."""
    active: set[int] = set()
    undoable: dict[int, None] = {}
    redoable: dict[int, None] = {}
    checkpoints: dict[str, frozenset[int]] = {}
    for edit in edits:
        try:
            if edit.kind == "checkpoint":
                checkpoints[edit.text("name")] = frozenset(active)
            elif edit.kind in ("undo", "redo"):
                step = edits[edit.of - 1]
                on, off = _effect(step)
                taken, kept = (undoable, redoable) if edit.kind == "undo" else (redoable, undoable)
                if edit.kind == "undo":
                    on, off = off, on
                active -= off
                active |= on
                taken.pop(step.number, None)  # not there where a return put it in force again
                kept.pop(step.number, None)
                kept[step.number] = None
            elif edit.kind in STEPS:
                on, off = _effect(edit)
                active -= off
                active |= on
                undoable[edit.number] = None
                redoable.clear()
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise RunError(
                f"edit {edit.number} of the log cannot be replayed ({error!r})"
            ) from None
    in_force = tuple(edit for edit in edits if edit.number in active)
    return History(in_force, tuple(undoable), tuple(redoable), checkpoints)


def _effect(step: Edit) -> tuple[set[int], set[int]]:
    """Return the edits that a step puts in force, and those it takes out."""
    if step.kind == "return":
        return step.steps("redone"), step.steps("undone")
    return {step.number}, set()


def undo(log: EditLog, number: int | None = None, *, who: str | None = None, why: str) -> Edit:
    """Append the inverse of a step, by default the last one that is in force.

    Raises
    ------
    EditError
        If there is nothing to undo, or that step is not one that can be.
    """
    return _invert(log, "undo", number, who, why)


def redo(log: EditLog, number: int | None = None, *, who: str | None = None, why: str) -> Edit:
    """Take a step again that was undone, by default the last; a new edit ends the chance.

    Raises
    ------
    EditError
        If there is nothing to redo, or that step was not undone.
    """
    return _invert(log, "redo", number, who, why)


def _invert(log: EditLog, kind: str, number: int | None, who: str | None, why: str) -> Edit:
    with log.writing() as write:
        history = replayed(log.edits())
        steps = history.redoable
        if kind == "undo":  # what a return took out is in force again once that is undone
            edits = log.edits()
            steps = tuple(
                n for n in history.undoable
                if n in history.numbers or edits[n - 1].kind == "return"
            )  # fmt: skip
            again = history.numbers - set(steps)  # in force because of a return
            steps = (*sorted(again), *steps) if number in again else steps
        if not steps:
            raise EditError(f"there is nothing to {kind}")
        if number is not None and number not in steps:
            told = ", ".join(map(str, steps[-10:]))
            raise EditError(f"edit {number} cannot be {kind}ne; those that can: {told}")
        return write(kind, {"of": steps[-1] if number is None else number}, who, why)


def set_checkpoint(log: EditLog, name: str, *, who: str | None = None, why: str = "") -> Edit:
    """Give the present state a name.

    Raises
    ------
    EditError
        If the name is empty or taken.
    """
    with log.writing() as write:
        taken = replayed(log.edits()).checkpoints
        if not name.strip() or name in taken:
            known = ", ".join(taken) or "none"
            raise EditError(
                f"a checkpoint needs a name of its own, not {name!r}; there are {known}"
            )
        return write("checkpoint", {"name": name}, who, why)


def return_to(log: EditLog, name: str, *, who: str | None = None, why: str = "") -> Edit:
    """Go back (or forward) to a named state, as one step that can be undone.

    Raises
    ------
    EditError
        If there is no such checkpoint, or the state is that one already.
    """
    with log.writing() as write:
        history = replayed(log.edits())
        if name not in history.checkpoints:
            known = ", ".join(history.checkpoints) or "none"
            raise EditError(f"there is no checkpoint {name!r}; there are: {known}")
        wanted, now = history.checkpoints[name], history.numbers
        if wanted == now:
            raise EditError(f"nothing was changed since checkpoint {name!r}")
        data = {"name": name, "undone": sorted(now - wanted), "redone": sorted(wanted - now)}
        return write("return", data, who, why)
