"""Where the parts of long work are done: here, one after the other, or on a Ray cluster."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Protocol, TypeVar

from wimhf.errors import EngineError

ENGINES = ("local", "ray")
Part = TypeVar("Part")
Made = TypeVar("Made")


class Engine(Protocol):
    """Does the same work on many parts.

    Attributes
    ----------
    elsewhere
        Whether other processes do it: the work is pickled, and models are loaded there.
    device
        The torch device on which it is done; ``auto`` is resolved by whoever does it.
    """

    elsewhere: bool
    device: str

    def results(
        self, work: Callable[[Part], Made], parts: Sequence[Part]
    ) -> Iterator[tuple[int, Made]]:
        """Yield what ``work`` makes of every part with its place, in whatever order it is done.

        Raises
        ------
        WimhfError
            As ``work`` raises it.
        EngineError
            If the machines fail.
        """


class LocalEngine:
    """Does the parts in this process: in their order, or some at once where servers do the work."""

    elsewhere = False

    def __init__(self, device: str = "auto", at_once: int = 1) -> None:
        self.device, self._at_once = device, at_once

    def results(
        self, work: Callable[[Part], Made], parts: Sequence[Part]
    ) -> Iterator[tuple[int, Made]]:
        """Yield what ``work`` makes of every part, with its place."""
        if self._at_once == 1:
            for place, part in enumerate(parts):
                yield place, work(part)
            return
        pool = ThreadPoolExecutor(self._at_once)
        try:
            yield from _together(pool, self._at_once, work, parts)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _together(
    pool: ThreadPoolExecutor, at_once: int, work: Callable[[Part], Made], parts: Sequence[Part]
) -> Iterator[tuple[int, Made]]:
    """Yield results as they come; after a failure nothing is begun, and what had begun is kept."""
    ahead = iter(enumerate(parts))
    running: dict[Future[Made], int] = {}
    failure: BaseException | None = None
    while True:
        if failure is None:
            for place, part in islice(ahead, at_once - len(running)):
                running[pool.submit(work, part)] = place
        if not running:
            break
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            place, failed = running.pop(done), done.exception()
            if failed is None:
                yield place, done.result()
            failure = failure or failed
    if failure is not None:
        raise failure


LOCAL = LocalEngine()


def check_engine(name: str) -> None:
    """Refuse an engine that is not installed.

    Raises
    ------
    EngineError
        If it is not.
    """
    if name == "ray" and importlib.util.find_spec("ray") is None:
        raise EngineError("--engine ray needs ray; pip install 'wimhf[ray]', or leave --engine out")


def engine_of(name: str, device: str, at_once: int = 1) -> Engine:
    """Return the engine of a name, ready for work.

    Parameters
    ----------
    name
        One of ``ENGINES``.
    device
        auto, cpu, cuda, cuda:N or mps.
    at_once
        Parts that the local engine does at the same time.

    Raises
    ------
    EngineError
        If Ray is not installed, its cluster cannot be reached, or has no such device.
    """
    if name == "local":
        return LocalEngine(device, at_once)
    from wimhf.base.cluster import RayEngine

    return RayEngine(device)
