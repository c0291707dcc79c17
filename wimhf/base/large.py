"""Large arrays that need not be held in memory: in files without a name, gone with the process."""

from __future__ import annotations

import os
import tempfile
from math import prod
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from wimhf.base.arrays import Floats32, Ints, Mask

ON_DISK = 2**28
"""Bytes from which an array is a file."""
BLOCK = 65_536

Array = TypeVar("Array", bound="NDArray[Any]")


def large_array(shape: tuple[int, ...]) -> Floats32:
    """Return an array to be filled; a large one is a file in the folder for temporary files.

    Where that has no room it is in memory after all.
    """
    size = prod(shape) * np.dtype(np.float32).itemsize
    if size < ON_DISK or not hasattr(os, "posix_fallocate"):
        return np.empty(shape, dtype=np.float32)
    try:
        with tempfile.TemporaryFile() as file:
            # reserved beforehand: writing to a mapped page that has no room kills a process
            os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, dtype=np.float32, mode="r+", shape=shape)
    except OSError:
        return np.empty(shape, dtype=np.float32)


def rows_of(values: Array, rows: Ints | Mask) -> Array:
    """Return a copy of some rows of an array; many float32 rows are on the disk."""
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    if values.dtype != np.float32 or places.size * values[:1].nbytes < ON_DISK:
        return cast("Array", values[places])
    some = large_array((len(places), *values.shape[1:]))
    for start in range(0, len(places), BLOCK):
        some[start : start + BLOCK] = values[places[start : start + BLOCK]]
    return cast("Array", some)
