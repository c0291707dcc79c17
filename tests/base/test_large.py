"""A large array is the same on the disk as in memory, and leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from wimhf.base import large, large_array, rows_of


@pytest.mark.parametrize("threshold", [0, 2**40])
def test_what_is_written_is_read(monkeypatch: pytest.MonkeyPatch, threshold: int) -> None:
    monkeypatch.setattr(large, "ON_DISK", threshold)
    values = np.random.default_rng(0).normal(size=(500, 7)).astype(np.float32)
    array = large_array(values.shape)
    array[:] = values
    rows = np.array([3, 1, 1, 499])
    mask = values[:, 0] > 0
    assert np.array_equal(array, values)
    assert np.array_equal(rows_of(array, rows), values[rows])
    assert np.array_equal(rows_of(array, mask), values[mask])


def test_rows_are_taken_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "ON_DISK", 1)
    monkeypatch.setattr(large, "BLOCK", 3)
    values = np.arange(40, dtype=np.float32).reshape(20, 2)
    rows = np.arange(19, -1, -1)
    assert np.array_equal(rows_of(values, rows), values[::-1])


@pytest.mark.parametrize("dtype", [np.int64, np.float64, np.bool_])
def test_other_types_stay_what_they_are(monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    monkeypatch.setattr(large, "ON_DISK", 1)
    values = np.arange(9).astype(dtype)
    some = rows_of(values, np.array([8, 0]))
    assert some.dtype == dtype
    assert some.tolist() == [values[8], values[0]]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="files are not reserved here")
def test_no_file_is_left_and_a_full_disk_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(large, "ON_DISK", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    on_disk = large_array((10, 3))
    assert isinstance(on_disk, np.memmap)
    assert list(tmp_path.iterdir()) == []

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert not isinstance(large_array((10, 3)), np.memmap)
