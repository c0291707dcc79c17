"""Work on a Ray cluster: Ray Data hands parts to actors, which hold a model each."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from wimhf.base.servers import without_secrets
from wimhf.errors import EngineError, WimhfError
from wimhf.version import __version__

Part = TypeVar("Part")
Made = TypeVar("Made")
Row = dict[str, Any]
QUIET = {
    # texts are people's own, and so is how much they have of them
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_DATA_LOG_LEVEL": "ERROR",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""What Ray is told before it starts; a value that is set already stays."""
REACHED = 5.0
"""Seconds in which a cluster's port must answer; Ray itself would try for minutes."""
ROUNDS = 3
"""Times in a row that parts may be handed out with nothing coming back."""


class RayEngine:
    """Hands parts to a cluster: the one of RAY_ADDRESS, else one that is made on this machine.

    An actor takes the processors that its work uses, or one GPU where that is the device. A part
    whose actor or machine is lost is done again elsewhere.

    Raises
    ------
    EngineError
        If Ray is not installed, its cluster cannot be reached, or has no such device.
    """

    elsewhere = True

    def __init__(self, device: str = "auto") -> None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise EngineError(
                f"--engine ray cannot load ray ({error.msg}); pip install 'wimhf[ray]'"
            ) from None
        self._ray: Any = ray
        if not ray.is_initialized():
            _connect(ray)
        self.device = self._resolved(device)

    def _resolved(self, wanted: str) -> str:
        """Return cuda where the cluster has GPUs and no other device was asked for, else cpu."""
        gpu = self._has("GPU") >= 1
        if wanted == "auto":
            return "cuda" if gpu else "cpu"
        if wanted.startswith("cuda"):  # Ray says which
            if not gpu:
                raise EngineError("the Ray cluster has no GPU; use --device cpu, or auto")
            return "cuda"
        return wanted

    def results(
        self, work: Callable[[Part], Made], parts: Sequence[Part]
    ) -> Iterator[tuple[int, Made]]:
        """Yield what ``work`` makes of every part with its place, as it comes.

        ``work`` may say by an attribute ``processors`` how many it uses; else it is one.
        """
        left = dict(enumerate(parts))
        sent = self._ray.put(_pickled(work)) if left else None
        idle, processors = 0, int(getattr(work, "processors", 1))
        while left:
            before, failure = len(left), None
            try:
                for row in self._rows(sent, left, processors):
                    place, made = int(row["place"]), pickle.loads(row["made"])
                    if isinstance(made, Exception):
                        raise made
                    if left.pop(place, None) is not None:
                        yield place, made
            except self._ray.exceptions.RayError as error:
                failure = error
            idle = idle + 1 if len(left) == before else 0
            if idle >= ROUNDS:
                raise EngineError(f"the Ray cluster gives nothing back: {_why(failure)}")

    def _rows(self, sent: object, parts: Mapping[int, object], processors: int) -> Iterator[Row]:
        """Yield a row for every part that is done."""
        data = self._ray.data
        takes, room = self._room(processors)
        most = min(room, len(parts))
        # from one actor up, so that one that cannot be placed again holds nothing up
        pool = data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most)
        given = data.from_items(
            [{"place": place, "part": pickle.dumps(part)} for place, part in parts.items()],
            override_num_blocks=len(parts),
        )
        done = given.map_batches(
            _Actor, batch_size=1, compute=pool, fn_constructor_args=(sent, __version__), **takes
        )
        yield from done.iter_rows()

    def _room(self, processors: int) -> tuple[dict[str, int], int]:
        """Return what an actor takes, and how many of them there is room for."""
        if self.device == "cuda":
            return {"num_gpus": 1, "num_cpus": 0}, max(1, int(self._has("GPU")))
        nodes = [
            int(node["Resources"].get("CPU", 0)) for node in self._ray.nodes() if node["Alive"]
        ]
        takes = max(1, min(processors, max(nodes, default=1)))
        return {"num_cpus": takes}, max(1, sum(has // takes for has in nodes))

    def _has(self, kind: str) -> float:
        return float(self._ray.cluster_resources().get(kind, 0))


class _Actor:
    """Does the work on one part after the other, in a process of the cluster."""

    def __init__(self, sent: object, version: str) -> None:
        import ray

        self._failure: Exception | None = None
        if version != __version__:
            self._failure = EngineError(
                f"wimhf is {__version__} on {socket.gethostname()} and {version} where the work "
                "is given out; install the same on every machine"
            )
            return
        try:
            self._work = pickle.loads(ray.get(sent))
        except WimhfError as error:
            self._failure = error
        except Exception:
            self._failure = RuntimeError(traceback.format_exc())

    def __call__(self, batch: Row) -> Row:
        made = [pickle.dumps(self._made(part)) for part in batch["part"]]
        return {"place": batch["place"], "made": made}

    def _made(self, part: bytes) -> object:
        """Return what is made of a part, or the error that says why it cannot be."""
        if self._failure is not None:
            return self._failure
        try:
            return self._work(pickle.loads(part))
        except WimhfError as error:
            return error
        except Exception:  # a bug, whose trace is told where somebody sees it
            return RuntimeError(traceback.format_exc())


def _connect(ray: Any) -> None:
    """Reach the cluster of RAY_ADDRESS, or make one here."""
    address = os.environ.get("RAY_ADDRESS", "").strip()
    _reached(address)
    before = signal.getsignal(signal.SIGTERM)
    # which prints to standard output, where --json writes, whatever befalls a machine
    ray._private.worker.print_to_stdstream = lambda *_, **__: None
    try:
        ray.init(logging_level="ERROR", log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        at = f" at {without_secrets(address)}" if address else ""
        raise EngineError(f"the Ray cluster{at} cannot be used: {_why(error)}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray puts its own in its place


def _reached(address: str) -> None:
    """Refuse an address behind which nothing listens."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if not host or not port.isdecimal():
        return  # auto, local, or what Ray itself refuses
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACHED).close()
    except (OSError, OverflowError) as error:
        raise EngineError(
            f"no Ray cluster answers at RAY_ADDRESS {without_secrets(address)} ({error}); start it "
            "with `ray start --head`, or unset RAY_ADDRESS"
        ) from None


def _pickled(work: object) -> bytes:
    from ray import cloudpickle

    try:
        return bytes(cloudpickle.dumps(work))
    except Exception as error:  # whatever an object's own pickling raises
        raise EngineError(
            f"an encoder cannot be sent to the cluster ({_why(error)}); use --engine local"
        ) from None


def _why(error: BaseException | None) -> str:
    """Return what an error says first."""
    lines = str(error or "").strip().splitlines()
    return lines[0][:200] if lines else repr(error)
