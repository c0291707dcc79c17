"""Independent pieces of numerical work, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

from wimhf.base.processes import processors

Item = TypeVar("Item")
Made = TypeVar("Made")
MOST = 4
"""Pieces at a time: each holds arrays of its own."""


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """Yield what ``work`` makes of every item, in order.

    Linear algebra gets one thread a piece, so that its sums have one order on every machine.
    """
    with threadpool_limits(1), ThreadPoolExecutor(min(processors(), MOST)) as pool:
        yield from pool.map(work, items)
