"""The files of a run folder: read whole or mapped, written atomically."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import polars as pl

from wimhf.base import Floats32, write_atomically
from wimhf.errors import RunError

ROW_GROUP = 100_000
T = TypeVar("T")


class RunFolder:
    """A folder whose files are tables, arrays, tensors and JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.vouched: Callable[[str], bool] = lambda name: True
        """Says whether a file is as it was written: the manifest, where the folder is a run's."""

    def read_table(self, name: str) -> pl.DataFrame:
        """Read one of the run's Parquet files."""
        return self._understood(name, lambda content: pl.read_parquet(io.BytesIO(content)))

    def scan_table(self, name: str) -> pl.LazyFrame:
        """Scan one of the run's Parquet files, of which only what is asked for is read."""
        self._check(name)
        return self._safely(name, lambda: pl.scan_parquet(self.path / name, glob=False))

    def read_array(self, name: str) -> Floats32:
        """Memory-map one of the run's .npy files."""
        self._check(name)
        return self._safely(
            name, lambda: np.load(self.path / name, mmap_mode="r", allow_pickle=False)
        )

    def read_json(self, name: str) -> Any:
        """Read one of the run's JSON files."""
        return self._understood(name, json.loads)

    def read_tensors(self, name: str) -> dict[str, Floats32]:
        """Read one of the run's safetensors files."""
        from safetensors.numpy import load

        tensors: dict[str, Floats32] = self._understood(name, load)
        return tensors

    def _check(self, name: str) -> None:
        """Refuse a file that is not there, or not what the analysis wrote."""
        if not (self.path / name).is_file():
            raise self._missing(name)
        if not self.vouched(name):
            raise self._damaged(name, "it is not what the analysis wrote")

    def _understood(self, name: str, read: Callable[[bytes], T]) -> T:
        """Return what a file's content means."""
        self._check(name)
        try:
            content = (self.path / name).read_bytes()
        except FileNotFoundError:
            raise self._missing(name) from None
        except OSError as error:
            raise RunError(f"{self.path / name} cannot be read: {error.strerror}") from None
        return self._safely(name, lambda: read(content))

    def _safely(self, name: str, read: Callable[[], T]) -> T:
        """Return what a library reads, which raises of damage what it likes."""
        try:
            return read()
        except (Exception, pl.exceptions.PanicException) as error:  # a panic is no Exception
            raise self._damaged(name, (str(error) or repr(error)).splitlines()[0][:200]) from None

    def _damaged(self, name: str, why: str) -> RunError:
        return RunError(
            f"{self.path / name} is damaged ({why}); run the same `wimhf analyze` again, which "
            f"writes it anew and keeps the edits; `wimhf verify {self.path}` checks every file"
        )

    def _missing(self, name: str) -> RunError:
        return RunError(
            f"{self.path} has no {name}: the analysis has not come that far; "
            "run the same `wimhf analyze` again to finish it"
        )

    def write_text(self, name: str, text: str) -> str:
        """Write a UTF-8 file; return its name."""
        return self._write(name, lambda stream: stream.write(text.encode()))

    def write_table(self, name: str, table: pl.DataFrame | pl.LazyFrame) -> str:
        """Write a Parquet file, a lazy table without holding it whole; return its name."""

        def fill(stream: IO[bytes]) -> None:
            if isinstance(table, pl.DataFrame):
                table.write_parquet(stream, compression="zstd")
            else:
                table.sink_parquet(stream, compression="zstd", row_group_size=ROW_GROUP)

        return self._write(name, fill)

    def write_json(self, name: str, value: object) -> str:
        """Write strict JSON (NaN is refused); return its name."""
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return self._write(name, lambda stream: stream.write(text.encode()))

    def write_array(self, name: str, array: Floats32) -> str:
        """Write a .npy file; return its name."""

        def fill(stream: IO[bytes]) -> None:
            # the body through `write`, which knows why it failed; numpy's own does not
            plain = np.ascontiguousarray(array)
            np.lib.format.write_array_header_1_0(
                stream, np.lib.format.header_data_from_array_1_0(plain)
            )
            stream.write(plain.data.cast("B"))

        return self._write(name, fill)

    def write_tensors(self, name: str, tensors: dict[str, Floats32]) -> str:
        """Write a safetensors file; return its name."""
        from safetensors.numpy import save

        return self._write(name, lambda stream: stream.write(save(tensors)))

    def _write(self, name: str, fill: Callable[[IO[bytes]], object]) -> str:
        write_atomically(self.path / name, fill)
        return name
