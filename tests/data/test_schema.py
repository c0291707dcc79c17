from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wimhf.data.pairs import (
    PAIR_COLUMNS,
    Pair,
    RowReject,
    content_hash,
    drawn_sides,
    pair_table,
    reject_table,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
PAIRS = st.builds(
    Pair,
    prompt=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    response_a=TEXT,
    response_b=TEXT,
    label=st.none() | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    model_a=st.none() | st.just("one"),
    model_b=st.none() | st.just("two"),
)


def table_of(*pairs: Pair) -> list[dict[str, object]]:
    return pair_table(pairs, range(len(pairs))).to_dicts()


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_exchanging_sides_twice_is_the_identity(pair: Pair) -> None:
    assert pair.exchanged().exchanged() == pair


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_exchanging_sides_mirrors_everything_that_has_a_side(pair: Pair) -> None:
    other = pair.exchanged()
    assert (other.response_a, other.response_b) == (pair.response_b, pair.response_a)
    assert (other.model_a, other.model_b) == (pair.model_b, pair.model_a)
    assert other.swapped != pair.swapped
    if pair.label is None:
        assert other.label is None
    else:
        assert other.label == 1 - pair.label


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_ids_ignore_sides_and_are_16_hex_digits(pair: Pair) -> None:
    one, other = table_of(pair)[0], table_of(pair.exchanged())[0]
    assert one["pair_id"] == other["pair_id"]
    assert re.fullmatch(r"[0-9a-f]{16}", str(one["pair_id"]))


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_the_draw_keeps_the_winner_whoever_it_is(pair: Pair) -> None:
    won = Pair(pair.prompt, pair.response_a, pair.response_b, 1.0)
    lost = Pair(pair.prompt, pair.response_b, pair.response_a, 1.0)
    first, second = drawn_sides(won), drawn_sides(lost)
    assert (first.response_a, first.response_b) == (second.response_a, second.response_b)
    winner = first.response_a if first.label == 1.0 else first.response_b
    assert winner == pair.response_a
    if pair.response_a != pair.response_b:
        assert second.label == 1.0 - first.label


def test_ids_never_change_between_versions() -> None:
    # runs, edits and exports refer to pairs by these digits
    assert content_hash("prompt", "one", "two") == content_hash("prompt", "two", "one")
    assert content_hash("prompt", "one", "two") == "1f933defd1982833"


def test_ids_tell_prompts_and_responses_apart() -> None:
    ids = {
        content_hash("a", "b", "c"),
        content_hash("", "ab", "c"),
        content_hash("b", "a", "c"),
        content_hash("c", "a", "b"),
        content_hash("a", "b", "c "),
        content_hash('a","b', "c", "d"),
    }
    assert len(ids) == 6


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from("xyz"), min_size=1, max_size=12))
def test_repeats_get_occurrence_numbers(names: list[str]) -> None:
    pairs = [Pair("p", name, "other", 1.0) for name in names]
    pairs = [pair.exchanged() if n % 2 else pair for n, pair in enumerate(pairs)]
    ids = [str(row["pair_id"]) for row in table_of(*pairs)]
    assert len(set(ids)) == len(ids)
    by_content: dict[str, list[str]] = {}
    for name, found in zip(names, ids, strict=True):
        by_content.setdefault(name, []).append(found)
    for found in by_content.values():
        assert found == [found[0]] + [f"{found[0]}-{n}" for n in range(2, len(found) + 1)]


def test_the_table_has_declared_columns_only_where_something_is_in_them() -> None:
    table = pair_table([Pair("p", "x", "y", None), Pair("p", "x", "z", 0.5, subset="s")], [3, 7])
    assert set(table.columns) == {
        "pair_id", "prompt", "response_a", "response_b", "label", "weight", "subset",
        "source_row", "swapped",
    }  # fmt: skip
    assert {name: table.schema[name] for name in table.columns} == {
        name: PAIR_COLUMNS[name] for name in table.columns
    }
    assert table["source_row"].to_list() == [3, 7]
    assert table["label"].to_list() == [None, 0.5]


def test_a_table_without_labels_keeps_the_label_column() -> None:
    assert pair_table([Pair("p", "x", "y", None)], [0])["label"].to_list() == [None]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"response_a": ""}, "empty response"),
        ({"response_b": " \n\t\u3000"}, "empty response"),
        ({"prompt": "\ud800"}, "text is not valid Unicode"),
        ({"response_b": "fine \udfff"}, "text is not valid Unicode"),
        ({"annotator": "\ud800"}, "text is not valid Unicode"),
        ({"subset": "\ud800"}, "text is not valid Unicode"),
        ({"label": 1.01}, "label out of range"),
        ({"label": -0.01}, "label out of range"),
        ({"label": float("nan")}, "label out of range"),
        ({"weight": -1.0}, "weight out of range"),
        ({"weight": float("inf")}, "weight out of range"),
        ({"weight": float("nan")}, "weight out of range"),
    ],
)
def test_what_is_not_a_pair_is_rejected_with_its_reason(
    values: dict[str, object], reason: str
) -> None:
    good: dict[str, object] = {"prompt": "p", "response_a": "x", "response_b": "y", "label": 1.0}
    with pytest.raises(RowReject) as caught:
        Pair(**(good | values))  # type: ignore[arg-type]
    assert caught.value.reason == reason


def test_rejects_are_laid_out_with_their_row() -> None:
    table = reject_table([(4, RowReject("empty response", "response A has no text"))])
    assert table.to_dicts() == [
        {"source_row": 4, "reason": "empty response", "detail": "response A has no text"}
    ]
    assert reject_table([]).columns == ["source_row", "reason", "detail"]


def test_the_draw_is_balanced_and_reproducible() -> None:
    pairs = [Pair(f"prompt {n}", f"better {n}", f"worse {n}", 1.0) for n in range(2000)]
    drawn = [drawn_sides(pair) for pair in pairs]
    labels = Counter(pair.label for pair in drawn)
    # 2,000 fair draws lie within 4 standard deviations of 1,000
    assert abs(labels[1.0] - 1000) < 90
    assert drawn == [drawn_sides(pair) for pair in pairs]
