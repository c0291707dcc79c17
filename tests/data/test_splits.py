"""Nothing a pair shares straddles a split."""

import json

import numpy as np
import polars as pl
import pytest

from wimhf.base.config import SplitConfig
from wimhf.data.pairs import Pair, pair_table
from wimhf.data.splits import pair_components, split_pairs
from wimhf.errors import ConfigError, EstimationError


def table(prompts: list[str], first: list[str], second: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"prompt": prompts, "response_a": first, "response_b": second})


def test_prompts_and_identical_responses_stay_together() -> None:
    n = 300
    pairs = table(
        [f"Question {i // 3} " if i % 2 else f"question  {i // 3}" for i in range(n)],
        [f"answer {i % 290}" for i in range(n)],
        [f"reply {i}" for i in range(n)],
    )
    split = split_pairs(pairs, SplitConfig(), 0)
    for key in ("prompt", "response_a"):
        same = pl.col(key).str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
        parts = pairs.with_columns(part=pl.Series(split.part), key=same)
        grouped = parts.group_by("key").agg(pl.col("part").n_unique())
        assert grouped["part"].max() == 1
    assert not split.note


def test_exchanging_sides_changes_no_split() -> None:
    n = 90
    first, second = [f"a{i}" for i in range(n)], [f"b{i % 40}" for i in range(n)]
    prompts = [f"q{i // 2}" for i in range(n)]
    one = split_pairs(table(prompts, first, second), SplitConfig(), 3)
    other = split_pairs(table(prompts, second, first), SplitConfig(), 3)
    assert (one.part == other.part).all()
    assert (one.component == other.component).all()


def test_empty_prompts_link_nothing() -> None:
    pairs = table([""] * 60, [f"a{i}" for i in range(60)], [f"b{i}" for i in range(60)])
    assert split_pairs(pairs, SplitConfig(), 0).component.max() == 59


def test_first_turns_hold_together_where_asked() -> None:
    n = 60
    turns = [
        json.dumps([{"role": "user", "content": f"Begin  {i // 2}"},
                    {"role": "assistant", "content": f"said {i}"},
                    {"role": "user", "content": f"then {i}"}])
        for i in range(n)
    ]  # fmt: skip
    pairs = table([f"p{i}" for i in range(n)], [f"a{i}" for i in range(n)],
                  [f"b{i}" for i in range(n)])  # fmt: skip
    pairs = pairs.with_columns(turns=pl.Series(turns))
    assert split_pairs(pairs, SplitConfig(), 0).component.max() == n - 1
    split = split_pairs(pairs, SplitConfig(group="first-turn"), 0)
    assert split.component.max() == n // 2 - 1
    assert (split.part[::2] == split.part[1::2]).all()
    with pytest.raises(ConfigError, match="group 'turn' is unknown; use prompt or first-turn"):
        SplitConfig(group="turn")


@pytest.mark.parametrize("shared", ["response", "prompt"])
def test_where_everything_is_linked_the_reader_is_told(shared: str) -> None:
    n = 60
    prompts = ["same"] * n if shared == "prompt" else [f"q{i}" for i in range(n)]
    first = ["I cannot help."] * n if shared == "response" else [f"a{i}" for i in range(n)]
    split = split_pairs(table(prompts, first, [f"b{i}" for i in range(n)]), SplitConfig(), 0)
    assert split.note
    assert set(split.part) == {"fit", "select", "test"}


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(EstimationError, match="1 pair is too few"):
        split_pairs(table(["q"], ["a"], ["b"]), SplitConfig(), 0)


def test_one_large_group_leaves_the_others_whole() -> None:
    n = 600
    prompts = ["popular"] * 400 + [f"q{i // 4}" for i in range(200)]
    pairs = table(prompts, [f"a{i}" for i in range(n)], [f"b{i}" for i in range(n)])
    split = split_pairs(pairs, SplitConfig(), 0)
    assert "400 pairs" in split.note
    rest = pl.DataFrame({"prompt": prompts[400:], "part": split.part[400:]})
    assert rest.group_by("prompt").agg(pl.col("part").n_unique())["part"].max() == 1


def test_identical_responses_link_pairs_whichever_side_they_stand_on() -> None:
    rng = np.random.default_rng(0)
    texts = [f"text {n}" for n in rng.integers(0, 2000, 160)]
    pairs = [Pair(f"prompt {n}", texts[2 * n], texts[2 * n + 1], 1.0) for n in range(80)]
    pairs += [Pair("another", texts[3], "alone", 1.0)]
    plain, _ = pair_components(pair_table(pairs, range(len(pairs))))
    some = [p.exchanged() if rng.random() < 0.5 else p for p in pairs]
    turned, _ = pair_components(pair_table(some, range(len(pairs))))
    assert (plain == turned).all()
    assert plain[80] == plain[1]  # texts[3] is B of the one and A of the other
