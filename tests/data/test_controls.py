"""Controls are odd, and say what they cannot be."""

import json

import numpy as np
import polars as pl
import pytest

from wimhf.data.controls import control_columns, length_difference, odd_column
from wimhf.errors import ConfigError
from wimhf.stats import LENGTH_BASIS, held_names

NO_ROWS = pl.DataFrame({"source_row": [0], "row": ["{}"]})
A = ["# Title\n- one\n- two", "plain text here", "use `code` **now**"]
B = ["plain", "- one", "use `code` and `more`"]


def tables(swapped: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    first, second = (B, A) if swapped else (A, B)
    pairs = pl.DataFrame(
        {
            "response_a": first,
            "response_b": second,
            "source_row": [0, 1, 2],
            "swapped": [swapped] * 3,
        }
    )
    rows = [{"lead": 2, "x": "1.5", "y": 1, "name": "n"}, {"lead": -1, "x": 3, "y": 5}, {}]
    source = pl.DataFrame({"source_row": [0, 1, 2], "row": [json.dumps(row) for row in rows]})
    return pairs, source


@pytest.mark.parametrize("names", [("length",), ("style",), ("length", "style", "lead", "x:y")])
def test_exchanging_sides_negates_every_control(names: tuple[str, ...]) -> None:
    one, other = control_columns(*tables(False), names), control_columns(*tables(True), names)
    assert one.names == other.names
    assert np.allclose(one.columns, -other.columns)


def test_style_is_the_normalised_difference() -> None:
    pairs, source = tables(False)
    more = pl.DataFrame({"response_a": ["# One"], "response_b": ["`two`"], "source_row": [3],
                         "swapped": [False]})  # fmt: skip
    found = control_columns(pl.concat([pairs, more]), source, ("style",))
    style = dict(zip(found.names, found.columns.T, strict=True))
    assert style["headers"].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert style["lists"].tolist() == [1.0, -1.0, 0.0, 0.0]
    assert style["code"] == pytest.approx([0.0, 0.0, -1 / 3, -1.0])
    assert style["bold"].tolist() == [0.0, 0.0, 1.0, 0.0]


def test_a_control_that_others_add_up_to_is_left_out_with_a_note() -> None:
    pairs, _ = tables(False)
    rows = [{"x": 1, "y": 2, "z": 3}, {"x": 0, "y": 5, "z": 5}, {"x": 4, "y": -1, "z": 3}]
    source = pl.DataFrame({"source_row": [0, 1, 2], "row": [json.dumps(row) for row in rows]})
    found = control_columns(pairs, source, ("x", "y", "z"))
    assert found.names == ["x", "y"]
    assert found.notes == ["z says nothing beside the controls before it"]


def test_length_is_held_by_several_columns_under_one_name() -> None:
    words = np.random.default_rng(0).integers(1, 80, (2, 300))
    a, b = (["x " * count for count in side] for side in words)
    found = control_columns(pl.DataFrame({"response_a": a, "response_b": b}), NO_ROWS, ("length",))
    assert found.names == list(LENGTH_BASIS)
    assert held_names(found.names) == ["length"]
    assert np.corrcoef(found.columns[:, 0], length_difference(a, b))[0, 1] > 0.999
    assert np.linalg.matrix_rank(found.columns) == len(LENGTH_BASIS)
    assert np.abs(found.columns[:, 2]).max() == 1


def test_one_endless_response_is_no_direction_of_its_own() -> None:
    words = np.random.default_rng(0).integers(1, 80, (2, 1000))
    words[1, -1] = 50_000
    a, b = (["x " * count for count in side] for side in words)
    found = control_columns(pl.DataFrame({"response_a": a, "response_b": b}), NO_ROWS, ("length",))
    alone = np.zeros(1000)
    alone[-1] = 1.0
    rest = alone - found.columns @ np.linalg.lstsq(found.columns, alone)[0]
    assert np.square(rest).sum() > 0.8


def test_source_columns_follow_the_order_of_the_source() -> None:
    assert odd_column(*tables(False), "lead")[0].tolist() == [2, -1, 0]
    assert odd_column(*tables(True), "lead")[0].tolist() == [-2, 1, 0]
    assert odd_column(*tables(False), "x:y")[0].tolist() == [0.5, -2, 0]
    assert odd_column(*tables(False), "x:y")[1] == 1


def test_constant_and_unknown_controls_are_said_to_be_so() -> None:
    pairs, source = tables(False)
    same = pairs.with_columns(response_b=pl.col("response_a"))
    found = control_columns(same, source, ("length", "lead"))
    assert found.names == ["lead"]
    assert "lead is missing in 1 pairs" in found.notes[0]
    assert "length is the same" in found.notes[1]
    for name in ("name", "absent", "x:y:lead"):
        with pytest.raises(ConfigError, match="neither length nor style"):
            control_columns(pairs, source, (name,))


def test_length_difference_is_odd() -> None:
    a, b = ["one two", "", "x " * 50], ["one", "two", "y"]
    assert np.array_equal(length_difference(a, b), -length_difference(b, a))
