"""Opening a file, packed with gzip or zstd or not at all, with limits against traps."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from wimhf.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_BYTES = 64 * 2**30
"""A file that unpacks to more than this is refused: most likely a mistake."""
MAX_RATIO = 200
"""Text packs twenty times; a file that unpacks to more than this many times its size is a trap."""
FREE_BYTES = 256 * 2**20
"""Up to this size a ratio is no harm."""
MAGIC = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst"}
PACKED = tuple(MAGIC.values())
DAMAGE = (OSError, zlib.error, zstd.ZstdError)


def open_unpacked(path: Path, most: int = MAX_BYTES) -> tuple[IO[bytes], Callable[[], int]]:
    """Open a file for reading what it holds; packing is told by its bytes.

    Returns
    -------
    tuple
        The stream, and a function that says how many bytes of the file have been read.

    Raises
    ------
    InputError
        If the file cannot be opened; reading raises it where the file is damaged or a trap.
    """
    raw = _opened(path)
    start = raw.read(4)
    raw.seek(0)
    packing = next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None)
    named = path.suffix.lower()
    if named in PACKED and packing != named and start:
        raw.close()
        what = {".gz": "gzip", ".zst": "zstd"}[named]
        raise InputError(f"{path} ends in {named} and is not {what} data; rename it or pack it")
    if packing is None:
        size = path.stat().st_size
        return raw, lambda: size if raw.closed else raw.tell()
    unpacked: io.BufferedIOBase = gzip.open(raw) if packing == ".gz" else zstd.open(raw)
    guarded = _Guarded(unpacked, raw, path, most)
    return io.BufferedReader(guarded, 2**20), guarded.position


def _opened(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the path") from None
    except PermissionError:
        raise InputError(f"{path} cannot be read: permission denied") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{str(path)!r} cannot be read: {error}") from None


class _Guarded(io.RawIOBase):
    """A stream of unpacked bytes that says in words what is wrong with its file."""

    def __init__(self, unpacked: io.BufferedIOBase, raw: IO[bytes], path: Path, most: int) -> None:
        self._unpacked, self._raw, self._path, self._most = unpacked, raw, path, most
        self._packed_size, self._size = path.stat().st_size, 0

    def position(self) -> int:
        return self._packed_size if self._raw.closed else self._raw.tell()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        try:
            data = self._unpacked.read(len(view))
        except EOFError:
            raise InputError(
                f"{self._path} is truncated: what is packed in it ends early; copy it again"
            ) from None
        except DAMAGE as error:
            raise InputError(f"{self._path} is damaged: {error}; copy it again") from None
        self._size += len(data)
        if self._size > self._most:
            raise InputError(
                f"{self._path} unpacks to more than {self._most:,} bytes; split it, or raise "
                "max_unpacked under [read] of the settings"
            )
        if self._size > max(FREE_BYTES, MAX_RATIO * self._packed_size):
            raise InputError(
                f"{self._path} unpacks to more than {MAX_RATIO} times its size, as no text does; "
                "unpack it yourself if you trust it"
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._unpacked.close()
        self._raw.close()
        super().close()
