"""Background analyses: they end, they can be cancelled and taken up again, they say what failed."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import toy_config, toy_rows, write_rows
from wimhf import open_run
from wimhf.errors import ConfigError, RunError
from wimhf.pipeline import jobs

PATIENCE = 90.0


def wait(run: Path, until: Callable[[jobs.JobState], bool]) -> jobs.JobState:
    """Wait until a job is as wanted, or has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        state = jobs.read_job(run)
        assert state is not None
        if until(state):
            return state
        time.sleep(0.05)
    pytest.fail(f"waited too long; the job is {state}")


def ended(state: jobs.JobState) -> bool:
    return not state.under_way


@pytest.fixture
def work(tmp_path: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Return a source, a run folder and settings that need no model."""
    rows = toy_rows(400)
    source = write_rows(tmp_path / "toy.jsonl", rows)
    vectors = np.random.default_rng(0).standard_normal((len(rows), 2, 16)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)
    settings = toy_config().to_dict()
    settings["embed"]["embeddings"] = str(tmp_path / "vectors.npy")
    return source, tmp_path / "runs" / "toy", settings


def slowed(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"dictionary": settings["dictionary"] | {"steps": 200_000}}


def test_a_job_runs_to_its_end_and_reports_each_stage(
    work: tuple[Path, Path, dict[str, Any]],
) -> None:
    source, run, settings = work
    first = jobs.start_job(source, run, settings)
    assert first.under_way
    seen: set[str] = set()
    order: list[tuple[int, float]] = [(0, 0.0)]

    def note(state: jobs.JobState) -> bool:
        seen.add(state.stage)
        stages = [name for name, _ in state.plan]
        if state.under_way and state.stage in stages:
            place, share = stages.index(state.stage), state.outlook()[0]
            assert place >= order[-1][0], "the checklist went back"
            assert share >= order[-1][1] - 1e-9, "the bar went back"
            order.append((place, share))
        assert state.done <= state.total or state.total == 0
        return ended(state)

    state = wait(run, note)
    assert (state.status, state.error) == ("done", None)
    assert next(iter(state.plan))[0] == "read"
    assert seen & {name for name, _ in state.plan}
    assert open_run(run).n_discovered == 8
    assert jobs.list_jobs(run.parent) == [state]
    assert [item.name for item in run.parent.iterdir() if not item.name.startswith(".")] == ["toy"]
    jobs.forget_job(run)
    assert jobs.read_job(run) is None
    assert open_run(run).features.height >= 8


def test_a_cancelled_job_ends_and_starts_again_where_it_stood(
    work: tuple[Path, Path, dict[str, Any]],
) -> None:
    source, run, settings = work
    jobs.start_job(source, run, slowed(settings))
    wait(run, lambda state: (state.stage == "dictionary" and state.done > 0) or ended(state))
    with pytest.raises(RunError, match="being analyzed already"):
        jobs.start_job(source, run, settings)
    with pytest.raises(RunError, match="cancel it first"):
        jobs.forget_job(run)
    assert jobs.cancel_job(run)
    assert wait(run, ended).status == "cancelled"
    assert not jobs.cancel_job(run)
    kept = open_run(run).manifest.stages["embed"]
    jobs.start_job(source, run, settings)
    assert wait(run, ended).status == "done"
    assert open_run(run).manifest.stages["embed"] == kept


def test_a_job_that_was_killed_is_known_to_be_gone(
    work: tuple[Path, Path, dict[str, Any]],
) -> None:
    source, run, settings = work
    jobs.start_job(source, run, slowed(settings))
    wait(run, lambda state: state.status == "running")
    process = json.loads((run.parent / jobs.FOLDER / "toy" / jobs.PROCESS).read_text())
    os.kill(process["pid"], signal.SIGKILL)
    state = wait(run, ended)
    assert state.status == "lost"
    assert "start it again" in (state.error or "")


def test_a_process_number_that_another_process_has_by_now_is_not_the_job(
    work: tuple[Path, Path, dict[str, Any]],
) -> None:
    source, run, settings = work
    jobs.start_job(source, run, slowed(settings))
    wait(run, lambda state: state.status == "running")
    file = run.parent / jobs.FOLDER / "toy" / jobs.PROCESS
    process = json.loads(file.read_text())
    file.write_text(json.dumps({"pid": os.getpid(), "born": process["born"]}))
    state = jobs.read_job(run)
    assert state is not None
    assert state.status == "lost"
    assert not jobs.cancel_job(run), "a stranger would have been interrupted"
    os.kill(process["pid"], signal.SIGKILL)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.jsonl", b""),
        ("binary.jsonl", bytes(range(256)) * 20),
        ("other.json", b'[{"name": "<script>alert(1)</script>"}]'),
        ("missing.csv", None),
    ],
)
def test_a_source_that_cannot_be_read_ends_with_one_line_and_leaves_no_run(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    source, run = tmp_path / name, tmp_path / "runs" / "bad"
    if content is not None:
        source.write_bytes(content)
    jobs.start_job(source, run)
    state = wait(run, ended)
    assert state.status == "failed"
    assert state.error is not None
    assert name in state.error
    assert "\n" not in state.error
    assert "bug" not in state.error
    assert not run.exists()


def test_settings_that_contradict_each_other_start_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lower --k"):
        jobs.start_job("x.jsonl", tmp_path / "run", {"dictionary": {"features": 4, "k": 9}})
    assert jobs.list_jobs(tmp_path) == []
