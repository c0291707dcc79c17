"""What a killed process leaves: taken away, or brought to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wimhf.base import move_together, scratch, sweep
from wimhf.base.leftovers import COMMIT, machine

NAMES = {"a.md": "out.md", "b.json": "out.json", "c": "out"}
MOVED = """
import os, pathlib, sys
from wimhf.base import move_together, scratch
move, left = os.replace, int(sys.argv[2])
def kills(one, other):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    move(one, other)
os.replace = kills
folder = pathlib.Path(sys.argv[1])
with scratch(folder, "export") as parts:
    for name in ("a.md", "b.json", "c"):
        (parts / name).write_text("new")
    move_together(parts, {"a.md": "out.md", "b.json": "out.json", "c": "out"})
"""


@pytest.mark.parametrize("moves", range(5))
def test_files_that_belong_together_are_all_new_or_all_old(tmp_path: Path, moves: int) -> None:
    for name in NAMES.values():
        (tmp_path / name).write_text("old")
    subprocess.run([sys.executable, "-c", MOVED, str(tmp_path), str(moves)], check=False)
    sweep(tmp_path)
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(NAMES.values())
    found = {(tmp_path / name).read_text() for name in NAMES.values()}
    assert found == {"new" if moves > 0 else "old"}


def age(place: Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(place, (then, then), follow_symlinks=False)


def test_only_what_nobody_writes_any_more_is_removed(tmp_path: Path) -> None:
    alive, other = os.getpid(), "0" * 6 if machine() != "0" * 6 else "1" * 6
    new = {
        f".x.{alive}-{machine()}-abc.part": 0, f".x.{2**22 + 1}-{other}-abc.part": 0.5,
        ".wimhf-export.abcdefgh": 0.5, ".pairs.parquet.abcdefgh": 0.5, ".env.json": 9,
        ".pairs.parquet.toolong99": 0.5, "pairs.parquet": 9, ".git": 9,
    }  # fmt: skip
    left = {
        f".x.{alive}-{machine()}-old.part": 99, f".x.{2**22 + 1}-{machine()}-abc.part": 0,
        f".x.{2**22 + 1}-abc.part": 0, f".x.{alive}-{other}-abc.part": 2,
        ".wimhf-export.hgfedcba": 2, f".x.{10**30}-abc.part": 0,
    }  # fmt: skip
    own = {".pairs.parquet.hgfedcba": 2, "part-abcdefgh": 2, ".manifest.json.hgfedcba": 2}
    for name, days in (new | left | own).items():
        (tmp_path / name).mkdir() if "export" in name else (tmp_path / name).touch()
        age(tmp_path / name, days)
    sweep(tmp_path)
    assert {item.name for item in tmp_path.iterdir()} == {*new, *own}
    sweep(tmp_path, own=True)
    assert {item.name for item in tmp_path.iterdir()} == {*new}


@pytest.mark.parametrize(
    "note", ["", "[]", "{}", '{"a": 1}', json.dumps({"a": "../b"}), json.dumps({"../x": "b"})]
)
def test_a_note_that_leads_elsewhere_is_not_followed(tmp_path: Path, note: str) -> None:
    folder = tmp_path / "in"
    left = folder / f".x.{2**22 + 1}-{machine()}-abc.part"
    left.mkdir(parents=True)
    (left / COMMIT).write_text(note)
    (left / "a").touch()
    (folder / "x").touch()
    sweep(folder)
    assert [item.name for item in folder.iterdir()] == ["x"]
    assert [item.name for item in tmp_path.iterdir()] == ["in"]


def test_a_long_name_gets_a_shorter_one_while_it_is_written(tmp_path: Path) -> None:
    with scratch(tmp_path, "é" * 120) as folder:
        (folder / "c").touch()
        move_together(folder, {"c": "x" * 250})
    assert [item.name for item in tmp_path.iterdir()] == ["x" * 250]
