"""Files are written to files: never in the place of a device, a pipe or a link."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wimhf.base import json_value, sweep, toml_table, write_atomically
from wimhf.base.config import Config
from wimhf.data.export.staging import check_place
from wimhf.errors import ConfigError, ExportError, RunError


def write(path: Path) -> None:
    write_atomically(path, lambda stream: stream.write(b"new"))


def test_a_link_is_followed_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("old")
    (tmp_path / "link").symlink_to("there/file")
    (tmp_path / "second").symlink_to("link")
    (tmp_path / "to nothing").symlink_to("there/fresh")
    for name in ("link", "second", "to nothing"):
        write(tmp_path / name)
        assert (tmp_path / name).is_symlink()
    assert {file.name: file.read_text() for file in (tmp_path / "there").iterdir()} == {
        "file": "new", "fresh": "new",
    }  # fmt: skip


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "null").symlink_to("/dev/null")
    for name in ("pipe", "loop", "null"):
        with pytest.raises(RunError, match="name a new file") as caught:
            write(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "pipe").is_fifo()
    os.mkfifo(tmp_path / "out.jsonl.card.md")
    with pytest.raises(ExportError, match="device or a pipe"):
        check_place(tmp_path / "out.jsonl", "jsonl")


KILLED = """
import os, sys, pathlib
from wimhf.base import write_atomically
from wimhf.data.export.staging import staged
with staged(pathlib.Path(sys.argv[1]) / "out.jsonl") as folder:
    (folder / "half").touch()
    write_atomically(pathlib.Path(sys.argv[1]) / "file", lambda stream: os.kill(os.getpid(), 9))
"""


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = {".hidden", ".file.part", f".file.{os.getpid()}-abc.part", "file.1-a.part", ".env"}
    for name in kept:
        (tmp_path / name).touch()
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == len(kept) + 2
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == kept
    sweep(tmp_path / "nowhere")


def test_deep_texts_are_refused_like_wrong_ones(tmp_path: Path) -> None:
    deep = "a = " + "[" * 20_000
    with pytest.raises(ValueError, match="nested too deeply"):
        toml_table(deep)
    with pytest.raises(ValueError, match="nested too deeply"):
        json_value("[" * 200_000)
    (tmp_path / "settings.toml").write_text(deep)
    with pytest.raises(ConfigError, match="not TOML"):
        Config.from_toml(tmp_path / "settings.toml")


@pytest.mark.parametrize("name", ["features", "batch", "steps", "restarts"])
def test_numbers_that_no_machine_could_serve_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="at most"):
        Config.from_dict({"dictionary": {name: 10**12}})
