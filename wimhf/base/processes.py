"""Parts of long work in other processes of this machine, as many as it has processors."""

from __future__ import annotations

import os
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
        from joblib.externals.loky import get_reusable_executor
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        needed = min(self._processes, len(parts) if isinstance(parts, Sized) else self._processes)
        pool = get_reusable_executor(max(needed, 1), env=ONE_THREAD)
        done = False
        try:
            yield from enumerate(_in_order(pool, work, parts, ahead=AHEAD * needed))
            done = True
        except TerminatedWorkerError:
            raise EngineError(
                "a process that counted was ended from outside, often for want of memory; the same "
                "command goes on, and taskset leaves it fewer processors and so fewer processes"
            ) from None
        finally:
            pool.shutdown(wait=False, kill_workers=not done)  # idle ones would keep their memory


def _in_order(
    pool: Executor, work: Callable[[Part], Made], parts: Iterable[Part], ahead: int
) -> Iterator[Made]:
    waiting: deque[Future[Made]] = deque()
    for part in parts:
        waiting.append(pool.submit(work, part))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
