"""A run that is damaged is never read as if it were whole, and says what mends it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import wimhf
from wimhf.errors import RunError
from wimhf.run import Run, open_run, repair_run, undo, verify_run
from wimhf.run.anchor import ANCHOR
from wimhf.run.log import LOG, EditLog
from wimhf.run.manifest import MANIFEST, RunFolder

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "run_v1"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a small whole run whose manifest has a check and whose log an anchor."""
    path = shutil.copytree(FIXTURE, tmp_path / "run")
    opened = open_run(path)
    opened.manifest.write()
    undo(opened.log, why="to anchor the log")
    return path


def flipped(path: Path, at: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 4
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


HARM: dict[str, Callable[[Path], None]] = {
    "flipped": flipped, "cut": cut, "emptied": emptied, "deleted": os.unlink,
}  # fmt: skip
READ: dict[str, Callable[[RunFolder, str], object]] = {
    ".parquet": lambda folder, name: folder.read_table(name),
    ".json": lambda folder, name: folder.read_json(name),
    ".npy": lambda folder, name: folder.read_array(name),
    ".safetensors": lambda folder, name: folder.read_tensors(name),
}


@pytest.mark.parametrize("harm", HARM)
def test_every_damaged_file_is_said_by_whoever_reads_it(run: Path, harm: str) -> None:
    assert verify_run(run).damaged == ()
    names = [
        n for stage in open_run(run).manifest.stages for n in open_run(run).manifest.outputs(stage)
    ]
    assert len(names) > 10
    for name in names:
        content = (run / name).read_bytes()
        opened = open_run(run)
        READ[Path(name).suffix](opened.folder, name)
        HARM[harm](run / name)
        with pytest.raises(RunError, match=f"{name}.*wimhf analyze") as caught:
            READ[Path(name).suffix](open_run(run).folder, name)
        assert str(run) in str(caught.value)
        assert [one.name for one in verify_run(run).damaged] == [name]
        (run / name).write_bytes(content)


@pytest.mark.parametrize("name", ["pairs.parquet", "health.json", "dictionary.safetensors"])
@pytest.mark.parametrize("content", [b"", b"PAR1", b"[" * 100_000, b"\xff" * 64])
def test_a_damaged_file_that_no_hash_speaks_of_is_one_line(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RunError, match=f"{name} is damaged"):
        READ[Path(name).suffix](RunFolder(tmp_path), name)


def test_a_file_is_hashed_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    verify_run(run)
    monkeypatch.setattr(hashlib, "file_digest", lambda stream, _: hashed.append(stream.name))
    opened = open_run(run)
    assert len(opened.pair_table) == len(open_run(run).pair_table)
    assert not hashed


def test_what_another_process_wrote_anew_is_no_damage(run: Path) -> None:
    reader, writer = open_run(run), open_run(run)
    writer.manifest.mark_stale(["health"])
    writer.folder.write_json("health.json", {"now": 1})
    assert reader.folder.read_json("health.json") == {"now": 1}
    writer.finish("health", "x", writer.manifest.outputs("health"), {}, {})
    assert reader.folder.read_json("health.json") == {"now": 1}
    (run / "health.json").write_text('{"now": 2}')
    with pytest.raises(RunError, match="damaged"):
        reader.folder.read_json("health.json")


# -- the log -------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("warm", [False, True])
def test_a_log_that_lost_or_changed_edits_is_said_and_repaired(
    run: Path, harm: str, warm: bool
) -> None:
    log = EditLog(run)
    total = len(log.edits())
    HARM[harm](run / LOG)
    if harm != "flipped" or not warm:  # one who read it already does not read it again
        with pytest.raises(RunError, match="wimhf repair"):
            (log if warm else EditLog(run)).edits()
    with pytest.raises(RunError, match="wimhf repair"):
        wimhf.open_curation(run)
    assert [one.name for one in verify_run(run).damaged] == [LOG]
    assert "accepted" in repair_run(run)[0]
    assert verify_run(run).damaged == ()
    left = EditLog(run)
    assert len(left.edits()) <= total
    undo(left, why="") if left.edits() else None
    assert verify_run(run).damaged == ()
    assert repair_run(run) == []


def test_every_flipped_bit_of_a_log_is_said(run: Path) -> None:
    whole = (run / LOG).read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        content = bytearray(whole)
        content[at] ^= 1
        (run / LOG).write_bytes(content)
        with pytest.raises(RunError):
            EditLog(run).edits()


def test_a_log_without_its_anchor_is_read_and_said(run: Path) -> None:
    edits = EditLog(run).edits()
    (run / ANCHOR).unlink()
    assert EditLog(run).edits() == edits
    assert [one.name for one in verify_run(run).damaged] == [ANCHOR]
    manifest = (run / MANIFEST).read_text()
    older = json.loads(manifest) | {"schema_version": 1}
    del older["check"]
    (run / MANIFEST).write_text(json.dumps(older))
    assert verify_run(run).damaged == ()  # there was none in that version
    (run / MANIFEST).write_text(manifest)
    assert "accepted" in repair_run(run)[0]
    assert verify_run(run).damaged == ()
    assert EditLog(run).edits() == edits
    assert repair_run(run) == []


def test_a_log_of_before_there_was_an_anchor_opens(run: Path) -> None:
    (run / ANCHOR).unlink()
    assert len(EditLog(run).edits()) > 1
    undo(EditLog(run), why="")
    assert (run / ANCHOR).exists()
    (run / ANCHOR).write_text("{")
    with pytest.raises(RunError, match=r"edits\.anchor\.json is damaged"):
        EditLog(run).edits()
    repair_run(run)
    assert verify_run(run).damaged == ()


# -- the manifest --------------------------------------------------------------------------------

STRANGE = [
    "", "[]", "{", "null", "[" * 100_000, '{"schema_version": 1}',
    '{"schema_version": "1", "config": {}, "stages": {}}',
    '{"schema_version": 1, "config": [], "stages": {}}',
    '{"schema_version": 1, "config": {}, "stages": {"read": 3}}',
    '{"schema_version": 1, "config": {}, "stages": {"read": {"status": "done"}}}',
    '{"schema_version": 1, "config": {}, "stages": {"read": {"status": "done", "input_hash": "", '
    '"outputs": {"../../etc/passwd": {"sha256": "", "bytes": 1}}}}}',
    '{"schema_version": 1, "config": {"dictionary": {"features": "x"}}, "stages": {}}',
]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_manifest_is_said_and_its_run_can_be_made_anew(run: Path, text: str) -> None:
    edits = len(EditLog(run).edits())
    (run / MANIFEST).write_text(text)
    with pytest.raises(RunError, match="wimhf repair") as caught:
        open_run(run)
    assert "\n" not in str(caught.value)
    assert "wimhf analyze SOURCE" in repair_run(run)[0]
    assert (run / "manifest.damaged-1.json").read_text() == text
    again: Run = open_run(run)
    assert len(again.log.edits()) == edits
    with pytest.raises(RunError, match="has not come that far"):
        _ = again.features


def test_a_flipped_figure_in_a_manifest_is_said(run: Path) -> None:
    text = (run / MANIFEST).read_text()
    pairs = json.loads(text)["stages"]["read"]["facts"]["n_pairs"]
    (run / MANIFEST).write_text(text.replace(f'"n_pairs": {pairs}', f'"n_pairs": {pairs + 1}'))
    with pytest.raises(RunError, match="not what was written"):
        open_run(run)


def test_a_manifest_without_what_is_needed_says_what(run: Path) -> None:
    manifest = json.loads((run / MANIFEST).read_text())
    manifest["stages"]["dictionary"]["facts"] = {}
    del manifest["check"]
    manifest["schema_version"] = 1  # in which it was absent
    (run / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="stage dictionary lacks 'shape'"):
        _ = open_run(run).n_discovered


def test_the_command_line_checks_and_repairs(run: Path) -> None:
    def wimhf_says(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "wimhf", *words, str(run)], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert wimhf_says("verify")[0] == 0
    flipped(run / "pairs.parquet")
    code, said = wimhf_says("verify", "--json")
    assert (code, json.loads(said)["damaged"][0]["name"]) == (2, "pairs.parquet")
    code, said = wimhf_says("audit")
    assert code == 2
    assert "Traceback" not in said
    assert said.count("\n") == 1
