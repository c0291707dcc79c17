"""Independent pieces of numerical work, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import psutil
from threadpoolctl import threadpool_limits

from wimhf.base.processes import processors

Item = TypeVar("Item")
Made = TypeVar("Made")
FEW, ROOM = 4, 8 * 2**30
"""Pieces at a time, each of which holds arrays of its own: a few, more where each has room."""


@contextmanager
def meanwhile(work: Callable[[], Made]) -> Iterator[Future[Made]]:
    """Do ``work`` beside what the block does, both with one thread of linear algebra."""
    with threadpool_limits(1), ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """Yield what ``work`` makes of every item, in order.

    Linear algebra gets one thread a piece, so that its sums have one order on every machine.
    """
    with threadpool_limits(1), ThreadPoolExecutor(_at_a_time()) as pool:
        yield from pool.map(work, items)


def _at_a_time() -> int:
    room = int(psutil.virtual_memory().available) // ROOM
    return min(processors(), max(FEW, room))
