"""Laws of parts done in processes of this machine."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky import ProcessPoolExecutor

from tests.conftest import toy_rows
from wimhf.base import ProcessEngine
from wimhf.concepts import Asked, concept_columns, load_concepts, spread_columns
from wimhf.errors import EngineError, InputError


def doubled(part: int) -> int:
    """Double a part; refuse 5, and die of 6."""
    if part == 5:
        raise InputError("five is not understood")
    if part == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * part


def test_every_part_is_done_once_and_errors_arrive_as_they_are() -> None:
    engine = ProcessEngine(2)
    assert sorted(engine.results(doubled, range(4))) == [(place, 2 * place) for place in range(4)]
    assert list(engine.results(doubled, [])) == []
    with pytest.raises(InputError, match="five is not understood"):
        list(engine.results(doubled, range(4, 6)))
    with pytest.raises(EngineError, match="ended from outside"):
        list(engine.results(doubled, [6, 1]))
    assert list(engine.results(doubled, [7])) == [(0, 14)]


def test_work_that_is_broken_off_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[object] = []
    untaken: list[int] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    real = ProcessPoolExecutor.shutdown

    def shutdown(pool: Any, **how: Any) -> None:
        handed = [one.future for one in list(pool._pending_work_items.values())]
        untaken.append(sum(not (one.running() or one.done()) for one in handed))
        real(pool, **how)

    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", shutdown)

    def parts(count: int) -> Iterator[int]:
        yield from range(7, 7 + count)
        raise InputError("the source is at its end")

    for count in range(20, 28):
        with pytest.raises(InputError, match="at its end"):
            list(ProcessEngine(2).results(doubled, parts(count)))
    managers = [one for one in threading.enumerate() if one.name == "ExecutorManagerThread"]
    for one in managers:
        one.join(30)
    assert not any(one.is_alive() for one in managers)
    assert not failed
    assert untaken == [0] * 8


def test_concepts_are_the_same_whoever_counts() -> None:
    rows = toy_rows(24)
    prompts = [str(row["prompt"]) for row in rows]
    sides = [str(row["response_a"]) for row in rows], [str(row["response_b"]) for row in rows]
    bank, asked = load_concepts(), Asked(prompts, prompts)
    here = concept_columns(bank, asked, sides)
    there = spread_columns(bank, asked, sides, ProcessEngine(2), together=10)
    assert np.array_equal(there.odd.toarray(), here.odd.toarray())
    assert np.array_equal(there.held.toarray(), here.held.toarray())
    assert np.array_equal(there.foreign, here.foreign)
