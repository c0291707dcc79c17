"""Products of columns are the same, a block at a time or at once."""

import numpy as np
import pytest

from wimhf.stats import gram


@pytest.mark.parametrize("n", [0, 1, 4, 5, 13])
def test_products_in_blocks_are_the_whole_ones(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram, "ROWS", 4)
    rng = np.random.default_rng(n)
    columns, weight = rng.normal(size=(n, 3)), rng.random(n)
    found = gram.gram(columns, weight)
    assert np.allclose(found, columns.T @ np.diag(weight) @ columns)
    assert np.array_equal(found, gram.gram(-columns, weight))
