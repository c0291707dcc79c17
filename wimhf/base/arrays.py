"""The arrays of every package, by what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
"""Vectors, differences and codes, which are many."""
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
