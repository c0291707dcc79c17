"""Sparse codes are the dense ones: columns, rows, merged features."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.base import Floats32
from wimhf.run import Codes

N, M = 5, 4


def sparse(dense: Floats32) -> Codes:
    pair, feature = np.nonzero(dense)
    table = pl.DataFrame({"pair": pair, "feature": feature, "value": dense[pair, feature]})
    return Codes(table, dense.shape)


@st.composite
def arrays(draw: st.DrawFn) -> Floats32:
    values = draw(st.lists(st.sampled_from([0.0, 0.0, 1.5, -2.0, 0.25]), min_size=20, max_size=20))
    return np.array(values, dtype=np.float32).reshape(N, M)


@given(arrays(), arrays(), st.randoms(use_true_random=False))
def test_features_stand_beside_others_in_whatever_order_they_are_saved(
    dense: Floats32, other: Floats32, random: Any
) -> None:
    pair, feature = np.nonzero(other)
    order = np.array(random.sample(range(len(pair)), len(pair)), dtype=np.int64)
    table = pl.DataFrame({"pair": pair, "feature": feature, "value": other[pair, feature]})
    codes = sparse(dense).beside(Codes(table[order], other.shape))
    assert codes.shape == (N, 2 * M)
    assert np.array_equal(codes.dense(), np.hstack([dense, other]))


@given(arrays())
def test_nothing_is_lost(dense: Floats32) -> None:
    codes = sparse(dense)
    assert np.array_equal(codes.dense(), dense)
    for feature in range(M):
        assert np.array_equal(codes.column(feature), dense[:, feature])
    for pair in range(N):
        active = {f: float(dense[pair, f]) for f in range(M) if dense[pair, f]}
        assert codes.active(pair) == active


@given(arrays(), st.lists(st.sampled_from([-1, 1]), min_size=M, max_size=M))
def test_a_pair_alone_is_a_row_of_all(dense: Floats32, signs: list[int]) -> None:
    codes, poles = sparse(dense), dict(enumerate(signs))
    groups = {0: (0, 2), 1: (1,), 3: (3,)}
    whole = {number: codes.together(poles, group) for number, group in groups.items()}
    rms = np.sqrt(np.square(dense, dtype=np.float64).mean(axis=0))
    rms[rms == 0] = 1
    merged = signs[0] * dense[:, 0] / rms[0] + signs[2] * dense[:, 2] / rms[2]
    assert whole[0] == pytest.approx(merged)
    for pair in range(N):
        found = codes.of_pair(pair, poles, groups)
        assert found == pytest.approx({n: c[pair] for n, c in whole.items() if c[pair]})
