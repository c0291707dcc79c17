"""Sparse codes are the dense ones: columns, rows, merged features."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app_run import make_run
from wimhf.base import Floats32
from wimhf.run import Codes, open_run
from wimhf.run.run import Run

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


@given(arrays(), st.sets(st.integers(0, N - 1)))
def test_some_rows_are_those_of_all(dense: Floats32, chosen: set[int]) -> None:
    rows = np.array(sorted(chosen, reverse=True), dtype=np.int64)
    assert np.array_equal(sparse(dense).of_rows(rows), dense[rows])


@pytest.fixture(scope="module")
def toy_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(make_run(tmp_path_factory.mktemp("codes") / "runs"))


def test_a_feature_read_alone_is_the_one_among_all(toy_run: Run) -> None:
    codes = toy_run.sparse_codes
    assert codes.shape[1] > toy_run.n_discovered  # concepts behind discovered ones
    for feature in range(codes.shape[1]):
        alone = toy_run.code_of(feature)
        active = np.flatnonzero(codes.column(feature))
        assert np.array_equal(alone["pair"].to_numpy(), active)
        assert np.array_equal(alone["value"].to_numpy(), codes.column(feature)[active])


def test_what_one_read_of_a_run_another_that_shares_it_has(toy_run: Run) -> None:
    files: dict[str, object] = {}
    one, other = Run(toy_run.path, toy_run.manifest.data), Run(toy_run.path, toy_run.manifest.data)
    one.share(files)
    other.share(files)
    assert other.pair_table is one.pair_table
    assert other.sparse_codes is one.sparse_codes
