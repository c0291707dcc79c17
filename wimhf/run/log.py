"""The edit log: what people changed, who, when and why; append-only JSON lines.

Nothing is ever rewritten: undoing appends the inverse. Two writers take turns by a lock, and a
line that a crash tore is cut off before the next one is written. What was once written stays:
``anchor`` knows how much there was, and what.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import filelock

from wimhf.errors import EditError, RunError
from wimhf.run.anchor import Anchor, read_anchor
from wimhf.run.edit import FIELDS, Edit

LOG = "edits.jsonl"
LOCK_SECONDS = 10.0
LONGEST = 2000
"""Characters of a reason that are kept."""


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
        self._digest = hashlib.sha256()  # of all that was read
        self._looked = False
        self._restarts = 0
        self._turn = threading.RLock()  # threads of one process share a log
        self.repaired: str | None = None
        """What was cut off when the last writer's line was torn."""

    def edits(self) -> Sequence[Edit]:
        """Return all edits, oldest first; only what is new is read from disk.

        A last line that is not whole is another writer's, or torn: it is left out.

        Raises
        ------
        RunError
            If the log is damaged before its end, or shorter than it was.
        """
        with self._turn:
            self._catch_up()
            return tuple(self._edits)

    @property
    def version(self) -> tuple[int, int]:
        """What changes whenever the log does: what may be kept of it is kept by this."""
        with self._turn:
            self._catch_up()
            return self._restarts, len(self._edits)

    def _catch_up(self) -> None:
        if self._looked and self._size() == self._read:
            return
        anchor = read_anchor(self.path.parent)  # before the log, which others make longer first
        size = self._size()
        if size < self._read:  # somebody put another log in its place
            self._edits, self._read, self._digest = [], 0, hashlib.sha256()
            self._restarts += 1
        edits, read, digest = list(self._edits), self._read, self._digest.copy()
        held = read > anchor.bytes or not anchor.bytes or self.anchor == anchor
        for line in self._fresh(size):
            edits.append(read_edit(line, len(edits) + 1, self.path))
            read += len(line)
            digest.update(line)
            held = held or (read == anchor.bytes and digest.hexdigest() == anchor.sha256)
        if not held or len(edits) < anchor.edits:
            raise anchor.refuse(self.path, len(edits))
        self._edits, self._read, self._digest, self._looked = edits, read, digest, True

    def _fresh(self, size: int) -> list[bytes]:
        """Return the whole lines between what was read and the end."""
        if size == self._read:
            return []
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._read)
                fresh = stream.read(size - self._read)
        except OSError as error:
            raise RunError(f"{self.path} cannot be read: {error.strerror}") from None
        return fresh[: fresh.rfind(b"\n") + 1].splitlines(keepends=True)

    def append(
        self, kind: str, data: Mapping[str, object], *, who: str | None = None, why: str
    ) -> Edit:
        """Append an edit that depends on no other."""
        with self.writing() as write:
            return write(kind, data, who, why)

    @contextmanager
    def writing(self) -> Iterator[Callable[[str, Mapping[str, object], str | None, str], Edit]]:
        """Hold the log, so that what is written fits what was read; gives what appends one edit.

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

    def _write(self, kind: str, data: Mapping[str, object], who: str | None, why: str) -> Edit:
        return self.write_all([(kind, data, why)], who)[0]

    def write_all(
        self, many: Sequence[tuple[str, Mapping[str, object], str]], who: str | None
    ) -> list[Edit]:
        """Append several edits (kind, data, why) as one: all of them or none.

        Only while the log is held, by ``writing``.

        Raises
        ------
        EditError
            If one is no edit: a reason that is not text, or a value no pair can have.
        RunError
            If the log cannot be written.
        """
        time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        first = len(self._edits) + 1
        try:
            edits = [
                Edit(first + i, time, _line(who or somebody()), kind, _line(why), data)
                for i, (kind, data, why) in enumerate(many)
            ]
            line = b"".join(edit.line() for edit in edits)
        except (ValueError, TypeError, AttributeError) as error:
            raise EditError(f"the edit cannot be written: {error}; nothing was changed") from None
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
        self._edits += edits
        self._read += len(line)
        self._digest.update(line)
        with suppress(RunError):  # the edits are written; the older anchor still holds
            self.anchor.write(self.path.parent)
        return edits

    @property
    def anchor(self) -> Anchor:
        """What was read so far."""
        return Anchor(len(self._edits), self._read, self._digest.hexdigest())


def read_edit(line: bytes, number: int, log: Path) -> Edit:
    """Return the edit that a line of a log is.

    Raises
    ------
    RunError
        If it is none, or has another number.
    """
    try:
        fields = json.loads(line)
        edit = Edit(**{name: fields.pop(name) for name in FIELDS}, data=fields)
        if edit.number != number:
            raise ValueError(f"it says it is edit {edit.number}")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise RunError(
            f"{log} line {number} is not edit {number} ({error}); put a whole copy of the log in "
            f"its place, or accept what is left with `wimhf repair {log.parent}`"
        ) from None
    return edit


def _line(words: str) -> str:
    """Return a person's words as one printable line; a text that is no Unicode is refused."""
    words.encode()
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST]
