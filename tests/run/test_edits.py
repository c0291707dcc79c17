"""The edit log: append-only, replayable, safe with two writers and after a crash."""

import json
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wimhf.errors import EditError, RunError
from wimhf.run.history import redo, replayed, return_to, set_checkpoint, undo
from wimhf.run.log import LOG, Edit, EditLog, somebody


def note(log: EditLog, text: str = "x") -> Edit:
    data = {"feature": 0, "dictionary": "d", "new": {"note": text}}
    return log.append("feature", data, who="ann", why="")


def test_what_was_written_is_read_again_byte_for_byte(tmp_path: Path) -> None:
    log = EditLog(tmp_path)
    for text in ("plain", "emoji 🎈", "مرحبا", "two\nlines", '"quoted"'):
        note(log, text)
    log.append("checkpoint", {"name": "start"}, who="", why="why not")
    again = EditLog(tmp_path)
    assert again.edits() == log.edits()
    assert b"".join(edit.line() for edit in again.edits()) == (tmp_path / LOG).read_bytes()
    assert [edit.number for edit in again.edits()] == [1, 2, 3, 4, 5, 6]
    assert again.edits()[-1].who == somebody()


def test_a_reader_sees_what_another_writes(tmp_path: Path) -> None:
    reader, writer = EditLog(tmp_path), EditLog(tmp_path)
    assert reader.edits() == ()
    note(writer)
    assert len(reader.edits()) == 1
    note(reader)
    assert [edit.number for edit in writer.edits()] == [1, 2]


@pytest.mark.parametrize("torn", [b'{"number": 2', b"\xff\xfe", b'{"number": 2, "time": "x"}'])
def test_a_torn_last_line_is_cut_off_and_said(tmp_path: Path, torn: bytes) -> None:
    log = EditLog(tmp_path)
    note(log)
    whole = (tmp_path / LOG).read_bytes()
    (tmp_path / LOG).write_bytes(whole + torn)
    again = EditLog(tmp_path)
    assert len(again.edits()) == 1
    note(again)
    assert again.repaired is not None
    assert [edit.number for edit in EditLog(tmp_path).edits()] == [1, 2]
    assert (tmp_path / LOG).read_bytes().startswith(whole)


@pytest.mark.parametrize(
    "line", ["{}", "not json", '{"number": 7, "time": "", "who": "", "kind": "", "why": ""}', "[]"]
)
def test_damage_before_the_end_is_refused(tmp_path: Path, line: str) -> None:
    log = EditLog(tmp_path)
    note(log)
    (tmp_path / LOG).write_text(f"{line}\n" + (tmp_path / LOG).read_text())
    with pytest.raises(RunError, match="line 1 is not edit 1"):
        EditLog(tmp_path).edits()


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EditLog(tmp_path)
    note(log)
    before = (tmp_path / LOG).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left"):
        note(log)
    monkeypatch.undo()
    assert (tmp_path / LOG).read_bytes() == before
    assert note(log).number == 2


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="cannot be written"):
        note(EditLog(tmp_path))
    tmp_path.chmod(0o700)


