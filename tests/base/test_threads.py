"""Several at a time is one after the other, in order; what goes wrong is not lost."""

from __future__ import annotations

import numpy as np
import pytest

from wimhf.base import side_by_side


def test_results_come_in_order_with_the_same_bits() -> None:
    designs = [np.random.default_rng(seed).standard_normal((300, 40)) for seed in range(9)]

    def work(design: np.ndarray) -> np.ndarray:
        return np.linalg.solve(design.T @ design, design.T @ design[:, 0])

    one, other = (list(side_by_side(work, designs)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert all(np.allclose(a, np.eye(40)[0], atol=1e-8) for a in one)


def test_a_failure_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda n: 1 // n, [1, 0, 2]))
