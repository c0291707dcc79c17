"""Parts of long work in other processes of this machine, as many as it has processors."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TYPE_CHECKING, TypeVar

from wimhf.errors import EngineError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Part = TypeVar("Part")
Made = TypeVar("Made")
AHEAD = 2
"""Parts a process that are asked for before their results are taken."""
PATIENCE = 2.0
"""Seconds that a pool is given to take what it was handed, before its processes are ended."""
ONE_THREAD = {
    f"{library}_THREADS": "1"
    for library in ("POLARS_MAX", "OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "VECLIB_MAXIMUM")
}
"""What lets libraries use one thread a process."""


class ProcessEngine:
    """Does parts in processes of their own, each on one thread; a script needs no main guard."""

    elsewhere = True
    device = "cpu"

    def __init__(self, processes: int) -> None:
        self._processes = processes

    def results(
        self, work: Callable[[Part], Made], parts: Iterable[Part]
    ) -> Iterator[tuple[int, Made]]:
        """Yield what ``work`` makes of every part with its place, in their order.

        A part is asked for when its turn is near, in the thread that takes the results.

        Raises
        ------
        Exception
            As ``work`` and ``parts`` raise it.
        EngineError
            If a process ends before its work is done.
        """
        from joblib.externals.loky import ProcessPoolExecutor
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        needed = min(self._processes, len(parts) if isinstance(parts, Sized) else self._processes)
        pool = ProcessPoolExecutor(max(needed, 1), env=ONE_THREAD)
        waiting: deque[Future[Made]] = deque()
        done = False
        try:
            yield from enumerate(_in_order(pool, work, parts, waiting, ahead=AHEAD * needed))
            done = True
        except TerminatedWorkerError:
            raise EngineError(
                "a process of this analysis was ended from outside, often for want of memory; the "
                "same command goes on, and taskset leaves it fewer processors, so fewer processes"
            ) from None
        finally:
            if not done:
                _let_begin(waiting)
            pool.shutdown(wait=False, kill_workers=not done)


def _in_order(
    pool: Executor, work: Callable[[Part], Made], parts: Iterable[Part],
    waiting: deque[Future[Made]], ahead: int,
) -> Iterator[Made]:  # fmt: skip
    for part in parts:
        waiting.append(pool.submit(work, part))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _let_begin(waiting: Iterable[Future[Made]]) -> None:
    """Wait until the pool has taken every part: it trips over those of which it is rid before."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if all(one.running() or one.done() for one in waiting):
            break
        time.sleep(0.01)


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
