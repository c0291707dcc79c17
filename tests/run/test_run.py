"""The run folder: nothing half-written, nothing foreign overwritten, nothing guessed at."""

import errno
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.base.config import Config
from wimhf.base.files import forget_hashes, write_atomically
from wimhf.errors import RunError
from wimhf.run.opening import SCHEMA_VERSION, create_run, open_run
from wimhf.run.run import Run


def new_run(path: Path, source: str = "pairs.jsonl") -> Run:
    run = create_run(path, Config.from_dict({"read": {"source": source}}))
    run.manifest.write()
    return run


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run")
    table = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    run.folder.write_table("t.parquet", table)
    run.folder.write_array("a.npy", array)
    run.folder.write_tensors("d.safetensors", {"w": array})
    run.folder.write_json("j.json", {"ü": [1.5, None]})
    again = open_run(tmp_path / "run")
    assert again.folder.read_table("t.parquet").equals(table)
    assert np.array_equal(again.folder.read_array("a.npy"), array)
    assert np.array_equal(again.folder.read_tensors("d.safetensors")["w"], array)
    assert again.folder.read_json("j.json") == {"ü": [1.5, None]}
    assert again.config == run.config


def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fill(stream: object) -> None:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(RunError, match="is full: file was not written and nothing was lost"):
        write_atomically(path, fill)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nan_never_reaches_json(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run")
    with pytest.raises(ValueError, match="JSON"):
        run.folder.write_json("j.json", {"x": float("nan")})
    assert not (tmp_path / "run" / "j.json").exists()


def test_a_changed_or_missing_output_is_noticed(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run")
    run.folder.write_json("out.json", 1)
    run.finish("read", "hash", ["out.json"], {}, {})
    assert run.manifest.is_done("read", "hash")
    assert not run.manifest.is_done("read", "other")
    (run.path / "out.json").write_text("2")
    assert not run.manifest.is_done("read", "hash")
    (run.path / "out.json").unlink()
    assert not run.manifest.is_done("read", "hash")


def test_foreign_folders_and_other_sources_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(RunError, match="not a run and not empty"):
        new_run(tmp_path / "mine")
    run = new_run(tmp_path / "run", "one.jsonl")
    new_run(tmp_path / "run", "two.jsonl")  # nothing was read yet, so nothing is lost
    run.finish("read", "hash", [], {"source_sha256": "00"}, {})
    with pytest.raises(RunError, match=r"holds the analysis of one\.jsonl"):
        new_run(tmp_path / "run", "three.jsonl")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="--output"):
        new_run(tmp_path / "file")


def test_newer_damaged_and_absent_runs_are_refused(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run")
    manifest = run.path / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"schema_version": SCHEMA_VERSION + 1}))
    with pytest.raises(RunError, match="newer wimhf"):
        open_run(run.path)
    manifest.write_text("{")
    with pytest.raises(RunError, match="damaged"):
        open_run(run.path)
    with pytest.raises(RunError, match="holds no run"):
        open_run(tmp_path / "nowhere")


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    one, other = new_run(tmp_path / "run"), open_run(tmp_path / "run")
    one.lock.take()
    with pytest.raises(RunError, match="another process"):
        other.lock.take()
    one.lock.release()
    other.lock.take()
    other.lock.release()


def test_an_unchanged_file_is_hashed_once(
    toy_run: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed: list[str] = []
    real = hashlib.file_digest
    forget_hashes()
    monkeypatch.setattr(
        hashlib, "file_digest", lambda s, kind: hashed.append(s.name) or real(s, kind)
    )
    for _ in range(2):
        for stage in ("read", "dictionary", "preference"):
            record = toy_run.manifest.stages[stage]
            assert toy_run.manifest.is_done(stage, record["input_hash"])
    assert hashed
    assert len(hashed) == len(set(hashed))
    (toy_run.path / "codes.parquet").write_bytes(b"other")
    assert not toy_run.manifest.is_done(
        "dictionary", toy_run.manifest.stages["dictionary"]["input_hash"]
    )


def test_a_table_is_read_once_by_all_who_come_while_it_is_read(
    toy_run: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, begun, go = open_run(toy_run.path), threading.Event(), threading.Event()
    real, reads = run.folder.read_table, []

    def slow(name: str) -> pl.DataFrame:
        reads.append(name)
        begun.set()
        assert go.wait(60)
        if len(reads) == 1:
            raise RunError("not yet")
        return real(name)

    monkeypatch.setattr(run.folder, "read_table", slow)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(lambda: run.pair_table)
        assert begun.wait(60)
        others = [pool.submit(lambda: run.pair_table) for _ in range(3)]
        go.set()
        with pytest.raises(RunError, match="not yet"):
            first.result()
        outcomes = [one.exception() if one.exception() else one.result() for one in others]
    for one in outcomes:  # whoever waited hears of the failure; whoever came later reads anew
        assert isinstance(one, RunError) or one.equals(toy_run.pair_table)
    assert run.pair_table.equals(toy_run.pair_table)
    assert len(reads) == 2
