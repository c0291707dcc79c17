"""A hidden folder beside the place of an export, in which it is made and which never stays."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from wimhf.base import regular_place, scratch, write_error
from wimhf.data.cards import card_place
from wimhf.errors import ExportError


def check_place(place: Path, kind: str) -> None:
    """Refuse a place where an export cannot be put.

    Raises
    ------
    ExportError
        If its folder is missing, or something stands there that is not to be replaced.
    """
    if not place.parent.is_dir():
        raise ExportError(f"{place.parent} is not a folder; make it, or choose another place")
    for ending in ("md", "json"):
        card = card_place(place, ending)
        regular_place(card, ExportError)
        if card.is_dir():
            raise ExportError(f"{card} is a folder, where the change card should be; move it away")
    if kind == "datasets" and place.exists():
        if not place.is_dir() or any(place.iterdir()):
            raise ExportError(f"{place} exists and is not an empty folder; choose another name")
    elif kind != "datasets" and place.is_dir():
        raise ExportError(f"{place} is a folder; choose another name")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait for the renames, so that a file and its card belong together."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        raise KeyboardInterrupt


@contextmanager
def staged(place: Path) -> Iterator[Path]:
    """Give a hidden folder beside the place, which is gone afterwards whatever happens.

    Raises
    ------
    ExportError
        If something cannot be written in it.
    """
    try:
        with scratch(place.parent, "wimhf-export") as staging:
            yield staging
    except (OSError, pl.exceptions.PolarsError) as error:
        mend = "choose a folder that can be"
        raise write_error(place, error, ExportError, kept="", mend=mend) from None
