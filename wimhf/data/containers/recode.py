"""Text in another encoding than UTF-8: told by its bytes, and read as if it were UTF-8."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import IO, TYPE_CHECKING

from wimhf.data.containers.unpack import open_unpacked
from wimhf.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 2**20
LONGEST = 2**24
"""Bytes of a line that are looked at at once."""
WIDE = 400
"""Bytes that tell whether a file without a mark has two bytes a character."""
UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that mean nothing in Windows-1252."""


def encoding_of(path: Path, head: bytes) -> str | None:
    """Return the encoding of a file that is not UTF-8; None where it is.

    Parameters
    ----------
    head
        Its first bytes, unpacked.

    Raises
    ------
    InputError
        If it is none of UTF-8, UTF-16 and Windows-1252.
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise not_utf8(path, 0, "UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head[:2]:
        if head[:4].count(0) > 2:
            raise not_utf8(path, 0, "UTF-32")
        if _is_wide(head[:WIDE]):
            return "utf-16-be" if head[:1] == b"\x00" else "utf-16-le"
    at = _first_odd_byte(path)
    if at is None:
        return None
    if _may_be_windows(path):
        return "cp1252"
    raise not_utf8(path, at)


def _is_wide(head: bytes) -> bool:
    """Say whether the zeros among bytes stand as they do in text of two bytes a character."""
    halves = sorted(head[at::2].count(0) / max(len(head[at::2]), 1) for at in (0, 1))
    return halves[1] >= 0.1 and halves[0] <= 0.01


def _first_odd_byte(path: Path) -> int | None:
    """Return where a file stops being UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream, _ = open_unpacked(path)
    at = 0
    with stream:
        while True:
            block = stream.read(BLOCK)
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return at - held + error.start
            if not block:
                return None
            at += len(block)


def _may_be_windows(path: Path) -> bool:
    """Say whether no text of a file is UTF-8 beyond ASCII, and every byte means a character."""
    stream, _ = open_unpacked(path)
    with stream:
        while line := stream.readline(LONGEST):
            if any(byte in line for byte in UNDEFINED):
                return False
            try:
                is_ascii = line.isascii()
                line.decode()
            except UnicodeDecodeError:
                continue
            if not is_ascii:
                return False
    return True


def not_utf8(path: Path, at: int, what: str = "another encoding") -> InputError:
    """Return the error of a file in an encoding that cannot be told."""
    return InputError(
        f"{path} is not UTF-8 at byte {at} (it looks like {what}); save it as UTF-8 and try again"
    )


def recoded(stream: IO[bytes], encoding: str, path: Path) -> IO[bytes]:
    """Return a stream of the same text in UTF-8."""
    return io.BufferedReader(_Recoded(stream, encoding, path), BLOCK)


class _Recoded(io.RawIOBase):
    """Bytes of another encoding, as UTF-8."""

    def __init__(self, stream: IO[bytes], encoding: str, path: Path) -> None:
        self._stream, self._path = stream, path
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._encoding, self._left, self._done = encoding, b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        while not self._left and not self._done:
            block = self._stream.read(2**16)
            self._done = not block
            try:
                text = self._decoder.decode(block, final=self._done)
                self._left = text.lstrip("\ufeff").encode() if "\ufeff" in text else text.encode()
            except UnicodeError as error:
                raise InputError(
                    f"{self._path} is not well-formed {self._encoding.upper()}: {error}; "
                    "save it as UTF-8 and try again"
                ) from None
        taken, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        self._stream.close()
        super().close()
