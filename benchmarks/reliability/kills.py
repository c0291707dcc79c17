"""Kill analyses, exports, edits, cache writers and background jobs; end them; compare the bytes."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from toy import Count, bytes_of, made, prepare

MOVES = ("replace", "fsync", "rename", "unlink")
"""Calls before which a process is killed at a chosen moment."""


class Kills:
    """What can be killed: work that may be begun again, and what has to be true afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = prepare(folder)
        status = forked(lambda: made(folder, self.settings, "whole"))
        if status != 0:
            raise SystemExit("the toy run cannot be made")
        self.whole = bytes_of(folder / "whole")

    def analyze(self, work: Path) -> tuple[Callable[[], object], Callable[[], str]]:
        """Analyze into a new folder."""

        def check() -> str:
            found = bytes_of(work / "run")
            names = found.keys() | self.whole.keys()
            differ = [name for name in names if found.get(name) != self.whole.get(name)]
            return f"differ: {', '.join(sorted(differ))}" if differ else ""

        return lambda: made(work, self.settings, "run"), check

    def curate(self, work: Path) -> tuple[Callable[[], object], Callable[[], str]]:
        """Make edits, going on behind those that are there."""
        run = shutil.copytree(self.folder / "whole", work / "run")

        def edits() -> None:
            import wimhf

            c = wimhf.open_curation(run, who="kim")
            ids = c.pairs["pair_id"].to_list()
            for number in range(len(c.run.log.edits()), 12):
                c.edit(ids[number], "flip", f"edit {number}")

        def check() -> str:
            lines = [json.loads(x) for x in (run / "edits.jsonl").read_text().splitlines()]
            whys = [line["why"] for line in lines]
            return "" if whys == [f"edit {n}" for n in range(12)] else f"edits: {whys}"

        return edits, check

    def export(self, work: Path) -> tuple[Callable[[], object], Callable[[], str]]:
        """Write an export over an older one; at every moment both belong to their card."""
        run = shutil.copytree(self.folder / "whole", work / "run")
        (work / "out").mkdir()
        place = work / "out" / "out.jsonl"

        def write() -> None:
            import wimhf

            c = wimhf.open_curation(run, who="kim")
            if not c.run.log.edits():
                c.export("native", place, overwrite=True)
                c.edit(c.pairs["pair_id"].to_list()[:5], "flip", "five")
            c.export("native", place, overwrite=True)

        def check() -> str:
            import wimhf
            from wimhf.data import export_fault

            c = wimhf.open_curation(run, who="kim")
            c.export("native", work / "again.jsonl")
            names = sorted(item.name for item in place.parent.iterdir())
            same = place.read_bytes() == (work / "again.jsonl").read_bytes()
            left = names != ["out.jsonl", "out.jsonl.card.json", "out.jsonl.card.md"]
            return (
                export_fault(place)
                or (f"left: {names}" if left else "")
                or ("" if same else "another file")
            )

        return write, check

    def cache(self, work: Path) -> tuple[Callable[[], object], Callable[[], str]]:
        """Keep vectors; none that is there afterwards is half a vector."""
        from wimhf.learn.vector_cache import keep_vectors, known_vectors, vector_cache

        keys = [number.to_bytes(32, "big") for number in range(3000)]
        vectors = np.arange(3000 * 16, dtype=np.float32).reshape(3000, 16)

        def keep() -> None:
            with vector_cache(work, encoder="toy") as cache:
                known = known_vectors(cache, keys)
                for start in range(0, 3000, 100):
                    part = keys[start : start + 100]
                    if not known.keys() >= set(part):
                        keep_vectors(cache, part, vectors[start : start + 100])

        def check() -> str:
            with vector_cache(work, encoder="toy") as cache:
                known = known_vectors(cache, keys)
            wrong = sum(not np.array_equal(known[k], v) for k, v in zip(keys, vectors, strict=True))
            left = [item.name for item in (work / "embeddings").iterdir()]
            return f"{wrong} wrong" if wrong else f"left: {left}" if len(left) > 1 else ""

        return keep, check