FAULTS = [
    ("rule", {"rule": {}, "pair_ids": ["a"], "old": {}, "new": {"label": [1.0, 0.0]}}),
    ("rule", {"rule": {}, "old": {}, "new": {"label": []}}),
    ("pairs", {"pair_ids": ["a"], "old": {}, "new": {"colour": [1]}}),
    ("pairs", {"pair_ids": ["a"], "old": {}, "new": {"label": ["x"]}}),
    ("pairs", {"pair_ids": ["a"], "old": {}, "new": {"kept": [1]}}),
    ("feature", {"feature": 1, "new": {}}), ("undo", {"of": "1"}), ("dance", {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data"), FAULTS)
def test_what_is_no_edit_is_neither_written_nor_read(
    tmp_path: Path, kind: str, data: dict[str, Any]
) -> None:
    log = EditLog(tmp_path)
    note(log)
    with pytest.raises(EditError, match="nothing was changed"):
        log.append(kind, data, who="ann", why="")
    assert len(log.edits()) == 1
    line = {"number": 2, "time": "", "who": "", "kind": kind, "why": ""} | data
    with (tmp_path / LOG).open("a") as stream:
        stream.write(json.dumps(line) + "\n")
    with pytest.raises(RunError, match="line 2 is not edit 2"):
        EditLog(tmp_path).edits()


def test_words_are_one_printable_line_and_unicode(tmp_path: Path) -> None:
    log = EditLog(tmp_path)
    data = {"name": "x"}
    kept = log.append("checkpoint", data, who="a\x1b[31mnn", why="two\nlines\x07 " + "x" * 9000)
    assert kept.who == "a [31mnn"
    assert kept.why.startswith("two lines x")
    assert len(kept.why) <= 2000
    for wrong in (3, None, "\ud83d"):
        with pytest.raises(EditError, match="cannot be written"):
            log.append("checkpoint", data, who="ann", why=wrong)  # type: ignore[arg-type]
    assert len(EditLog(tmp_path).edits()) == 1


def test_a_log_that_is_a_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / LOG).mkdir()
    with pytest.raises(RunError, match="cannot be read"):
        EditLog(tmp_path).edits()


def test_what_a_return_brought_back_can_be_undone_by_its_number(tmp_path: Path) -> None:
    log = EditLog(tmp_path)
    note(log, "a")
    set_checkpoint(log, "one")
    undo(log, why="")
    note(log, "b")
    return_to(log, "one")
    assert replayed(log.edits()).numbers == {1}
    undo(log, 1, why="")
    assert replayed(log.edits()).numbers == set()


def _write_many(folder: str, count: int) -> None:
    log = EditLog(Path(folder))
    for number in range(count):
        note(log, f"{os.getpid()} {number}")


def test_two_writers_at_once_lose_no_edit(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(str(tmp_path), 25)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    edits = EditLog(tmp_path).edits()
    assert [edit.number for edit in edits] == list(range(1, 76))
    assert len({edit.data["new"]["note"] for edit in edits}) == 75


def test_threads_that_share_a_log_read_it_whole(tmp_path: Path) -> None:
    writer, shared = EditLog(tmp_path), EditLog(tmp_path)
    for _ in range(200):
        note(writer)
    with ThreadPoolExecutor(6) as pool:
        seen = [work.result() for work in [pool.submit(shared.edits) for _ in range(60)]]
        made = [work.result() for work in [pool.submit(note, shared) for _ in range(20)]]
    assert {len(edits) for edits in seen} == {200}
    assert sorted(edit.number for edit in made) == list(range(201, 221))
    assert len(EditLog(tmp_path).edits()) == 220


def test_undo_and_redo_are_inverse_entries(tmp_path: Path) -> None:
    log = EditLog(tmp_path)
    first, second = note(log, "a"), note(log, "b")
    undo(log, why="")
    assert replayed(log.edits()).numbers == {first.number}
    redo(log, why="")
    assert replayed(log.edits()).numbers == {first.number, second.number}
    undo(log, first.number, why="that one")
    assert replayed(log.edits()).numbers == {second.number}
    with pytest.raises(EditError, match="cannot be undone"):
        undo(log, first.number, why="")
    note(log, "c")
    with pytest.raises(EditError, match="nothing to redo"):
        redo(log, why="")


def test_nothing_to_undo_says_so(tmp_path: Path) -> None:
    with pytest.raises(EditError, match="nothing to undo"):
        undo(EditLog(tmp_path), why="")
    assert not (tmp_path / LOG).exists()


def test_a_checkpoint_is_come_back_to_from_before_and_after(tmp_path: Path) -> None:
    log = EditLog(tmp_path)
    note(log, "a")
    set_checkpoint(log, "one")
    note(log, "b")
    undo(log, 1, why="")
    then = replayed(log.edits()).numbers
    return_to(log, "one")
    assert replayed(log.edits()).numbers == {1}
    undo(log, why="")
    assert replayed(log.edits()).numbers == then
    redo(log, why="")
    assert replayed(log.edits()).numbers == {1}
    with pytest.raises(EditError, match="nothing was changed since"):
        return_to(log, "one")
    with pytest.raises(EditError, match="no checkpoint 'two'"):
        return_to(log, "two")
    for name in ("one", "  "):
        with pytest.raises(EditError, match="name of its own"):
            set_checkpoint(log, name)


def test_a_log_that_cannot_be_replayed_says_where() -> None:
    edits = [Edit(1, "", "", "undo", "", {"of": 7})]  # of what?
    with pytest.raises(RunError, match="edit 1 of the log"):
        replayed(edits)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.sampled_from(["edit", "undo", "redo", "undo first", "back"]), max_size=25))
def test_any_history_is_inverted_step_by_step(steps: list[str], tmp_path_factory: Any) -> None:
    """Undoing everything gives the source; redoing everything gives the state before."""
    log = EditLog(tmp_path_factory.mktemp("log"))
    set_checkpoint(log, "start")
    for step in steps:
        try:
            if step == "edit":
                note(log)
            elif step == "back":
                return_to(log, "start")
            elif step == "undo first":
                undo(log, min(replayed(log.edits()).numbers, default=99), why="")
            else:
                (undo if step == "undo" else redo)(log, why="")
        except EditError:
            continue
    state = replayed(log.edits()).numbers
    count = 0
    while True:
        try:
            undo(log, why="")
        except EditError:
            break
        count += 1
    assert not replayed(log.edits()).numbers
    for _ in range(count):
        redo(log, why="")
    assert replayed(log.edits()).numbers == state
    lines = (log.path).read_text().splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, len(lines) + 1))
