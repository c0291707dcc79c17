"""A hundred analyses in a row and scripted use, in one process: memory and handles stay."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from toy import Count, made, prepare

WARM = 0.3
"""Part of the rounds after which what is kept on purpose is there."""
GROWTH = 60.0
"""MB that may be added after that; allocators do not give all back."""


State = tuple[float, int, int]
"""Resident memory in MB, open files, threads."""


def state_of(process: psutil.Process) -> State:
    """Return what a process holds."""
    return process.memory_info().rss / 2**20, process.num_fds(), process.num_threads()


def judged(count: Count, known: Sequence[State], files: int = 2) -> None:
    """Say by how much memory and open files grew from round to round; so many files may."""
    first, last = known[int(WARM * (len(known) - 1))], known[-1]
    grown, opened, threads = (b - a for a, b in zip(first, last, strict=True))
    count.measured = [
        f"{first[0]:.0f} MB after {int(WARM * len(known))} and {last[0]:.0f} MB at the end",
        f"{opened:+d} open files, {threads:+d} threads",
    ]
    if grown > GROWTH or opened > files or threads > 4:
        count.faults.append(f"{count.what}: {grown:.0f} MB, {opened} files, {threads} threads more")


def watched(what: str, rounds: int, act: Callable[[int], object]) -> Count:
    """Do something again and again in this process."""
    count, process, known = Count(what), psutil.Process(), list[State]()
    for number in range(rounds):
        act(number)
        gc.collect()
        count.tries += 1
        known.append(state_of(process))
    judged(count, known)
    return count


def counted(folder: Path, share: float) -> list[Count]:
    """Analyze, and use what was analyzed."""
    import wimhf

    settings = prepare(folder, 100)
    settings["dictionary"] |= {"steps": 100}
    settings["preference"] |= {"bootstrap": 50, "halvings": 1}
    kept = made(folder, settings)

    def analyze(number: int) -> None:
        made(folder, settings, "again")
        shutil.rmtree(folder / "again")

    def use(number: int) -> None:
        c = wimhf.open_curation(wimhf.open_run(kept), who="kim")
        ids = c.pairs.filter(c.pairs["label"] != 0.5)["pair_id"].to_list()  # a tie has no flip
        c.preview({"when": {"text": "butter"}, "then": "drop"})
        c.edit(ids[number % len(ids)], "flip", "again")
        c.export("native", folder / "o.jsonl", overwrite=True)
        c.undo()
        wimhf.write_report(c.run, folder / "r.html")

    return [
        watched("steady: analyses in a row", max(10, round(100 * share)), analyze),
        watched(
            "steady: open, preview, edit, export, undo, report", max(10, round(100 * share)), use
        ),
    ]