def forked(work: Callable[[], object], kill: Callable[[int], None] | None = None) -> int:
    """Do work in a process of its own; return how it ended, below zero by a signal."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    if kill is not None:
        kill(process)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def killed_before(work: Callable[[], object], call: str, number: int) -> Callable[[], object]:
    """Return the work, which is killed before the n-th call that moves or keeps a file."""

    def killing() -> object:
        true, left = getattr(os, call), number

        def counted(*given: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return true(*given, **more)

        setattr(os, call, counted)
        return work()

    return killing


def tried(kills: Kills, what: str, randoms: int, chosen: int, rng: random.Random) -> Count:
    """Kill one kind of work at random and at chosen moments."""
    count = Count(f"kill {what}")
    began = time.monotonic()
    work = kills.folder / f"{what}-time"
    work.mkdir()
    forked(getattr(kills, what)(work)[0])
    takes = time.monotonic() - began
    moments = [("time", rng.uniform(0.0, takes)) for _ in range(randoms)]
    moments += [(MOVES[n % len(MOVES)], n // len(MOVES)) for n in range(chosen)]
    for number, (kind, at) in enumerate(moments):
        place = kills.folder / f"{what}-{number}"
        place.mkdir()
        do, check = getattr(kills, what)(place)

        def kill(process: int, at: float = at) -> None:
            time.sleep(at)
            os.kill(process, signal.SIGKILL)

        ended = forked(do, kill) if kind == "time" else forked(killed_before(do, kind, int(at)))
        count.tries += 1
        count.note("killed" if ended == -signal.SIGKILL else "ended before")
        again = forked(lambda: _checked(do, check))  # noqa: B023
        if again != 0:
            count.faults.append(f"{what}, {kind} {at}: see above")
        shutil.rmtree(place)
    return count


def _checked(do: Callable[[], object], check: Callable[[], str]) -> None:
    do()
    if fault := check():
        raise ValueError(fault)


def jobs(kills: Kills, randoms: int, chosen: int, rng: random.Random) -> Count:
    """Kill the processes of background jobs, by the clock and at stages."""
    from wimhf.pipeline import read_job, restart_job, start_job

    count = Count("kill job")
    stages = ["read", "embed", "dictionary", "describe", "preference"]
    for number in range(randoms + chosen):
        run = kills.folder / f"runs-{number}" / "run"
        run.parent.mkdir()
        start_job(kills.settings["read"]["source"], run, kills.settings)
        process = json.loads((run.parent / ".jobs" / "run" / "process.json").read_text())["pid"]
        until = time.monotonic() + (rng.uniform(0.0, 8.0) if number < randoms else 60)
        stage = stages[number % len(stages)]
        while time.monotonic() < until and (state := read_job(run)) and state.under_way:
            if number >= randoms and state.stage == stage:
                break
            time.sleep(0.02)
        try:
            os.kill(process, signal.SIGKILL)
            count.note("killed")
        except ProcessLookupError:
            count.note("ended before")
        count.tries += 1
        while (state := read_job(run)) and state.under_way:
            time.sleep(0.05)
        if state is not None and state.status != "done":
            state = restart_job(run)
            while state is not None and state.under_way:
                time.sleep(0.1)
                state = read_job(run)
        left = [p.name for p in (run.parent / ".jobs" / "run").iterdir() if p.suffix == ".part"]
        if state is None or state.status != "done":
            count.faults.append(f"job {number}: {state}")
        elif bytes_of(run) != kills.whole or left:
            count.faults.append(f"job {number}: other bytes, or left {left}")
        shutil.rmtree(run.parent)
    return count


def counted(folder: Path, share: float) -> list[Count]:
    """Kill everything; ``share`` of 50 random and 30 chosen moments over all kinds."""
    import wimhf.curate
    import wimhf.data
    import wimhf.learn
    import wimhf.pipeline.plan  # noqa: F401

    rng = random.Random(0)
    kills = Kills(folder)
    randoms, chosen = max(1, round(10 * share)), max(1, round(6 * share))
    whats = ("analyze", "export", "curate", "cache")
    return [
        *(tried(kills, what, randoms, chosen, rng) for what in whats),
        jobs(kills, randoms, chosen, rng),
    ]
