"""Memory that is not needed any more goes back to the machine; libraries would rather keep it."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress


def keep_little() -> None:
    """Let polars return what it frees; said before it is imported, to the process and its own.

    Its allocator leaves freed pages to the kernel lazily, so that they count as if in use.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "muzzy_decay_ms:0")


def give_back() -> None:
    """Return what this process has freed, where the C library can (glibc's ``malloc_trim``)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
