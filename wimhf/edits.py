"""The edit log: what people changed, who, when and why; append-only JSON lines.

Nothing is ever rewritten: undoing appends the inverse. Two writers take turns by a lock, and a
line that a crash tore is cut off before the next one is written.
"""

from __future__ import annotations

import getpass
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock

from wimhf.errors import RunError

LOG = "edits.jsonl"
LOCK_SECONDS = 10.0
FIELDS = ("number", "time", "who", "kind", "why")


@dataclass(frozen=True)
class Edit:
    """One line of the log.

    Attributes
    ----------
    number
        From 1, without gaps.
    time
        UTC, ISO 8601.
    kind
        ``rule`` and ``pairs`` change pairs, ``feature`` a feature's description, ``decision``
        remembers what was decided about a suspect; ``undo`` and ``redo`` invert an earlier edit,
        ``checkpoint`` gives a state a name and ``return`` goes back to one.
    data
        What is particular to the kind.
    """

    number: int
    time: str
    who: str
    kind: str
    why: str
    data: dict[str, Any]

    def line(self) -> bytes:
        """Return the edit as a line of the log."""
        fields = {name: getattr(self, name) for name in FIELDS}
        text = json.dumps(fields | self.data, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"


def somebody() -> str:
    """Return the name edits are signed with: WIMHF_USER, else the account's."""
    name = os.environ.get("WIMHF_USER", "").strip()
    if not name:
        with suppress(OSError, KeyError):
            name = getpass.getuser()
    return name or "unknown"


class EditLog:
    """The log of one run.

    Parameters
    ----------
    folder
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG
        self._edits: list[Edit] = []
        self._read = 0
        self._turn = threading.RLock()  # threads of one process share a log
        self.repaired: str | None = None
        """What was cut off when the last writer's line was torn."""

    def edits(self) -> Sequence[Edit]:
        """Return all edits, oldest first; only what is new is read from disk.

        A last line that is not whole is another writer's, or torn: it is left out.

        Raises
        ------
        RunError
            If the log is damaged before its end.
        """
        with self._turn:
            self._catch_up()
            return tuple(self._edits)

    def _catch_up(self) -> None:
        size = self._size()
        if size < self._read:  # somebody put another log in its place
            self._edits, self._read = [], 0
        if size > self._read:
            with self.path.open("rb") as stream:
                stream.seek(self._read)
                fresh = stream.read(size - self._read)
            for line in fresh[: fresh.rfind(b"\n") + 1].splitlines(keepends=True):
                self._edits.append(self._edit(line))
                self._read += len(line)

    def append(self, kind: str, data: dict[str, Any], *, who: str | None = None, why: str) -> Edit:
        """Append an edit that depends on no other."""
        with self.writing() as write:
            return write(kind, data, who, why)

    @contextmanager
    def writing(self) -> Iterator[Callable[[str, dict[str, Any], str | None, str], Edit]]:
        """Hold the log, so that what is written fits what was read; gives what appends.

        Raises
        ------
        RunError
            If another writer holds it too long, or the folder cannot be written.
        """
        lock = filelock.FileLock(self.path.with_name(".edits.lock"))
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except filelock.Timeout:
            raise RunError(
                f"another process has been writing {self.path} for {LOCK_SECONDS:.0f} s; try again"
            ) from None
        except OSError as error:
            raise RunError(f"{self.path} cannot be written: {error.strerror or error}") from None
        try:
            with self._turn:
                self._catch_up()
                self._repair()
                yield self._write
        finally:
            lock.release()

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise RunError(f"{self.path} cannot be read: {error.strerror}") from None

    def _edit(self, line: bytes) -> Edit:
        number = len(self._edits) + 1
        try:
            fields = json.loads(line)
            edit = Edit(**{name: fields.pop(name) for name in FIELDS}, data=fields)
            if edit.number != number:
                raise ValueError(f"it says it is edit {edit.number}")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise RunError(
                f"{self.path} line {number} is not edit {number} ({error}); put a whole copy of "
                "the log in its place, or move it away to start from the source"
            ) from None
        return edit

    def _repair(self) -> None:
        """Cut off a last line without its end: whoever wrote it was never told it was kept."""
        size = self._size()
        if size == self._read:
            return
        with self.path.open("r+b") as stream:
            stream.seek(self._read)
            torn = stream.read().decode(errors="replace")
            stream.truncate(self._read)
            os.fsync(stream.fileno())
        self.repaired = torn

    def _write(self, kind: str, data: dict[str, Any], who: str | None, why: str) -> Edit:
        time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        edit = Edit(len(self._edits) + 1, time, who or somebody(), kind, why, data)
        line = edit.line()
        try:
            with self.path.open("ab") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.path, self._read)
            raise RunError(
                f"{self.path} cannot be written ({error.strerror}); the edit was not made and "
                "nothing was lost"
            ) from None
        self._edits.append(edit)
        self._read += len(line)
        return edit
