"""Parts of long work in other processes of this machine, as many as it has processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from wimhf.errors import EngineError, WimhfError

Part = TypeVar("Part")
Made = TypeVar("Made")
AHEAD = 2
"""Parts a process that are pickled before their turn."""


class ProcessEngine:
    """Does parts in processes of their own, each on one thread; a script needs no main guard."""

    elsewhere = True
    device = "cpu"

    def __init__(self, processes: int) -> None:
        self._processes = processes

    def results(
        self, work: Callable[[Part], Made], parts: Sequence[Part]
    ) -> Iterator[tuple[int, Made]]:
        """Yield what ``work`` makes of every part with its place, in whatever order it is done.

        Raises
        ------
        WimhfError
            As ``work`` raises it.
        EngineError
            If a process ends before its work is done.
        """
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky import get_reusable_executor
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        pool = Parallel(
            n_jobs=min(self._processes, len(parts)) or 1, batch_size=1,
            pre_dispatch=f"{AHEAD}*n_jobs", return_as="generator_unordered",
        )  # fmt: skip
        try:
            with _one_thread(), parallel_config("loky", inner_max_num_threads=1):
                yield from pool(delayed(_made)(work, place, one) for place, one in enumerate(parts))
        except WimhfError:
            raise
        except TerminatedWorkerError:
            raise EngineError(
                "a process that counted was ended from outside, often for want of memory; the same "
                "command goes on, and taskset leaves it fewer processors and so fewer processes"
            ) from None
        finally:
            get_reusable_executor().shutdown(wait=False)  # idle ones would keep their memory


def _made(work: Callable[[Part], Made], place: int, part: Part) -> tuple[int, Made]:
    return place, work(part)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that begin now use one thread of polars each."""
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
