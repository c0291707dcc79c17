"""The history of a run on the Curate page: every step, undo and redo of any, checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from wimhf.curate import Curation
from wimhf.run import Edit
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import counted, plain, shortened

SHOWN = 25
UNMARKED = ("undo", "redo", "return", "checkpoint")
"""Kinds of steps that say nothing by not being in force."""
OWNED = {
    "description": ("named “{}”", "its name taken back"),
    "note": ("noted “{}”", "its note taken away"),
    "muted": ("muted", "not muted"),
    "pinned": ("pinned", "not pinned"),
    "flipped": ("poles flipped", "poles flipped back"),
    "merged_into": ("merged into feature {}", "taken out of its merger"),
}
"""What people do to a feature, and how they take it back."""


@dataclass(frozen=True)
class Step:
    """One edit of the log as the history shows it.

    Attributes
    ----------
    can
        ``undo`` or ``redo`` where that can be done with it now, else empty.
    pair_id
        The pair it changed, where it is a single one.
    """

    number: int
    time: str
    who: str
    what: str
    why: str
    pairs: int
    kind: str
    in_force: bool
    can: str
    pair_id: str | None = None


def steps(c: Curation) -> list[Step]:
    """Return every edit, the newest first, with what can be done with it."""
    history, edits = c.run.history, c.run.log.edits()
    oldest_first = []
    for edit, row in zip(edits, c.history.iter_rows(named=True), strict=False):
        number, returned = row["edit"], row["kind"] == "return"
        undoable = number in history.undoable and (row["in_force"] or returned)
        can = "undo" if undoable else "redo" if number in history.redoable else ""
        oldest_first.append(Step(
            number, row["time"], row["who"], _action(edit) or row["what"], row["why"] or "",
            row["pairs"], row["kind"], row["in_force"], can, _only_pair(edit),
        ))  # fmt: skip
    return oldest_first[::-1]


def _action(edit: Edit) -> str:
    """Say what people did to a feature or decided of a suspect; empty of other edits."""
    if edit.kind == "decision":
        return "label kept as it is, in review"
    if edit.kind != "feature":
        return ""
    new = {key: value for key, value in edit.new.items() if key in OWNED}
    actions = [OWNED[key][0 if value else 1].format(value) for key, value in new.items()]
    return f"feature {edit.feature}: {', '.join(actions)}" if actions else ""


def _only_pair(edit: Edit) -> str | None:
    ids = edit.pair_ids
    return ids[0] if len(ids) == 1 and edit.kind in ("pairs", "decision") else None


def panel(opened: Opened) -> None:
    """Show the history, and let any step be undone or taken again."""
    with editing.curation(opened.run) as c:
        newest_first, notes = steps(c), c.notes
        names, changed = c.checkpoints, len(c.changed)
    for note in notes:
        st.warning(plain(note))
    st.caption(f"{counted(changed, 'pair is', 'pairs are')} not as the source has them.")
    _checkpoints(opened, names)
    if not newest_first:
        components.empty("Nothing was changed yet", "Every step will stand here.")
        return
    count = state.number("steps", SHOWN, least=1)
    for step in newest_first[:count]:
        _step(opened, step)
    if count < len(newest_first) and st.button("Show more", icon=":material/expand_more:"):
        state.put("steps", count + SHOWN)
        st.rerun()


def _step(opened: Opened, step: Step) -> None:
    with components.line(border=True):
        mark = "" if step.in_force or step.kind in UNMARKED else " :gray-badge[undone]"
        pairs = f" · {counted(step.pairs, 'pair')}" if step.pairs else ""
        why = f" · {plain(shortened(step.why, 200))}" if step.why else ""
        when = step.time.replace("T", " ").removesuffix("Z")
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{step.number}** {plain(shortened(step.what, 220))}{mark}")
            st.caption(f"{plain(step.who)} · {plain(when)} UTC{pairs}{why}")
        if step.pair_id is not None:
            pages.link("explore", "Pair", icon=":material/search:", pair=step.pair_id)
        if step.can and st.button(
            step.can.capitalize(), key=f"_{step.can}_{step.number}", icon=f":material/{step.can}:"
        ):
            editing.change(
                opened.run,
                lambda c: (c.undo if step.can == "undo" else c.redo)(step.number),
                lambda _: f"Edit {step.number} is {step.can}ne.",
                undoable=False,
            )


def _checkpoints(opened: Opened, names: list[str]) -> None:
    left, right = st.columns(2, vertical_alignment="bottom", gap="medium")
    with left.form("_checkpoint", border=False, clear_on_submit=True):
        one, two = st.columns([1.3, 1], vertical_alignment="bottom")
        name = one.text_input("Name the state as it is now", max_chars=80,
                              placeholder="before the second rule").strip()  # fmt: skip
        if two.form_submit_button("Set checkpoint", icon=":material/flag:"):
            editing.change(
                opened.run,
                lambda c: c.checkpoint(name),
                lambda _: f"Checkpoint {name} is set.",
                undoable=False,
            )
    if not names:
        return
    with right.form("_return", border=False):
        one, two = st.columns([1.3, 1], vertical_alignment="bottom")
        chosen = str(one.selectbox("Go back to a checkpoint", names[::-1]))
        if two.form_submit_button("Return", icon=":material/history:"):
            editing.change(
                opened.run,
                lambda c: c.return_to(chosen),
                lambda _: f"The state is that of checkpoint {chosen} again.",
            )
