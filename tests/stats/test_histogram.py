"""Laws of histograms of several groups."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wimhf.stats import binned

VALUES = st.lists(st.floats(0, 10), max_size=40)


@given(VALUES, VALUES)
def test_every_value_between_the_edges_is_counted_once(a: list[float], b: list[float]) -> None:
    table = binned({"a": a, "b": b}, np.linspace(0, 10, 8))
    for name, values in (("a", a), ("b", b)):
        own = table.filter(group=name)
        assert own["count"].sum() == len(values)
        assert np.isclose(own["share"].sum(), 1 if values else 0)
        for low, high, count in own.select("low", "high", "count").iter_rows():
            inside = [v for v in values if low <= v < high or v == high == 10]
            assert count == len(inside)
