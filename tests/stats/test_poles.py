"""Turning a feature round changes every figure that depends on the pole, and only those."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.stats import turned

NUMBERS = st.one_of(st.none(), st.floats(-99, 99))
COLUMNS = (
    "beta", "effect", "joint_beta", "sparse_beta", "win_rate", "effect_low", "effect_high",
    "se", "p",
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, NUMBERS)), min_size=1))
    schema = dict.fromkeys(COLUMNS, pl.Float64)
    return pl.DataFrame(rows, schema=schema).with_row_index("feature")


@given(tables())
def test_turning_twice_is_the_identity(table: pl.DataFrame) -> None:
    odd = pl.col("feature") % 2 == 1
    again = turned(turned(table, odd), odd)
    for name in COLUMNS:
        assert again[name].to_list() == pytest.approx(table[name].to_list(), abs=1e-9)


@given(tables())
def test_what_is_turned(table: pl.DataFrame) -> None:
    other = turned(table, pl.lit(True))
    for before, after in zip(table.to_dicts(), other.to_dicts(), strict=True):
        assert (after["se"], after["p"]) == (before["se"], before["p"])
        for name in ("beta", "effect", "joint_beta", "sparse_beta"):
            assert after[name] == (None if before[name] is None else -before[name])
        low, high = before["effect_low"], before["effect_high"]
        assert after["effect_low"] == (None if high is None else -high)
        assert after["effect_high"] == (None if low is None else -low)
        rate = before["win_rate"]
        assert after["win_rate"] == (None if rate is None else 100 - rate)


def test_absent_columns_stay_absent() -> None:
    table = pl.DataFrame({"effect": [1.0]})
    assert turned(table, pl.lit(True)).to_dicts() == [{"effect": -1.0}]
