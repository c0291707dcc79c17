"""Models at work in other processes: each loads its own copy, and no weights are sent."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from wimhf.errors import EncoderError


class Copy:
    """What a model does with a part of the work; its pickle is how the model is loaded.

    Parameters
    ----------
    load
        Loads it, wherever that is called.
    method
        Which of its methods does the work.
    revision
        What was loaded here: a copy must be the same.

    Attributes
    ----------
    processors
        Those that a copy computes on: as many as here, since sums of floats depend on it.
    """

    def __init__(self, load: Callable[[], Any], method: str, revision: str) -> None:
        import torch  # not before a model is wanted

        self.processors = torch.get_num_threads()
        self._given = load, method, revision

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return loaded, (*self._given, self.processors)

    def __call__(self, part: Any) -> Any:
        """Do it here."""
        return loaded(*self._given, self.processors)(part)


def loaded(
    load: Callable[[], Any], method: str, revision: str, processors: int
) -> Callable[[Any], Any]:
    """Return the method of a copy that is loaded now.

    Raises
    ------
    EncoderError
        If it cannot be loaded, or is another one.
    """
    import torch

    torch.set_num_threads(min(processors, os.cpu_count() or processors))
    model = load()
    if model.revision != revision:
        raise EncoderError(
            f"{model.id} is {model.revision} on {socket.gethostname()} and {revision} where the "
            "work is given out; put the same model on every machine"
        )
    return getattr(model, method)  # type: ignore[no-any-return]
