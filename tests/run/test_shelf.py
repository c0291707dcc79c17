"""Runs in their folder: renamed, thrown away, brought back."""

from __future__ import annotations

from pathlib import Path

import pytest

from wimhf.errors import RunError
from wimhf.run import discard_run, discarded_runs, empty_trash, rename_run, restore_run
from wimhf.run.manifest import RunLock


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "one"
    path.mkdir(parents=True)
    (path / "manifest.json").write_text("{}")
    return path


def test_throwing_away_and_bringing_back_is_the_identity(run: Path) -> None:
    kept = discard_run(run)
    assert not run.exists()
    assert discarded_runs(run.parent) == [kept]
    assert restore_run(kept) == run
    assert (run / "manifest.json").read_text() == "{}"
    assert discarded_runs(run.parent) == []


def test_what_was_thrown_away_is_gone_once_the_trash_is_emptied(run: Path) -> None:
    kept = discard_run(run)
    empty_trash(run.parent)
    with pytest.raises(RunError, match="gone for good"):
        restore_run(kept)


def test_a_run_is_not_brought_back_over_another(run: Path) -> None:
    kept = discard_run(run)
    run.mkdir()
    with pytest.raises(RunError, match="another run one"):
        restore_run(kept)


@pytest.mark.parametrize("name", ["", "../out", "a/b", ".hidden", "x" * 81])
def test_names_that_cannot_be_a_folders_are_refused(run: Path, name: str) -> None:
    with pytest.raises(RunError, match="cannot be called"):
        rename_run(run, name)
    assert run.is_dir()


def test_a_run_that_somebody_writes_stays_where_it_is(run: Path) -> None:
    lock = RunLock(run)
    lock.take()
    try:
        with pytest.raises(RunError, match="another process"):
            discard_run(run)
        with pytest.raises(RunError, match="another process"):
            rename_run(run, "two")
    finally:
        lock.release()
    assert rename_run(run, "two") == run.with_name("two")
