"""Subsets by a column and by what prompts are about."""

import json

import numpy as np
import polars as pl
import pytest

from wimhf.base.config import DescribeConfig
from wimhf.data.dates import months
from wimhf.data.subsets import MIN_PAIRS, cluster_prompts, column_subsets
from wimhf.describe import describe_groups
from wimhf.errors import ConfigError

TOPICS = {
    "cooking": ["recipe", "oven", "flour", "butter"],
    "travel": ["train", "hotel", "border", "visa"],
    "law": ["contract", "tenant", "court", "lawyer"],
}


def table(values: list[object]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [json.dumps({"topic": value, "text": f"t{i}"}) for i, value in enumerate(values)]
    number = list(range(len(values)))
    return pl.DataFrame({"source_row": number}), pl.DataFrame({"source_row": number, "row": rows})


def test_a_column_divides_the_pairs_and_small_values_are_left_out_with_a_note() -> None:
    values: list[object] = ["a"] * 70 + ["b"] * 90 + ["c"] * (MIN_PAIRS - 1) + [None] * 5 + [[1]]
    found = column_subsets(*table(values), "topic")
    assert found.names == ["b", "a"]
    assert np.bincount(found.member + 1).tolist() == [MIN_PAIRS + 5, 90, 70]
    assert "1 of 3 values of topic are left out" in found.notes[0]


def test_too_few_large_values_give_no_subsets_and_a_reason() -> None:
    found = column_subsets(*table(["a"] * 200 + ["b"] * 3), "topic")
    assert found.names == []
    assert found.reason == f"fewer than two values of topic have {MIN_PAIRS} pairs"
    assert (found.member == -1).all()


@pytest.mark.parametrize("name", ["text", "nothing"])
def test_a_column_that_names_no_groups_is_refused_in_words(name: str) -> None:
    with pytest.raises(ConfigError, match="distinct values" if name == "text" else "topic"):
        column_subsets(*table(["a"] * 600), name)


def test_the_pair_table_is_asked_before_the_source() -> None:
    pairs, rows = table(["x"] * 120)
    pairs = pairs.with_columns(pl.Series("subset", ["one"] * 60 + ["two"] * 60))
    assert column_subsets(pairs, rows, "subset").names == ["one", "two"]


def prompts(rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    texts, topic = [], []
    for i in range(600):
        words = list(TOPICS.values())[i % 3]
        filler = rng.choice(["please", "today", "quickly", "really", "again"], 3)
        texts.append(f"{rng.choice(words)} {' '.join(filler)} {rng.choice(words)} {i}")
        topic.append(i % 3)
    return texts, np.array(topic)


def test_clusters_are_the_planted_ones_largest_first_and_the_same_again() -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((3, 16)) * 3
    truth = rng.choice(3, 500, p=(0.2, 0.5, 0.3))
    vectors = (centres[truth] + 0.3 * rng.standard_normal((500, 16))).astype(np.float32)
    one, two = (cluster_prompts(vectors, 3, np.random.default_rng(7)) for _ in range(2))
    assert (one == two).all()
    assert np.bincount(one).tolist() == sorted(np.bincount(truth).tolist(), reverse=True)
    assert len(set(zip(one.tolist(), truth.tolist(), strict=True))) == 3
    assert len(np.unique(cluster_prompts(vectors[:400], None, rng))) == 2


def test_groups_are_named_by_their_own_words() -> None:
    texts, topic = prompts(np.random.default_rng(0))
    names = describe_groups(texts, topic, DescribeConfig(), np.random.default_rng(0))
    for name, words in zip(names, TOPICS.values(), strict=True):
        assert name.understood
        assert name.fidelity is not None
        assert name.fidelity > 0.7
        said = {w for others in TOPICS.values() for w in others if w in name.sentence}
        assert said
        assert said <= set(words)


def test_groups_that_differ_in_nothing_are_not_named() -> None:
    texts, _ = prompts(np.random.default_rng(0))
    mixed = np.random.default_rng(1).integers(3, size=len(texts))
    names = describe_groups(texts, mixed, DescribeConfig(), np.random.default_rng(0))
    assert not any(name.understood for name in names)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        (
            "when",
            ["2024-05-17", "2024/05/02", "2023-12-31T23:59:59Z"],
            ["2024-05", "2024-05", "2023-12"],
        ),
        ("seen", ["2024-05-17 10:00", None, ""], ["2024-05", None, None]),
        ("tstamp", [1716000000.5, 1704067199, None], ["2024-05", "2023-12", None]),
        ("createdAt", ["1716000000000", "1704067200000000"], ["2024-05", "2024-01"]),
        ("user", [1716000000, 1704067199], None),
        ("when", ["2024-05-17", "soon"], None),
        ("when", ["2024-13-01"], None),
        ("when", [12, 13], None),
        ("time", [True, False], None),
        ("date", [None, ""], None),
    ],
)
def test_dates_are_months_and_nothing_else_is(
    name: str, values: list[object], expected: list[str | None] | None
) -> None:
    assert months(name, values) == expected


def test_a_column_of_dates_divides_by_month_in_the_order_of_time() -> None:
    values: list[object] = [f"2024-0{5 - at % 3}-{1 + at % 28:02d}" for at in range(300)]
    values += ["2023-01-01"] * 3
    found = column_subsets(*table(values), "topic")
    assert found.names == ["2024-03", "2024-04", "2024-05"]
    assert found.member[:3].tolist() == [2, 1, 0]
    assert found.member[-1] == -1
    assert any("grouped by month" in note for note in found.notes)
    assert column_subsets(*table(["2024-05-01"] * 200), "topic").reason
