"""A column of the source rows is what parsing every row whole gives."""

from __future__ import annotations

import json
import math

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wimhf.data.containers.read import as_json
from wimhf.data.pairs import RowReject
from wimhf.data.source_rows import Json, SourceRows

NAMES = ["a", "b", "a.b", "a b", "", ", ", ": ", "{", "}", '"', '"a', 'x "a', "\\", "a\\", "é", "_"]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats()
    | st.text(st.characters(codec=None) | st.sampled_from('"\\{}[]:, ab'))
    | st.sampled_from(['"a": 1', '{"a": 1}', ", ", ': b"', "1", "1.0", "true", "null", 'x "a'])
)  # fmt: skip
KEYS = st.sampled_from(NAMES) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)
ROWS = st.dictionaries(KEYS, VALUES, max_size=5) | st.text().map(
    lambda raw: RowReject("odd", "", raw)
)


def table_of(texts: list[str]) -> pl.DataFrame:
    numbers = [3 * at for at in range(len(texts))]
    schema = {"source_row": pl.Int64, "row": pl.String}
    return pl.DataFrame({"source_row": numbers, "row": texts}, schema=schema)


def parsed(table: pl.DataFrame, name: str) -> dict[int, Json]:
    """Return a column as parsing every row whole gives it."""
    rows = {number: json.loads(text) for number, text in table.iter_rows()}
    return {n: row[name] for n, row in rows.items() if isinstance(row, dict) and name in row}


def told(values: dict[int, Json]) -> str:
    """Return values so that kinds of numbers, their signs and NaN tell apart."""
    return repr(values)


@settings(max_examples=300, deadline=None)
@given(st.lists(ROWS, max_size=4), st.sampled_from(NAMES))
@example(
    [{"x": {"a": 1}}, {"x": {"a": 1}, "a": 2}, {"a": 3, "x": {"a": 1}}, {"b": [{"a": 1}]}], "a"
)
@example([{'x "a': 1}, {"b": '"a": 2'}, {"b": "{", "a": 3}, {"a": 4, "b": "}"}], "a")
@example([{"b": ["x", ": y"], ", ": 1}, {"b": ["x", ": y"]}], ", ")
@example([{"a": 1}, {"a": 1.0}, {"a": "1"}, {"a": True}, {"a": "true"}, {"a": None}, {}], "a")
@example([{"a": math.nan}, {"a": math.inf}, {"a": -0.0}, {"a": 10**40}, {"a": "\ud800"}], "a")
def test_a_column_is_what_whole_rows_say(
    rows: list[dict[str, Json] | RowReject], name: str
) -> None:
    table = table_of([as_json(row) for row in rows])
    assert told(SourceRows(table).values(name)) == told(parsed(table, name))


@pytest.mark.parametrize("text", ['{"a":1}', '[{"a": 1}]', '{"b":{"a":1},"a":2}', '"a"', "7"])
def test_rows_in_other_spelling_are_understood_too(text: str) -> None:
    table = table_of([text])
    assert SourceRows(table).values("a") == parsed(table, "a")


def test_pairs_have_the_values_of_their_rows() -> None:
    rows = SourceRows(table_of(['{"a": 1, "b": null}', '"no row"', '{"c": [1]}']))
    assert rows.names == {"a", "b", "c"}
    assert rows.column("a", pl.Series([0, 6, 0, 3])) == [1, None, 1, None]
    assert rows.values("b") == {0: None}
    assert rows.values("nothing") == {}
