"""Answering yes or no by keyboard, pair by pair, and taking an answer back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from wimhf.run import Answer, Key
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing
from wimhf.ui.words.figures import counted

ANSWERS: dict[str, bool | None] = {"Yes": True, "No": False, "Skip": None}
LETTERS = {"Yes": ("Y", "check"), "No": ("N", "close"), "Skip": ("S", "skip_next"),
           "Undo": ("U", "undo")}  # fmt: skip
"""Per answer its key and icon."""


@dataclass(frozen=True)
class Asking:
    """What is asked about, and where answers go.

    Attributes
    ----------
    about
        What the session remembers its own answers by.
    yes, no
        What these mean, in a few words.
    standing
        The answers that count.
    keep
        Keeps an answer with the run; None leaves the pair open.
    writable
        Whether it can.
    """

    about: str
    yes: str
    no: str
    standing: Mapping[Key, Answer]
    keep: Callable[[Key, bool | None], object]
    writable: bool

    @property
    def again(self) -> Key | None:
        """The pair whose answer this session took back last."""
        known: dict[str, Key] = st.session_state.get("_check_again") or {}
        return known.get(self.about)

    @property
    def mine(self) -> list[tuple[Key, bool | None]]:
        """What this session answered: which pair, and what was said before."""
        every: dict[str, list[tuple[Key, bool | None]]] = st.session_state.get("_checked") or {}
        return every.get(self.about, [])

    def answer(self, key: Key, name: str) -> None:
        """Keep an answer."""
        known = self.standing.get(key)
        self.keep(key, ANSWERS[name])
        self._remember([*self.mine, (key, None if known is None else known.answer)], None)

    def undo(self) -> None:
        """Take this session's last answer back, and ask about its pair again."""
        *rest, (key, before) = self.mine
        self.keep(key, before)
        self._remember(rest, key)

    def _remember(self, mine: list[tuple[Key, bool | None]], again: Key | None) -> None:
        every = st.session_state.get("_checked") or {}
        st.session_state["_checked"] = every | {self.about: mine}
        st.session_state["_check_again"] = {} if again is None else {self.about: again}


def buttons(asking: Asking, key: Key) -> None:
    """Show what can be answered; a key does what its button does.

    The buttons belong to the pair, so that a key pressed too soon answers nothing of the next one.
    """
    words = {"Yes": asking.yes, "No": asking.no, "Skip": "cannot be told",
             "Undo": "take the last answer back"}  # fmt: skip
    with st.container(horizontal=True, gap="xsmall", key="answers"):
        for name, (letter, icon) in LETTERS.items():
            pressed = st.button(
                name, shortcut=letter, key=f"_{name.lower()}_{'_'.join(key)}",
                help=words[name].capitalize(), icon=f":material/{icon}:",
                disabled=not asking.writable or (name == "Undo" and not asking.mine),
                type="primary" if name in ("Yes", "No") else "secondary",
            )  # fmt: skip
            if pressed:
                with editing.attempt():
                    asking.undo() if name == "Undo" else asking.answer(key, name)
                    st.rerun()


def at_the_end(asking: Asking, skipped: int) -> None:
    """Say that every pair was asked about, and offer the skipped ones and the last answer back."""
    if skipped:
        said = counted(skipped, "pair was", "pairs were")
        components.empty("The end of the list", f"{said} skipped.")
        if st.query_params.get("skipped") != "1" and st.button(
            "Ask about the skipped ones", icon=":material/restart_alt:", key="_over"
        ):
            state.put("skipped", 1)
            st.rerun()
    else:
        components.empty("All of these are answered", "Ask about more for narrower bounds.")
    if asking.mine and st.button(
        "Undo the last answer", icon=":material/undo:", key="_undo_end", shortcut="U",
        disabled=not asking.writable,
    ):  # fmt: skip
        with editing.attempt():
            asking.undo()
            st.rerun()
