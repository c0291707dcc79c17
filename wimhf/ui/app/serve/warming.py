"""The libraries are loaded while the browser is opened, not when the first page is asked for."""

from __future__ import annotations

import importlib
from threading import Thread
from types import ModuleType

FRAME = "wimhf.ui.app.frame"
NEEDED = (FRAME, "wimhf.pipeline", "wimhf.curate", "wimhf.compare", "altair")
_threads: list[Thread] = []


def begin() -> None:
    """Begin to load what every page needs."""
    _threads.append(Thread(target=_load, daemon=True))
    _threads[-1].start()


def frame() -> ModuleType:
    """Return what is around every page, once everything that has begun to load is there."""
    for thread in _threads:
        thread.join()
    return importlib.import_module(FRAME)


def _load() -> None:
    for name in NEEDED:
        importlib.import_module(name)
