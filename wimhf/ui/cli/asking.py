"""Asking yes or no on the terminal, one thing after another; every answer is kept as it comes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import typer

from wimhf.redaction import isolated

T = TypeVar("T")
ANSWERS: dict[str, bool | None] = {"y": True, "n": False, "s": None}
QUIT, UNDO = "q", "u"
PROMPT_SHOWN, TEXT_SHOWN = 300, 4_000


def ask_each(
    things: Sequence[T],
    show: Callable[[T, int], None],
    keep: Callable[[T, bool | None], object],
    read: Callable[[], str] | None = None,
) -> bool:
    """Ask about things in their order; return whether all were answered.

    Parameters
    ----------
    show
        Shows one with its question; is given its number, from 1.
    keep
        Keeps an answer, None where it is left open.
    read
        Returns the next line, empty at the end; by default that of the terminal. Answers may be
        piped: the end of the file quits.
    """
    at, lines = 0, read or sys.stdin.readline
    while at < len(things):
        show(things[at], at + 1)
        word = _heard(lines)
        if word == QUIT:
            say_aside("stopped; what was answered is kept")
            return False
        if word == UNDO and at == 0:
            say_aside("  there is nothing to undo yet")
            continue
        at += -1 if word == UNDO else 1
        if word == UNDO:
            keep(things[at], None)
        else:
            keep(things[at - 1], ANSWERS[word])
    return True


def _heard(read: Callable[[], str]) -> str:
    while True:
        say_aside("  y(es), n(o), s(kip), u(ndo) or q(uit): ", end="")
        line = read()
        word = line.strip().lower()[:1] if line else QUIT
        if word in ANSWERS or word in (QUIT, UNDO):
            return word


def say_aside(text: str, end: str = "\n", **style: Any) -> None:
    """Print to the terminal beside what a command puts out."""
    typer.secho(isolated(text), err=True, nl=end == "\n", **style)
