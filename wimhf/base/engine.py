"""Where the parts of long work are done: here, one after the other, or on a Ray cluster."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
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
    """Does the parts in this process, in their order."""

    elsewhere = False

    def __init__(self, device: str = "auto") -> None:
        self.device = device

    def results(
        self, work: Callable[[Part], Made], parts: Sequence[Part]
    ) -> Iterator[tuple[int, Made]]:
        """Yield what ``work`` makes of every part, with its place."""
        for place, part in enumerate(parts):
            yield place, work(part)


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


def engine_of(name: str, device: str) -> Engine:
    """Return the engine of a name, ready for work.

    Parameters
    ----------
    name
        One of ``ENGINES``.
    device
        auto, cpu, cuda, cuda:N or mps.

    Raises
    ------
    EngineError
        If Ray is not installed, its cluster cannot be reached, or has no such device.
    """
    if name == "local":
        return LocalEngine(device)
    from wimhf.base.cluster import RayEngine

    return RayEngine(device)
